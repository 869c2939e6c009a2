/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-declared.h"
#include "testconfig.h"

#include <string.h>

#define SHA1 "a9993e364706816aba3e25717850c26c9cd0d89d"
#define SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* What is no digest is left out, and what is keeps its place. */
static void
test_values (void)
{
  static char *const checksums[] = {(char *)"sha256:" SHA256,
                                    (char *)"sha256:" SHA1,
                                    (char *)"md5:900150983cd24fb0d6963f7d28e17f72",
                                    (char *)"sha1:" SHA1,
                                    (char *)SHA256,
                                    (char *)"",
                                    (char *)"sha256:",
                                    (char *)":" SHA256,
                                    (char *)"sha256:" SHA256 "00",
                                    NULL};
  static char *const none[] = {NULL};
  g_autoptr (GArray) values = qfu_declared_values (checksums);
  g_autoptr (GArray) empty = qfu_declared_values (none);
  g_autoptr (GArray) absent = qfu_declared_values (NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  g_assert_cmpuint (empty->len, ==, 0);
  g_assert_cmpuint (absent->len, ==, 0);
  g_assert_cmpuint (values->len, ==, 2);
  first = qfu_digest_to_hex (&g_array_index (values, QfuDigest, 0));
  second = qfu_digest_to_hex (&g_array_index (values, QfuDigest, 1));
  g_assert_cmpint (g_array_index (values, QfuDigest, 0).hash, ==, QFU_HASH_SHA256);
  g_assert_cmpint (g_array_index (values, QfuDigest, 1).hash, ==, QFU_HASH_SHA1);
  g_assert_cmpstr (first, ==, SHA256);
  g_assert_cmpstr (second, ==, SHA1);
}

/* Each value may be what PCR 0 holds after the boot. */
static void
test_record (void)
{
  static char *const checksums[] = {(char *)"sha1:" SHA1, (char *)"sha256:" SHA256, NULL};
  g_autoptr (GArray) values = qfu_declared_values (checksums);
  g_autoptr (QfuRefRecord) named = qfu_ref_record_new ();
  g_autoptr (QfuRefRecord) unnamed = qfu_ref_record_new ();

  qfu_declared_record (named, values, "uefi_capsule");
  g_assert_cmpint (named->basis, ==, QFU_BASIS_DECLARED);
  g_assert_nonnull (strstr (named->why_unpredicted, "uefi_capsule"));
  g_assert_cmpuint (named->forecasts->len, ==, values->len);
  for (guint i = 0; i < values->len; i++) {
    const QfuForecast *row = &g_array_index (named->forecasts, QfuForecast, i);
    const QfuDigest *value = &g_array_index (values, QfuDigest, i);

    g_assert_cmpuint (row->pcr, ==, 0);
    g_assert_cmpint (row->bank, ==, value->hash);
    g_assert_true (qfu_digest_equal (&row->value, value));
  }
  qfu_declared_record (unnamed, values, NULL);
  g_assert_nonnull (strstr (unnamed->why_unpredicted, "(unnamed)"));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/declared/values", test_values);
  g_test_add_func ("/declared/record", test_record);
  return g_test_run ();
}
