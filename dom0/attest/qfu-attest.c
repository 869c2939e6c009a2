/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-attest.h"

GArray *
qfu_differences_new (void)
{
  return g_array_new (FALSE, TRUE, sizeof (QfuDifference));
}

/* From PCR 8 on the operating system measures: that firmware leaves one of them alone is no promise
 * of its value. */
gboolean
qfu_attest_is_reference (const QfuForecast *forecast)
{
  if (forecast->value.size == 0)
    return FALSE;
  return forecast->status == QFU_PCR_PREDICTED ||
         (forecast->status == QFU_PCR_UNCHANGED && forecast->pcr < QFU_PCR_FIRMWARE_COUNT);
}

/* Whether @a and @b are alternatives of one PCR. */
static gboolean
alternatives (const QfuForecast *a, const QfuForecast *b)
{
  return a->source == QFU_SOURCE_VENDOR && b->source == QFU_SOURCE_VENDOR && a->pcr == b->pcr &&
         a->bank == b->bank;
}

static gboolean
allows (const QfuRefRecord *record, const QfuForecast *row, const QfuDigest *actual)
{
  if (qfu_digest_equal (&row->value, actual))
    return TRUE;
  for (guint i = 0; i < record->forecasts->len; i++) {
    const QfuForecast *other = &g_array_index (record->forecasts, QfuForecast, i);

    if (alternatives (row, other) && qfu_digest_equal (&other->value, actual))
      return TRUE;
  }
  return FALSE;
}

/* Whether an alternative of row @at was compared before it. */
static gboolean
seen (const QfuRefRecord *record, guint at)
{
  const QfuForecast *row = &g_array_index (record->forecasts, QfuForecast, at);

  for (guint i = 0; i < at; i++) {
    if (alternatives (row, &g_array_index (record->forecasts, QfuForecast, i)))
      return TRUE;
  }
  return FALSE;
}

static void
compare_rows (const QfuRefRecord *record,
              const QfuPcrSet *pcrs,
              gboolean count_absent,
              guint *compared,
              GArray *differences)
{
  for (guint i = 0; i < record->forecasts->len; i++) {
    const QfuForecast *row = &g_array_index (record->forecasts, QfuForecast, i);
    const QfuDigest *actual = qfu_pcr_set_get (pcrs, row->bank, row->pcr);
    QfuDifference difference = {row->pcr, row->bank, row->value, {0}};

    if (!qfu_attest_is_reference (row) || seen (record, i) ||
        (row->source == QFU_SOURCE_VENDOR && !count_absent &&
         qfu_attest_bank_gone (pcrs, row->bank)))
      continue;
    (*compared)++;
    if (actual != NULL && allows (record, row, actual))
      continue;
    if (actual != NULL)
      difference.actual = *actual;
    g_array_append_val (differences, difference);
  }
}

QfuVerdict
qfu_attest_compare (const QfuRefRecord *record,
                    const QfuPcrSet *pcrs,
                    guint *compared,
                    GArray *differences)
{
  *compared = 0;
  compare_rows (record, pcrs, FALSE, compared, differences);
  if (*compared == 0 && record->state == QFU_REF_CURRENT)
    compare_rows (record, pcrs, TRUE, compared, differences);
  if (*compared == 0)
    return QFU_VERDICT_EMPTY;
  return differences->len == 0 ? QFU_VERDICT_MATCH : QFU_VERDICT_MISMATCH;
}

gboolean
qfu_attest_matches (const QfuRefRecord *record, const QfuPcrSet *pcrs)
{
  g_autoptr (GArray) differences = qfu_differences_new ();
  guint compared;

  return qfu_attest_compare (record, pcrs, &compared, differences) == QFU_VERDICT_MATCH;
}

gboolean
qfu_attest_bank_gone (const QfuPcrSet *pcrs, QfuHash bank)
{
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    if (qfu_pcr_set_get (pcrs, bank, pcr) != NULL)
      return FALSE;
  }
  return TRUE;
}
