/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-outlook.h"

#include "qfu-layout.h"
#include "qfu-limits.h"
#include "qfu-machine.h"
#include "qfu-measured.h"
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

/* What the chip holds at present. */
static gboolean
read_old (const QfuConfig *config, const QfuOptions *options, Image *out, GError **error)
{
  const char *path = options->old_rom;

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

QfuPrediction *
qfu_outlook_make (const QfuConfig *config,
                  const QfuOptions *options,
                  const char *layout,
                  const QfuUntrustedBlob *image,
                  const char *what,
                  GError **error)
{
  g_auto (Image) old = {0};
  g_auto (Image) new = {.image = qfu_untrusted_blob_ref (image)};
  g_autoptr (GPtrArray) logs = NULL;
  QfuPcrSet pcrs;

  new.rom = qfu_rom_read (config, image, error);
  if (new.rom == NULL) {
    g_prefix_error (error, "%s: ", what);
    return NULL;
  }
  if (!read_old (config, options, &old, error) ||
      (layout != NULL && !compose (config, layout, &old, &new, error)))
    return NULL;
  logs = qfu_measured_logs (config, options->event_logs, error);
  if (logs == NULL)
    return NULL;
  if (!(options->pcrs != NULL ? qfu_measured_pcrs (options->pcrs, &pcrs, error)
                              : qfu_machine_pcrs (config, &pcrs, error)))
    return NULL;
  return qfu_predict ((const QfuEventLog *const *)logs->pdata, logs->len, &pcrs, old.image, old.rom,
                      new.image, new.rom, error);
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

void
qfu_outlook_show (const QfuOptions *options, JsonBuilder *builder, const QfuPrediction *prediction)
{
  const GArray *forecasts = qfu_prediction_forecasts (prediction);
  const GArray *warnings = qfu_prediction_warnings (prediction);

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
}
