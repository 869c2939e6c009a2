/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-attest.h"

#define FIRMWARE_PCRS 8 /* 0 to 7, by the TCG PC Client profile */

/* From PCR 8 on the operating system measures: that firmware leaves one of them alone is no promise
 * of its value. */
static gboolean
is_reference (const QfuForecast *forecast)
{
  if (forecast->value.size == 0)
    return FALSE;
  return forecast->status == QFU_PCR_PREDICTED ||
         (forecast->status == QFU_PCR_UNCHANGED && forecast->pcr < FIRMWARE_PCRS);
}

QfuVerdict
qfu_attest_compare (const QfuRefRecord *record,
                    const QfuPcrSet *pcrs,
                    guint *compared,
                    GArray *differences)
{
  *compared = 0;
  for (guint i = 0; i < record->forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (record->forecasts, QfuForecast, i);
    const QfuDigest *actual = qfu_pcr_set_get (pcrs, forecast->bank, forecast->pcr);
    QfuDifference difference = {forecast->pcr, forecast->bank, forecast->value, {0}};

    if (!is_reference (forecast))
      continue;
    (*compared)++;
    if (actual != NULL && qfu_digest_equal (actual, &forecast->value))
      continue;
    if (actual != NULL)
      difference.actual = *actual;
    g_array_append_val (differences, difference);
  }
  if (*compared == 0)
    return QFU_VERDICT_EMPTY;
  return differences->len == 0 ? QFU_VERDICT_MATCH : QFU_VERDICT_MISMATCH;
}

gboolean
qfu_attest_replay_differs (const QfuPcrSet *replayed,
                           const QfuPcrSet *pcrs,
                           guint *pcr,
                           QfuHash *bank)
{
  for (gsize b = 0; b < QFU_BANK_COUNT; b++) {
    for (guint i = 0; i < QFU_PCR_COUNT; i++) {
      if (!replayed->known[b][i] || !pcrs->known[b][i] ||
          qfu_digest_equal (&replayed->value[b][i], &pcrs->value[b][i]))
        continue;
      *pcr = i;
      *bank = qfu_bank_hash (b);
      return TRUE;
    }
  }
  return FALSE;
}
