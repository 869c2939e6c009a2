/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "image.h"
#include "qfu-error.h"

#include <string.h>

#define ENTRY 132

static GByteArray *
table (guint max, guint count, guint present)
{
  GByteArray *log = g_byte_array_new ();

  image_u16 (log, (guint16)max);
  image_u16 (log, (guint16)count);
  for (guint i = 0; i < present; i++) {
    guint8 digest[64] = {(guint8)(i + 1)};
    char name[50] = "CBFS: a";

    image_u32 (log, 2);
    g_byte_array_append (log, (const guint8 *)"SHA256\0\0\0\0", 10);
    g_byte_array_append (log, digest, sizeof digest);
    image_u32 (log, 32);
    g_byte_array_append (log, (const guint8 *)name, sizeof name);
  }
  return log;
}

static void
assert_refused (const GByteArray *log)
{
  g_autoptr (QfuCollected) collected = qfu_collect ("eventlog", NULL, log->data, log->len);

  g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_FORMAT);
  g_assert_cmpstr (collected->text, ==, "");
}

static void
test_entries (void)
{
  g_autoptr (GByteArray) log = table (50, 2, 3);
  g_autoptr (QfuCollected) collected = qfu_collect ("eventlog", NULL, log->data, log->len);
  g_auto (GStrv) lines = NULL;

  g_assert_no_error (collected->error);
  lines = g_strsplit (collected->text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 4);
  g_assert_cmpstr (lines[0], ==, "LOG KIND=1 TOTAL=2 FLAGS=1 LOCALITY=0");
  g_assert_true (
      g_str_has_prefix (lines[1], "EVENT KIND=5 NAME=\"CBFS: a\" PCR=2 DIGEST=0b000100"));
}

static void
test_refused (void)
{
  static const struct {
    guint at;
    guint8 value;
  } cases[] = {{4, 24}, {10, '9'}, {14, 'x'}, {82, 31}, {82, 33}, {85, 0xff}};
  g_autoptr (GByteArray) more = table (1, 2, 2);
  g_autoptr (GByteArray) fewer = table (50, 3, 2);
  g_autoptr (GByteArray) huge = table (50, 0xffff, 2);

  assert_refused (more);
  assert_refused (fewer);
  assert_refused (huge);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) log = table (50, 1, 1);

    log->data[cases[i].at] = cases[i].value;
    assert_refused (log);
  }
}

static void
test_cut (void)
{
  g_autoptr (GByteArray) log = table (2, 2, 2);

  for (guint size = 12; size < 4 + 2 * ENTRY; size++) {
    g_autoptr (QfuCollected) collected = qfu_collect ("eventlog", NULL, log->data, size);

    g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

/* A table in which nothing was measured is an empty log, whatever its size. */
static void
test_unused (void)
{
  g_autoptr (GByteArray) log = table (50, 0, 0);

  for (guint size = 4; size < 200; size += 97) {
    g_autoptr (QfuCollected) said = NULL;

    g_byte_array_set_size (log, size);
    memset (log->data + 4, 0, size - 4);
    said = qfu_collect ("eventlog", NULL, log->data, log->len);
    g_assert_error (said->error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eventlog-cb/entries", test_entries);
  g_test_add_func ("/eventlog-cb/refused", test_refused);
  g_test_add_func ("/eventlog-cb/cut", test_cut);
  g_test_add_func ("/eventlog-cb/unused", test_unused);
  return g_test_run ();
}
