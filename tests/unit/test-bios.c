/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-bios.h"
#include "testconfig.h"

static void
test_version (void)
{
  static const struct {
    const char *text;
    const char *version;
  } cases[] = {
      {"25.05", "25.05"},
      {"4.21", "4.21"},
      {"4.21-123-gabcdef1", "4.21"},
      {"4.13-Purism-1", "4.13"},
      {"CBET4000 4.19.2", "4.19.2"},
      {"CBET4000 Heads-v0.2.1-1980-g1234567", "0.2.1"},
      {"CBET4000 ", "CBET4000"},
      {"Dasharo (coreboot+UEFI) v1.7.2", "1.7.2"},
      {"Dasharo (coreboot+heads) v0.9.0-rc5", "0.9.0"},
      {"MrChromebox-2408.1", "2408.1"},
      {"1.2.3.4", "1.2.3.4"},
      {"build 7 of 24.08", "24.08"},
      {"1.2.3.4.5", "1.2.3.4.5"}, /* no fwupd format has five numbers: plain */
      {"2024-05-22_abcdef1", "2024-05-22_abcdef1"},
      {"PureBoot-Release-28", "PureBoot-Release-28"},
      {"0", "0"},
      {"  24.  ", "24."},
      {"two words", NULL},
      {"bell\a", NULL},
      {"caf\xc3\xa9", NULL},
      {"", NULL},
      {" ", NULL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *version = qfu_bios_version (cases[i].text);

    g_assert_cmpstr (version, ==, cases[i].version);
  }
}

static void
test_long (void)
{
  g_autofree char *word = g_strnfill (65, 'x');
  g_autofree char *digits = g_strnfill (65, '1');
  g_autofree char *dotted = g_strconcat (digits, ".2", NULL);

  g_assert_null (qfu_bios_version (word));
  g_assert_null (qfu_bios_version (dotted));
  word[64] = '\0';
  g_autofree char *version = qfu_bios_version (word);
  g_assert_cmpstr (version, ==, word);
}

static void
assert_release (const char *major, const char *minor, const char *expected)
{
  g_autofree char *release = qfu_bios_release (major, minor);

  g_assert_cmpstr (release, ==, expected);
}

static void
test_release (void)
{
  assert_release ("25", "5", "25.5");
  assert_release ("0", "9", "0.9");
  assert_release ("255", "0", "255.0");
  assert_release ("0", "0", NULL);
  assert_release ("255", "255", NULL);
  assert_release (NULL, "5", NULL);
  assert_release ("25", NULL, NULL);
  assert_release ("", "", NULL);
  assert_release ("25", "5a", NULL);
  assert_release ("1000", "5", NULL);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/bios/version", test_version);
  g_test_add_func ("/bios/long", test_long);
  g_test_add_func ("/bios/release", test_release);
  return g_test_run ();
}
