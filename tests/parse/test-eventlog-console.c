/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "qfu-error.h"

#include <string.h>

#define SHA1 "9ae6a7f71e777b67dd677757e6d965845e468ed6"
#define HEADING "[INFO ]  coreboot TPM 1.2 measurements:\r\n\r\n"
#define LINE "[INFO ]   PCR-2 " SHA1 " SHA1 [FMAP: FMAP]\r\n"

static void
assert_events (const char *text, const char *expected)
{
  g_autoptr (QfuCollected) collected = qfu_collect ("eventlog", NULL, text, strlen (text));

  g_assert_no_error (collected->error);
  g_assert_cmpstr (collected->text, ==, expected);
}

static void
test_listing (void)
{
  assert_events (HEADING LINE, "LOG KIND=4 TOTAL=1 FLAGS=1 LOCALITY=0\n"
                               "EVENT KIND=5 NAME=\"FMAP: FMAP\" PCR=2 DIGEST=0400" SHA1 "\n");
}

/* The console keeps earlier boots: the last listing counts. */
static void
test_last_boot (void)
{
  assert_events (HEADING LINE LINE HEADING "other text\n" LINE,
                 "LOG KIND=4 TOTAL=1 FLAGS=1 LOCALITY=0\n"
                 "EVENT KIND=5 NAME=\"FMAP: FMAP\" PCR=2 DIGEST=0400" SHA1 "\n");
}

static void
test_no_measurement (void)
{
  static const char *const lines[] = {
      "nothing here\n",
      "PCR-24 " SHA1 " SHA1 [x]\n",
      "PCR-2 " SHA1 " SHA256 [x]\n",
      "PCR-2 " SHA1 "00 SHA1 [x]\n",
      "PCR-2 " SHA1 " MD5 [x]\n",
      "PCR- " SHA1 " SHA1 [x]\n",
      "PCR-2 " SHA1 " SHA1 x]\n",
      "PCR-2 " SHA1 " SHA1 [x\n",
      "] PCR-2 " SHA1 " SHA1 [\n",
      "PCR-2 [x]\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (QfuCollected) collected =
        qfu_collect ("eventlog", NULL, lines[i], strlen (lines[i]));

    g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eventlog-console/listing", test_listing);
  g_test_add_func ("/eventlog-console/last-boot", test_last_boot);
  g_test_add_func ("/eventlog-console/no-measurement", test_no_measurement);
  return g_test_run ();
}
