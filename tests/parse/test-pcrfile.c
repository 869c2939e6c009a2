/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Op `pcrfile`: the values beside a quote, as tpm2_quote dumps them. */
#include "attester.h"
#include "collect.h"
#include "qfu-error.h"
#include "qfu-limits.h"

#include <string.h>

#define SELECTION 8                  /* bytes of one */
#define LISTS (4 + 16 * SELECTION)   /* where their number stands */
#define LIST (4 + 8 * 66)            /* bytes of one */
#define FIRST_COUNT (LISTS + 4)      /* of the values in the first */
#define FIRST_SIZE (FIRST_COUNT + 4) /* of the first value */

/* (transfer full): the file of attester_values(). */
static GByteArray *
usual (void)
{
  QfuPcrSet values;

  attester_values (&values);
  return g_bytes_unref_to_array (qfu_pcrfile_make (&values));
}

static QfuCollected *
run (const GByteArray *file)
{
  return qfu_collect ("pcrfile", NULL, file->data, file->len);
}

static guint
count (const char *text)
{
  guint n = 0;

  for (const char *at = text; (at = strstr (at, "PCR PCR=")) != NULL; at++)
    n++;
  return n;
}

static void
assert_refused (GByteArray *file, int code)
{
  g_autoptr (QfuCollected) got = run (file);

  g_assert_error (got->error, QFU_ERROR, code);
  g_byte_array_unref (file);
}

static void
test_good (void)
{
  g_autoptr (GByteArray) file = usual ();
  g_autoptr (QfuCollected) got = run (file);
  QfuPcrSet values;
  g_autofree char *hex = NULL;

  attester_values (&values);
  hex = qfu_digest_to_hex (&values.value[1][7]);
  g_assert_no_error (got->error);
  g_assert_cmpuint (file->len, ==, LISTS + 4 + 2 * LIST);
  g_assert_cmpuint (count (got->text), ==, 16);
  g_assert_true (g_str_has_prefix (got->text, "PCR PCR=0 DIGEST=0400"));
  g_assert_nonnull (strstr (got->text, hex));
}

/* All that is known, in four banks: the most that there is. */
static void
test_all (void)
{
  QfuPcrSet values;
  g_autoptr (GByteArray) file = NULL;
  g_autoptr (QfuCollected) got = NULL;

  for (guint i = 0; i < QFU_BANK_COUNT * QFU_PCR_COUNT; i++) {
    values.known[i / QFU_PCR_COUNT][i % QFU_PCR_COUNT] = TRUE;
    qfu_digest_compute (qfu_bank_hash (i / QFU_PCR_COUNT), &i, sizeof i,
                        &values.value[i / QFU_PCR_COUNT][i % QFU_PCR_COUNT]);
  }
  file = g_bytes_unref_to_array (qfu_pcrfile_make (&values));
  got = run (file);
  g_assert_no_error (got->error);
  g_assert_cmpuint (count (got->text), ==, 96);
}

static void
test_cut (void)
{
  g_autoptr (GByteArray) whole = usual ();

  for (guint size = 0; size < whole->len; size++) {
    GByteArray *part = g_byte_array_new ();

    g_byte_array_append (part, whole->data, size);
    assert_refused (part, QFU_ERROR_FORMAT);
  }
  g_byte_array_append (whole, (const guint8 *)"", 1);
  assert_refused (g_byte_array_ref (whole), QFU_ERROR_FORMAT);
}

static void
test_hostile (void)
{
  static const struct {
    gsize at;
    guint8 value;
    int code;
  } changes[] = {
      {0, 0, QFU_ERROR_FORMAT},                 /* no bank */
      {0, 1, QFU_ERROR_FORMAT},                 /* more values than are selected */
      {0, 3, QFU_ERROR_FORMAT},                 /* the third is all zeros */
      {3, 0xff, QFU_ERROR_FORMAT},              /* more banks than there are rooms */
      {4, 0x99, QFU_ERROR_UNSUPPORTED},         /* an algorithm of nobody */
      {6, 4, QFU_ERROR_FORMAT},                 /* more bits than PCRs */
      {7, 0, QFU_ERROR_FORMAT},                 /* fewer selected than there are */
      {8, 0xff, QFU_ERROR_FORMAT},              /* more selected than there are */
      {10, 1, QFU_ERROR_FORMAT},                /* PCR 24 */
      {LISTS, 1, QFU_ERROR_FORMAT},             /* bytes left over */
      {LISTS + 3, 0xff, QFU_ERROR_FORMAT},      /* lists without end */
      {FIRST_COUNT, 9, QFU_ERROR_FORMAT},       /* more than fit into a list */
      {FIRST_COUNT, 7, QFU_ERROR_FORMAT},       /* a value too few */
      {FIRST_SIZE, 19, QFU_ERROR_FORMAT},       /* a short value */
      {FIRST_SIZE, 64, QFU_ERROR_FORMAT},       /* a long one */
      {FIRST_SIZE + 1, 0xff, QFU_ERROR_FORMAT}, /* one beyond its room */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++) {
    GByteArray *file = usual ();

    file->data[changes[i].at] = changes[i].value;
    g_test_message ("byte %zu", changes[i].at);
    assert_refused (file, changes[i].code);
  }
}

static void
test_sizes (void)
{
  GByteArray *at = g_byte_array_new ();
  GByteArray *past = g_byte_array_new ();

  g_byte_array_set_size (at, QFU_PCRFILE_SIZE_MAX);
  g_byte_array_set_size (past, QFU_PCRFILE_SIZE_MAX + 1);
  memset (at->data, 0, at->len);
  memset (past->data, 0, past->len);
  assert_refused (at, QFU_ERROR_FORMAT);
  assert_refused (past, QFU_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pcrfile/good", test_good);
  g_test_add_func ("/pcrfile/all", test_all);
  g_test_add_func ("/pcrfile/cut", test_cut);
  g_test_add_func ("/pcrfile/hostile", test_hostile);
  g_test_add_func ("/pcrfile/limit/size", test_sizes);
  return g_test_run ();
}
