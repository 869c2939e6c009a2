/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-attest.h"
#include "testconfig.h"

#include <string.h>

static QfuDigest
digest (const char *text)
{
  QfuDigest out;

  qfu_digest_compute (QFU_HASH_SHA256, text, strlen (text), &out);
  return out;
}

typedef struct {
  QfuRefRecord *record;
  QfuPcrSet pcrs;
  GArray *differences;
  guint compared;
} Fixture;

static void
fixture_init (Fixture *fixture)
{
  QfuDigest two = digest ("two");
  QfuDigest four = digest ("four");

  fixture->record = qfu_ref_record_new ();
  fixture->differences = g_array_new (FALSE, FALSE, sizeof (QfuDifference));
  qfu_forecasts_add (fixture->record->forecasts, 2, QFU_HASH_SHA256, QFU_PCR_PREDICTED, &two, NULL);
  qfu_forecasts_add (fixture->record->forecasts, 4, QFU_HASH_SHA256, QFU_PCR_UNCHANGED, &four,
                     NULL);
  qfu_forecasts_add (fixture->record->forecasts, 10, QFU_HASH_SHA256, QFU_PCR_NOT_PREDICTABLE, NULL,
                     "IMA");
  qfu_pcr_set_clear (&fixture->pcrs);
  g_assert_true (qfu_pcr_set_put (&fixture->pcrs, 2, &two));
  g_assert_true (qfu_pcr_set_put (&fixture->pcrs, 4, &four));
  g_assert_true (qfu_pcr_set_put (&fixture->pcrs, 10, &four));
}

static void
fixture_clear (Fixture *fixture)
{
  qfu_ref_record_free (fixture->record);
  g_array_unref (fixture->differences);
}

static QfuVerdict
compare (Fixture *fixture)
{
  return qfu_attest_compare (fixture->record, &fixture->pcrs, &fixture->compared,
                             fixture->differences);
}

static void
test_match (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_MATCH);
  g_assert_cmpuint (fixture.compared, ==, 2);
  fixture_clear (&fixture);
}

static void
test_mismatch (void)
{
  Fixture fixture;
  QfuDigest other = digest ("other");

  fixture_init (&fixture);
  g_assert_true (qfu_pcr_set_put (&fixture.pcrs, 2, &other));
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_MISMATCH);
  g_assert_cmpuint (fixture.differences->len, ==, 1);
  g_assert_cmpuint (g_array_index (fixture.differences, QfuDifference, 0).pcr, ==, 2);
  g_assert_true (
      qfu_digest_equal (&g_array_index (fixture.differences, QfuDifference, 0).actual, &other));
  fixture_clear (&fixture);
}

/* A bank that the TPM no longer has must not pass for a match. */
static void
test_missing (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  qfu_pcr_set_clear (&fixture.pcrs);
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_MISMATCH);
  g_assert_cmpuint (fixture.differences->len, ==, 2);
  g_assert_cmpuint (g_array_index (fixture.differences, QfuDifference, 0).actual.size, ==, 0);
  fixture_clear (&fixture);
}

static void
test_empty (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  g_array_set_size (fixture.record->forecasts, 0);
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_EMPTY);
  fixture_clear (&fixture);
}

/* A kernel that was updated meanwhile changes PCR 9; that says nothing about the firmware. */
static void
test_system_pcrs (void)
{
  Fixture fixture;
  QfuDigest nine = digest ("nine");
  QfuDigest other = digest ("other");

  fixture_init (&fixture);
  qfu_forecasts_add (fixture.record->forecasts, 9, QFU_HASH_SHA256, QFU_PCR_UNCHANGED, &nine, NULL);
  g_assert_true (qfu_pcr_set_put (&fixture.pcrs, 9, &other));
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_MATCH);
  qfu_forecasts_add (fixture.record->forecasts, 9, QFU_HASH_SHA256, QFU_PCR_PREDICTED, &nine, NULL);
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_MISMATCH);
  fixture_clear (&fixture);
}

/* The vendor names several values, one for each way to build; one has to be there. */
static void
test_alternatives (void)
{
  Fixture fixture;
  QfuDigest one = digest ("one");
  QfuDigest two = digest ("two");
  QfuDigest three = digest ("three");

  fixture_init (&fixture);
  g_array_set_size (fixture.record->forecasts, 0);
  qfu_ref_record_declared (fixture.record, &one, "test");
  qfu_ref_record_declared (fixture.record, &two, "test");
  g_assert_true (qfu_pcr_set_put (&fixture.pcrs, 0, &one));
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_MATCH);
  g_assert_cmpuint (fixture.compared, ==, 1);
  g_assert_true (qfu_pcr_set_put (&fixture.pcrs, 0, &two));
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_MATCH);
  g_assert_true (qfu_attest_matches (fixture.record, &fixture.pcrs));
  g_assert_true (qfu_pcr_set_put (&fixture.pcrs, 0, &three));
  g_assert_false (qfu_attest_matches (fixture.record, &fixture.pcrs));
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_MISMATCH);
  g_assert_cmpuint (fixture.differences->len, ==, 1);
  fixture_clear (&fixture);
}

/* The vendor does not know which banks are active. */
static void
test_vendor_banks (void)
{
  Fixture fixture;
  QfuDigest sha1;
  QfuDigest one = digest ("one");

  fixture_init (&fixture);
  g_array_set_size (fixture.record->forecasts, 0);
  qfu_digest_compute (QFU_HASH_SHA1, "one", 3, &sha1);
  qfu_ref_record_declared (fixture.record, &sha1, "test");
  g_assert_true (qfu_attest_bank_gone (&fixture.pcrs, QFU_HASH_SHA1));
  g_assert_false (qfu_attest_bank_gone (&fixture.pcrs, QFU_HASH_SHA256));
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_EMPTY);
  fixture.record->state = QFU_REF_CURRENT;
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_MISMATCH);
  g_array_set_size (fixture.differences, 0);
  qfu_ref_record_declared (fixture.record, &one, "test");
  g_assert_true (qfu_pcr_set_put (&fixture.pcrs, 0, &one));
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_MATCH);
  fixture_clear (&fixture);
}

/* Who quotes PCRs leaves none of them out of a bank that he shows. */
static void
test_vendor_left_out (void)
{
  Fixture fixture;
  QfuDigest one = digest ("one");

  fixture_init (&fixture);
  fixture.record->state = QFU_REF_CURRENT;
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_MATCH);
  qfu_ref_record_declared (fixture.record, &one, "test");
  g_assert_null (qfu_pcr_set_get (&fixture.pcrs, QFU_HASH_SHA256, 0));
  g_assert_cmpint (compare (&fixture), ==, QFU_VERDICT_MISMATCH);
  g_assert_cmpuint (fixture.differences->len, ==, 1);
  fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/attest/match", test_match);
  g_test_add_func ("/attest/mismatch", test_mismatch);
  g_test_add_func ("/attest/missing", test_missing);
  g_test_add_func ("/attest/empty", test_empty);
  g_test_add_func ("/attest/system-pcrs", test_system_pcrs);
  g_test_add_func ("/attest/alternatives", test_alternatives);
  g_test_add_func ("/attest/vendor-banks", test_vendor_banks);
  g_test_add_func ("/attest/vendor-left-out", test_vendor_left_out);
  return g_test_run ();
}
