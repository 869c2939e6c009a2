/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* predict: what the PCRs will hold when another image is on the chip. */

#include "qfu-error.h"
#include "qfu-layout.h"
#include "qfu-machine.h"
#include "qfu-measured.h"
#include "qfu-predict.h"
#include "qfu-print.h"

typedef struct {
  QfuUntrustedBlob *image;
  QfuRom *rom;
} Image;

static void
image_clear (Image *image)
{
  g_clear_pointer (&image->image, qfu_untrusted_blob_free);
  g_clear_pointer (&image->rom, qfu_rom_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Image, image_clear)

static gboolean
image_read (const QfuConfig *config, const char *path, Image *out, GError **error)
{
  out->image = path != NULL ? qfu_untrusted_blob_load (path, QFU_ROM_SIZE_MAX, FALSE, error)
                            : qfu_machine_chip (config, error);
  out->rom = out->image != NULL ? qfu_rom_read (config, out->image, error) : NULL;
  if (out->rom == NULL && out->image != NULL)
    g_prefix_error (error, "%s: ", path != NULL ? path : "what the chip holds");
  else if (out->rom == NULL && path == NULL)
    g_prefix_error (error, "without --old-rom the chip is read, which takes root: ");
  return out->rom != NULL;
}

/* Replaces @new by what the chip will hold when the layout is followed. */
static gboolean
compose (
    const QfuConfig *config, const char *layout_name, const Image *old, Image *new, GError **error)
{
  g_autoptr (QfuLayout) layout = qfu_layout_load (config, layout_name, error);
  g_autoptr (QfuComposed) composed = NULL;

  if (layout == NULL)
    return FALSE;
  composed = qfu_layout_compose (layout, old->image, old->rom, new->image, new->rom, error);
  if (composed == NULL)
    return FALSE;
  image_clear (new);
  new->image = g_steal_pointer (&composed->image);
  new->rom = qfu_rom_read (config, new->image, error);
  return new->rom != NULL;
}

static void
show_forecast (const QfuOptions *options, JsonBuilder *builder, const QfuForecast *forecast)
{
  g_autofree char *value = forecast->value.size == 0 ? NULL : qfu_digest_to_hex (&forecast->value);

  if (forecast->status != QFU_PCR_UNCHANGED || options->verbose)
    qfu_say (options, "PCR %-2u %s  %s  %s", forecast->pcr, qfu_hash_name (forecast->bank),
             qfu_pcr_status_name (forecast->status), value != NULL ? value : forecast->reason);
  json_builder_begin_object (builder);
  qfu_json_number (builder, "pcr", forecast->pcr);
  qfu_json_text (builder, "bank", qfu_hash_name (forecast->bank));
  qfu_json_text (builder, "status", qfu_pcr_status_name (forecast->status));
  qfu_json_text (builder, "value", value);
  qfu_json_text (builder, "reason", forecast->reason);
  json_builder_end_object (builder);
}

static void
show (const QfuOptions *options, const QfuPrediction *prediction)
{
  const GArray *forecasts = qfu_prediction_forecasts (prediction);
  const GArray *warnings = qfu_prediction_warnings (prediction);
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "pcrs");
  json_builder_begin_array (builder);
  for (guint i = 0; i < forecasts->len; i++)
    show_forecast (options, builder, &g_array_index (forecasts, QfuForecast, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "warnings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < warnings->len; i++) {
    const QfuWarning *warning = &g_array_index (warnings, QfuWarning, i);

    qfu_say (options, "warning: %s (%s)", warning->message, warning->code);
    json_builder_begin_object (builder);
    qfu_json_text (builder, "code", warning->code);
    qfu_json_text (builder, "message", warning->message);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
}

gboolean
qfu_verb_predict (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (Image) old = {0};
  g_auto (Image) new = {0};
  g_autoptr (GPtrArray) logs = NULL;
  g_autoptr (QfuPrediction) prediction = NULL;
  QfuPcrSet pcrs;

  if (options->new_rom == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE, "predict needs --new-rom FILE");
    return FALSE;
  }
  if (!image_read (config, options->old_rom, &old, error) ||
      !image_read (config, options->new_rom, &new, error))
    return FALSE;
  if (options->layout != NULL && !compose (config, options->layout, &old, &new, error))
    return FALSE;
  logs = qfu_measured_logs (config, options->event_logs, error);
  if (logs == NULL)
    return FALSE;
  if (!(options->pcrs != NULL ? qfu_measured_pcrs (options->pcrs, &pcrs, error)
                              : qfu_machine_pcrs (config, &pcrs, error)))
    return FALSE;
  prediction = qfu_predict ((const QfuEventLog *const *)logs->pdata, logs->len, &pcrs, old.image,
                            old.rom, new.image, new.rom, error);
  if (prediction == NULL)
    return FALSE;
  show (options, prediction);
  return TRUE;
}
