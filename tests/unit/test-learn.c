/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-learn.h"
#include "refstore-fixture.h"
#include "testconfig.h"

#include <string.h>

#define HERE "22222222-0000-0000-0000-000000000000"

static QfuDigest
value_of (const char *word)
{
  QfuDigest value;

  qfu_digest_compute (QFU_HASH_SHA256, word, strlen (word), &value);
  return value;
}

/* PCRs 0, 2, 9, 10 and 17 of one bank. */
static void
present (QfuPcrSet *pcrs)
{
  static const guint indices[] = {0, 2, 9, 10, 17};

  qfu_pcr_set_clear (pcrs);
  for (gsize i = 0; i < G_N_ELEMENTS (indices); i++) {
    g_autofree char *word = g_strdup_printf ("%u", indices[i]);
    QfuDigest value = value_of (word);

    g_assert_true (qfu_pcr_set_put (pcrs, indices[i], &value));
  }
}

/* An update of another boot that foretold PCR 2 and 10 rightly, and PCR 0 wrongly. */
static QfuRefRecord *
foretelling_record (QfuRefState state)
{
  QfuRefRecord *record = fixture_record ("image");
  QfuDigest values[] = {value_of ("wrong"), value_of ("2"), value_of ("10")};

  record->id = 7;
  record->state = state;
  g_array_set_size (record->forecasts, 0);
  qfu_forecasts_add (record->forecasts, 0, QFU_HASH_SHA256, QFU_PCR_UNCHANGED, &values[0], NULL);
  qfu_forecasts_add (record->forecasts, 2, QFU_HASH_SHA256, QFU_PCR_PREDICTED, &values[1], "why");
  qfu_forecasts_add (record->forecasts, 10, QFU_HASH_SHA256, QFU_PCR_PREDICTED, &values[2], NULL);
  return record;
}

static const QfuForecast *
row_of (const QfuRefRecord *record, guint pcr)
{
  for (guint i = 0; i < record->forecasts->len; i++) {
    const QfuForecast *row = &g_array_index (record->forecasts, QfuForecast, i);

    if (row->pcr == pcr)
      return row;
  }
  return NULL;
}

static QfuRefRecord *
learned (QfuSettleKind kind, const QfuRefRecord *record, const QfuRefRecord *booted)
{
  QfuSettle settle = {.kind = kind, .record = record, .booted = booted};
  QfuPcrSet pcrs;

  present (&pcrs);
  return qfu_learn_record (&settle, &pcrs, HERE);
}

static void
test_sources (void)
{
  g_autoptr (QfuRefRecord) known = foretelling_record (QFU_REF_WRITTEN);
  g_autoptr (QfuRefRecord) record = learned (QFU_SETTLE_MATCH, known, NULL);

  g_assert_cmpint (record->basis, ==, QFU_BASIS_LEARNED);
  g_assert_cmpstr (record->boot_id, ==, HERE);
  g_assert_cmpuint (record->forecasts->len, ==, 4);
  g_assert_cmpint (row_of (record, 0)->source, ==, QFU_SOURCE_MEASURED);
  g_assert_cmpint (row_of (record, 2)->source, ==, QFU_SOURCE_FORECAST);
  g_assert_cmpint (row_of (record, 2)->status, ==, QFU_PCR_PREDICTED);
  g_assert_cmpstr (row_of (record, 2)->reason, ==, "why");
  g_assert_cmpint (row_of (record, 10)->source, ==, QFU_SOURCE_FORECAST);
  g_assert_null (row_of (record, 9));
}

/* A dynamic launch is kept, and compared with nothing. */
static void
test_drtm (void)
{
  g_autoptr (QfuRefRecord) record = learned (QFU_SETTLE_NONE, NULL, NULL);
  const QfuForecast *row = row_of (record, 17);

  g_assert_cmpint (row->source, ==, QFU_SOURCE_MEASURED);
  g_assert_false (qfu_attest_is_reference (row));
  g_assert_true (qfu_attest_is_reference (row_of (record, 0)));
  g_assert_null (row_of (record, 10));
}

static void
test_identity (void)
{
  g_autoptr (QfuRefRecord) written = foretelling_record (QFU_REF_WRITTEN);
  g_autoptr (QfuRefRecord) cut = foretelling_record (QFU_REF_CONSUMED);
  g_autoptr (QfuRefRecord) staged = foretelling_record (QFU_REF_WRITTEN);
  g_autoptr (QfuRefRecord) old = foretelling_record (QFU_REF_CURRENT);
  const struct {
    QfuSettleKind kind;
    const QfuRefRecord *record;
    const QfuRefRecord *booted;
    const QfuRefRecord *identity;
  } rows[] = {
      {QFU_SETTLE_NONE, NULL, NULL, NULL},         {QFU_SETTLE_WAITING, NULL, NULL, NULL},
      {QFU_SETTLE_MATCH, written, NULL, written},  {QFU_SETTLE_UNKNOWN, written, NULL, written},
      {QFU_SETTLE_UNKNOWN, written, old, written}, {QFU_SETTLE_UNKNOWN, staged, NULL, staged},
      {QFU_SETTLE_UNKNOWN, staged, old, old},      {QFU_SETTLE_UNKNOWN, cut, NULL, NULL},
      {QFU_SETTLE_OLD, written, old, old},         {QFU_SETTLE_ALARM, written, NULL, NULL},
      {QFU_SETTLE_ALARM, written, old, old},
  };

  g_free (old->version_to);
  old->version_to = g_strdup ("0.9.0");
  g_free (staged->version_to);
  staged->version_to = g_strdup ("2.0.0");
  memset (&staged->image, 0, sizeof staged->image);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (QfuRefRecord) record = learned (rows[i].kind, rows[i].record, rows[i].booted);
    const QfuRefRecord *identity = rows[i].identity;

    g_assert_cmpstr (record->version_to, ==, identity == NULL ? "as found" : identity->version_to);
    g_assert_cmpstr (record->device_id, ==, identity == NULL ? "" : identity->device_id);
    g_assert_cmpuint (record->image.size, ==, identity == NULL ? 0 : identity->image.size);
    g_assert_cmpuint (record->cab.size, ==, identity == NULL ? 0 : identity->cab.size);
  }
}

/* The vendor's word stays the vendor's, when it came true. */
static void
test_vendor (void)
{
  g_autoptr (QfuRefRecord) known = foretelling_record (QFU_REF_WRITTEN);
  g_autoptr (QfuRefRecord) record = NULL;
  QfuDigest value = value_of ("0");
  QfuDigest other = value_of ("other");

  g_array_set_size (known->forecasts, 0);
  qfu_ref_record_declared (known, &other, "test");
  qfu_ref_record_declared (known, &value, "test");
  record = learned (QFU_SETTLE_MATCH, known, NULL);
  g_assert_cmpint (row_of (record, 0)->source, ==, QFU_SOURCE_VENDOR);
  g_assert_true (qfu_digest_equal (&row_of (record, 0)->value, &value));
  g_assert_cmpint (row_of (record, 2)->source, ==, QFU_SOURCE_MEASURED);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/learn/sources", test_sources);
  g_test_add_func ("/learn/drtm", test_drtm);
  g_test_add_func ("/learn/identity", test_identity);
  g_test_add_func ("/learn/vendor", test_vendor);
  return g_test_run ();
}
