/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-learn.h"

#define FIRST_DRTM_PCR 17
#define LAST_DRTM_PCR 22

/* The firmware that is known to have booted; %NULL when none is. One without values has, if the
 * chip was read back; where nothing changed, it may not have. */
static const QfuRefRecord *
known_firmware (const QfuSettle *settle)
{
  switch (settle->kind) {
  case QFU_SETTLE_MATCH:
    return settle->record;
  case QFU_SETTLE_UNKNOWN:
    if (settle->record->state != QFU_REF_WRITTEN)
      return NULL;
    return settle->booted == NULL || settle->record->image.size > 0 ? settle->record
                                                                    : settle->booted;
  case QFU_SETTLE_OLD:
  case QFU_SETTLE_ALARM:
    return settle->booted;
  case QFU_SETTLE_NONE:
  case QFU_SETTLE_WAITING:
  default:
    return NULL;
  }
}

static void
copy_identity (QfuRefRecord *record, const QfuRefRecord *known)
{
  qfu_ref_record_set (&record->version_to, known == NULL ? "as found" : known->version_to);
  if (known == NULL)
    return;
  qfu_ref_record_set (&record->device_id, known->device_id);
  qfu_ref_record_set (&record->device_name, known->device_name);
  qfu_ref_record_set (&record->version_from, known->version_from);
  record->old_chip = known->old_chip;
  record->image = known->image;
  record->payload = known->payload;
  record->cab = known->cab;
  record->manifest = known->manifest;
}

/* What @known says of this value, if that came true. */
static const QfuForecast *
foretold (const QfuRefRecord *known, guint pcr, const QfuDigest *value)
{
  for (guint i = 0; known != NULL && i < known->forecasts->len; i++) {
    const QfuForecast *row = &g_array_index (known->forecasts, QfuForecast, i);

    if (row->pcr == pcr && row->bank == value->hash && qfu_attest_is_reference (row) &&
        qfu_digest_equal (&row->value, value))
      return row;
  }
  return NULL;
}

static void
add_value (QfuRefRecord *record, const QfuRefRecord *known, guint pcr, const QfuDigest *value)
{
  const QfuForecast *row = foretold (known, pcr, value);
  gboolean drtm = pcr >= FIRST_DRTM_PCR && pcr <= LAST_DRTM_PCR;

  if (row != NULL && row->source == QFU_SOURCE_FORECAST)
    qfu_forecasts_add (record->forecasts, pcr, value->hash, row->status, value, row->reason);
  else if (row != NULL)
    qfu_forecasts_add_value (record->forecasts, pcr, value, row->source, row->reason);
  else if (pcr < QFU_PCR_FIRMWARE_COUNT || drtm)
    qfu_forecasts_add_value (record->forecasts, pcr, value, QFU_SOURCE_MEASURED,
                             drtm ? "of a dynamic launch; not compared" : "learned");
}

QfuRefRecord *
qfu_learn_record (const QfuSettle *settle, const QfuPcrSet *pcrs, const char *boot_id)
{
  const QfuRefRecord *known = known_firmware (settle);
  QfuRefRecord *record = qfu_ref_record_new ();

  record->basis = QFU_BASIS_LEARNED;
  qfu_ref_record_set (&record->boot_id, boot_id);
  qfu_ref_record_set (&record->reason, "learned from a boot that a person confirmed");
  copy_identity (record, known);
  for (gsize b = 0; b < QFU_BANK_COUNT; b++) {
    for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
      if (pcrs->known[b][pcr])
        add_value (record, known, pcr, &pcrs->value[b][pcr]);
    }
  }
  return record;
}
