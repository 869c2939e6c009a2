/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-tpm-sysfs.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <glib/gstdio.h>

#define SHA1 "9AE6A7F71E777B67DD677757E6D965845E468ED6"
#define SPACED "9A E6 A7 F7 1E 77 7B 67 DD 67 77 57 E6 D9 65 84 5E 46 8E D6 "

static char *directory;

static void
put (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (directory, folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static gboolean
get (const char *folder, QfuPcrSet *values, GError **error)
{
  g_autofree char *path = g_build_filename (directory, folder, NULL);

  return qfu_tpm_sysfs_read (path, values, error);
}

static void
assert_value (const QfuPcrSet *values, QfuHash hash, guint pcr, const char *expected)
{
  const QfuDigest *value = qfu_pcr_set_get (values, hash, pcr);
  g_autofree char *hex = value == NULL ? NULL : qfu_digest_to_hex (value);
  g_autofree char *lower = g_ascii_strdown (expected, -1);

  g_assert_cmpstr (hex, ==, lower);
}

static void
test_tpm2 (void)
{
  g_autofree char *long_value = g_strnfill (64, 'A');
  QfuPcrSet values;

  put ("two", "tpm_version_major", "2\n");
  put ("two", "pcr-sha1/0", SHA1 "\n");
  put ("two", "pcr-sha1/23", SHA1 "\n");
  put ("two", "pcr-sha256/7", long_value);
  put ("two", "pcr-sm3_256/7", long_value);
  g_assert_true (get ("two", &values, NULL));
  assert_value (&values, QFU_HASH_SHA1, 0, SHA1);
  assert_value (&values, QFU_HASH_SHA1, 23, SHA1);
  assert_value (&values, QFU_HASH_SHA256, 7, long_value);
  g_assert_null (qfu_pcr_set_get (&values, QFU_HASH_SHA1, 7));
  g_assert_null (qfu_pcr_set_get (&values, QFU_HASH_SHA384, 7));
}

static void
test_tpm1 (void)
{
  static const char *const places[] = {"one/pcrs", "older/device/pcrs"};

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autofree char *folder = g_strndup (places[i], i == 0 ? 3 : 5);
    QfuPcrSet values;

    put (folder, "tpm_version_major", "1\n");
    put ("", places[i], "PCR-00: " SPACED "\nPCR-17: " SPACED "\n");
    g_assert_true (get (folder, &values, NULL));
    assert_value (&values, QFU_HASH_SHA1, 0, SHA1);
    assert_value (&values, QFU_HASH_SHA1, 17, SHA1);
    g_assert_null (qfu_pcr_set_get (&values, QFU_HASH_SHA1, 1));
  }
}

static void
test_damaged (void)
{
  static const struct {
    const char *name;
    const char *text;
  } cases[] = {
      {"pcr-sha1/0", SHA1 "00\n"},
      {"pcr-sha256/0", SHA1 "\n"},
      {"pcr-sha1/0", "x\n"},
      {"pcrs", "PCR-24: " SPACED "\n"},
      {"pcrs", "PCR-: " SPACED "\n"},
      {"pcrs", "PCR-00 " SPACED "\n"},
      {"device/pcrs", "PCR-00: " SPACED "0"},
      {"pcrs", "00: " SPACED "\n"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *folder = g_strdup_printf ("bad%zu", i);
    g_autoptr (GError) error = NULL;
    QfuPcrSet values;

    g_test_message ("%s", cases[i].text);
    put (folder, cases[i].name, cases[i].text);
    g_assert_false (get (folder, &values, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

static void
test_nothing (void)
{
  g_autoptr (GError) absent = NULL;
  g_autoptr (GError) empty = NULL;
  QfuPcrSet values;

  g_assert_false (get ("nowhere", &values, &absent));
  g_assert_error (absent, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  put ("without", "tpm_version_major", "2\n");
  g_assert_false (get ("without", &values, &empty));
  g_assert_error (empty, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  g_assert_cmpstr (empty->message, !=, absent->message);
}

static void
test_where (void)
{
  g_autofree char *device = g_build_filename (directory, "tpmrm0", NULL);
  g_autofree char *as_is = qfu_tpm_sysfs_where ("swtpm:path=/a", device);
  g_autofree char *without = qfu_tpm_sysfs_where ("", device);
  g_autofree char *with = NULL;
  g_autofree char *expected = g_strdup_printf ("device:%s", device);

  g_assert_cmpstr (as_is, ==, "swtpm:path=/a");
  g_assert_cmpstr (without, ==, "sysfs:/sys/class/tpm/tpm0");
  g_assert_true (g_file_set_contents (device, "", 0, NULL));
  with = qfu_tpm_sysfs_where (NULL, device);
  g_assert_cmpstr (with, ==, expected);
}

int
main (int argc, char **argv)
{
  int result;

  test_init (&argc, &argv);
  directory = test_directory ();
  g_test_add_func ("/tpm-sysfs/tpm2", test_tpm2);
  g_test_add_func ("/tpm-sysfs/tpm1", test_tpm1);
  g_test_add_func ("/tpm-sysfs/damaged", test_damaged);
  g_test_add_func ("/tpm-sysfs/nothing", test_nothing);
  g_test_add_func ("/tpm-sysfs/where", test_where);
  result = g_test_run ();
  test_directory_remove (directory);
  g_free (directory);
  return result;
}
