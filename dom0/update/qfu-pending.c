/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-pending.h"

#include "qfu-text.h"

static void
add_forecasts (QfuRefRecord *record, const QfuPrediction *prediction)
{
  const GArray *forecasts = qfu_prediction_forecasts (prediction);

  for (guint i = 0; i < forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (forecasts, QfuForecast, i);
    gboolean has_value = forecast->value.size > 0;

    qfu_forecasts_add (record->forecasts, forecast->pcr, forecast->bank, forecast->status,
                       has_value ? &forecast->value : NULL, forecast->reason);
  }
}

static void
set_unpredicted (QfuRefRecord *record, const GError *why)
{
  g_autofree char *clean = qfu_text_clean (why->message);

  qfu_ref_record_unpredicted (record, clean);
}

QfuRefRecord *
qfu_pending_new (const QfuConfig *config, const QfuDevice *device, GError **error)
{
  g_autofree char *boot_id = qfu_config_boot_id (config, error);
  QfuRefRecord *record;

  if (boot_id == NULL)
    return NULL;
  record = qfu_ref_record_new ();
  qfu_ref_record_set (&record->boot_id, boot_id);
  qfu_ref_record_set (&record->device_id, device->id);
  qfu_ref_record_set (&record->device_name, device->name);
  qfu_ref_record_set (&record->version_from, device->version);
  return record;
}

void
qfu_pending_bind (QfuRefRecord *record, const QfuPresent *present, const QfuPlan *plan)
{
  record->old_chip = *qfu_untrusted_blob_sha256 (present->chip);
  record->image = *qfu_untrusted_blob_sha256 (plan->image);
}

void
qfu_pending_foretell (QfuRefRecord *record, const QfuOutlook *outlook)
{
  record->manifest = outlook->manifest;
  if (outlook->prediction != NULL)
    add_forecasts (record, outlook->prediction);
  else
    set_unpredicted (record, outlook->why_not);
}

void
qfu_pending_accept (QfuRefRecord *record, const QfuInspection *inspection)
{
  g_autofree char *said = NULL;
  g_autofree char *clean = NULL;

  if (inspection->verdict != QFU_INSPECT_FAILED)
    return;
  said = g_strdup_printf ("accepted by a person: %s", inspection->finding);
  clean = qfu_text_clean (said);
  qfu_ref_record_set (&record->reason, clean);
}
