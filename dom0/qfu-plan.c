/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-plan.h"

#include "qfu-error.h"
#include "qfu-machine.h"
#include "qfu-print.h"

void
qfu_plan_free (QfuPlan *plan)
{
  if (plan == NULL)
    return;
  qfu_untrusted_blob_free (plan->old_chip);
  qfu_rom_free (plan->old_rom);
  qfu_composed_free (plan->composed);
  qfu_prediction_free (plan->prediction);
  g_free (plan);
}

static gboolean
compose (QfuPlan *plan, const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuLayout) layout = qfu_layout_load (config, config->layout, error);
  g_autoptr (QfuRom) new_rom = NULL;

  if (layout == NULL)
    return FALSE;
  plan->old_chip = qfu_machine_chip (config, error);
  if (plan->old_chip == NULL)
    return FALSE;
  plan->old_rom = qfu_rom_read (config, plan->old_chip, error);
  if (plan->old_rom == NULL) {
    g_prefix_error (error, "what the chip holds: ");
    return FALSE;
  }
  new_rom = qfu_rom_read (config, image, error);
  if (new_rom == NULL) {
    g_prefix_error (error, "the image to install: ");
    return FALSE;
  }
  plan->composed =
      qfu_layout_compose (layout, plan->old_chip, plan->old_rom, image, new_rom, error);
  return plan->composed != NULL;
}

static gboolean
predict (QfuPlan *plan, const QfuConfig *config, GError **error)
{
  g_autoptr (QfuUntrustedBlob) bytes = qfu_machine_event_log (config, error);
  g_autoptr (QfuEventLog) log = bytes == NULL ? NULL : qfu_eventlog_read (config, bytes, error);
  g_autoptr (QfuRom) composed_rom =
      log == NULL ? NULL : qfu_rom_read (config, plan->composed->image, error);
  const QfuEventLog *const logs[] = {log};
  QfuPcrSet pcrs;

  if (composed_rom == NULL || !qfu_machine_pcrs (config, &pcrs, error))
    return FALSE;
  plan->prediction = qfu_predict (logs, G_N_ELEMENTS (logs), &pcrs, plan->old_chip, plan->old_rom,
                                  plan->composed->image, composed_rom, error);
  return plan->prediction != NULL;
}

QfuPlan *
qfu_plan_make (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuPlan) plan = g_new0 (QfuPlan, 1);

  if (!compose (plan, config, image, error))
    return NULL;
  if (plan->composed->changed->len == 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOTHING,
                         "the chip holds this firmware already");
    return NULL;
  }
  if (!predict (plan, config, error)) {
    g_prefix_error (error, "what the TPM will say afterwards cannot be forecast: ");
    return NULL;
  }
  return g_steal_pointer (&plan);
}

static guint64
ranges_size (const GArray *ranges)
{
  guint64 size = 0;

  for (guint i = 0; i < ranges->len; i++)
    size += g_array_index (ranges, QfuRange, i).length;
  return size;
}

void
qfu_plan_say (const QfuOptions *options, const QfuPlan *plan)
{
  const GArray *forecasts = qfu_prediction_forecasts (plan->prediction);
  const GArray *warnings = qfu_prediction_warnings (plan->prediction);
  g_autofree char *changed = g_format_size (ranges_size (plan->composed->changed));
  g_autofree char *updatable = g_format_size (ranges_size (plan->composed->updatable));
  guint unchanged = 0;

  qfu_say (options, "  writes %s of %s that the layout lets an update touch; everything else stays",
           changed, updatable);
  for (guint i = 0; i < forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (forecasts, QfuForecast, i);
    g_autofree char *value =
        forecast->value.size == 0 ? NULL : qfu_digest_to_hex (&forecast->value);

    unchanged += forecast->status == QFU_PCR_UNCHANGED;
    if (forecast->status == QFU_PCR_PREDICTED)
      qfu_say (options, "  PCR %u will change: %s %s", forecast->pcr,
               qfu_hash_name (forecast->bank), value);
    if (forecast->status == QFU_PCR_NOT_PREDICTABLE && options->verbose)
      qfu_say (options, "  PCR %u %s is not predictable: %s", forecast->pcr,
               qfu_hash_name (forecast->bank), forecast->reason);
  }
  qfu_say (options, "  %u other PCR values stay as they are", unchanged);
  for (guint i = 0; i < warnings->len; i++)
    qfu_warn ("warning: %s", g_array_index (warnings, QfuWarning, i).message);
}

QfuRefRecord *
qfu_plan_record (const QfuPlan *plan,
                 const QfuConfig *config,
                 const QfuDevice *device,
                 GError **error)
{
  g_autoptr (QfuRefRecord) record = qfu_ref_record_new ();
  const GArray *forecasts = qfu_prediction_forecasts (plan->prediction);

  g_free (record->boot_id);
  record->boot_id = qfu_config_boot_id (config, error);
  if (record->boot_id == NULL) {
    record->boot_id = g_strdup ("");
    return NULL;
  }
  g_free (record->device_id);
  record->device_id = g_strdup (device->id);
  g_free (record->device_name);
  record->device_name = g_strdup (device->name);
  g_free (record->version_from);
  record->version_from = g_strdup (device->version == NULL ? "" : device->version);
  record->old_chip = *qfu_untrusted_blob_sha256 (plan->old_chip);
  record->image = *qfu_untrusted_blob_sha256 (plan->composed->image);
  for (guint i = 0; i < forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (forecasts, QfuForecast, i);
    gboolean has_value = forecast->value.size > 0;

    qfu_forecasts_add (record->forecasts, forecast->pcr, forecast->bank, forecast->status,
                       has_value ? &forecast->value : NULL, forecast->reason);
  }
  return g_steal_pointer (&record);
}
