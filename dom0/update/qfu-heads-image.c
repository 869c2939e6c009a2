/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-heads-image.h"

#include "qfu-board.h"
#include "qfu-cab-check.h"
#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-obtain.h"
#include "qfu-print.h"
#include "qfu-rules.h"
#include "qfu-sameboard.h"

#define WHAT "the image"

void
qfu_heads_image_clear (QfuHeadsImage *image)
{
  g_clear_pointer (&image->outlook, qfu_outlook_free);
  g_clear_pointer (&image->plan, qfu_plan_free);
  g_clear_pointer (&image->vendor, qfu_vendor_free);
  g_clear_pointer (&image->present, qfu_present_free);
  g_clear_pointer (&image->cargo, qfu_cargo_free);
  g_clear_error (&image->no_chip);
  g_clear_error (&image->stranger);
}

/* What the cab's own signatures say. */
static gboolean
check_signatures (const QfuConfig *config,
                  const QfuOptions *options,
                  const QfuHeadsImage *image,
                  GError **error)
{
  g_autoptr (QfuCabReport) report = NULL;
  g_autofree char *reasons = NULL;
  const QfuCabItem *payload;
  gint64 now;

  if (!qfu_clock_now (config, &now, error))
    return FALSE;
  report = qfu_cab_check (config, qfu_cargo_cab (image->cargo), config->firmware_keys, now, error);
  if (report == NULL)
    return FALSE;
  payload = report->content == NULL ? NULL : qfu_cab_content_payload (report->content);
  if (payload != NULL && qfu_digest_equal (qfu_untrusted_blob_sha256 (payload->blob),
                                           qfu_untrusted_blob_sha256 (image->payload))) {
    qfu_say (options, "  image signed by %s", qfu_signature_subject (payload->signature));
    return TRUE;
  }
  reasons = g_strjoinv ("; ", report->reasons);
  g_set_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE, "what is in the cab is not signed: %s",
               payload != NULL ? "its signatures are those of another image" : reasons);
  return FALSE;
}

gboolean
qfu_heads_image_obtain (QfuInventory *inventory,
                        const QfuOptions *options,
                        const QfuOffer *offer,
                        QfuHeadsImage *image,
                        GError **error)
{
  const QfuConfig *config = inventory->config;

  image->cargo = qfu_obtain (inventory, options, offer, error);
  image->payload = image->cargo == NULL ? NULL : qfu_cargo_payload (image->cargo, config, error);
  return image->payload != NULL && check_signatures (config, options, image, error);
}

/* Without the chip SMBIOS alone says what board this is, and some boards compute their names. */
static gboolean
check_board (const QfuSmbios *smbios, QfuHeadsImage *image, GError **error)
{
  const QfuBoard machine = {smbios->manufacturer, smbios->product};
  const QfuRom *present = image->present->rom;
  GError *local = NULL;

  if (!qfu_board_check (&machine, present, image->plan->rom, &local)) {
    if (present == NULL) {
      image->stranger = local;
      return TRUE;
    }
    g_propagate_error (error, local);
    return FALSE;
  }
  if (present == NULL)
    return TRUE;
  if (qfu_untrusted_blob_size (image->present->chip) != qfu_untrusted_blob_size (image->payload)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "the image has %" G_GUINT64_FORMAT " bytes, the chip %" G_GUINT64_FORMAT,
                 qfu_untrusted_blob_size (image->payload),
                 qfu_untrusted_blob_size (image->present->chip));
    return FALSE;
  }
  return qfu_sameboard_check (present, image->plan->rom, error);
}

static QfuOutlook *
forecast (const QfuConfig *config, const QfuHeadsImage *image)
{
  const QfuOutlookQuestion question = {
      .config = config, .present = image->present, .plan = image->plan, .vendor = image->vendor};

  if (config->prediction == QFU_PREDICTION_OFF)
    return qfu_outlook_none (
        g_error_new_literal (QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                             "the configuration asks for no forecast ([MeasuredBoot] "
                             "Prediction=off)"));
  if (image->present->rom == NULL)
    return qfu_outlook_none (g_error_new (QFU_ERROR, QFU_ERROR_PREDICTION,
                                          "what the chip holds is not known: %s (--old-rom names "
                                          "an image of it, as Heads reads it)",
                                          image->no_chip->message));
  return qfu_outlook_make (&question);
}

static gboolean
foresee (const QfuConfig *config, const QfuOptions *options, QfuHeadsImage *image, GError **error)
{
  QfuOptions here = *options;

  /* files of this machine: its secrets are asked about all the same */
  here.old_rom = NULL;
  here.event_logs = NULL;
  here.pcrs = NULL;
  image->outlook = forecast (config, image);
  qfu_outlook_find_secrets (image->outlook, config, &here);
  if (image->outlook->findings == NULL)
    qfu_outlook_compare (image->outlook, image->vendor, image->plan);
  if (!qfu_outlook_check_vendor (image->outlook, error))
    return FALSE;
  qfu_outlook_drop_empty (image->outlook, image->plan->rom);
  if (image->outlook->prediction != NULL || config->prediction != QFU_PREDICTION_REQUIRED)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_PREDICTION,
               "what the TPM will say afterwards cannot be forecast: %s ([MeasuredBoot] "
               "Prediction=required)",
               image->outlook->why_not->message);
  return FALSE;
}

gboolean
qfu_heads_image_judge (const QfuConfig *config,
                       const QfuOptions *options,
                       const QfuSmbios *smbios,
                       QfuHeadsImage *image,
                       GError **error)
{
  image->plan = qfu_plan_new (config, image->payload, WHAT, error);
  image->vendor = image->plan == NULL ? NULL : qfu_vendor_of_cargo (image->cargo, config, error);
  if (image->vendor == NULL)
    return FALSE;
  image->present = qfu_present_read (config, options);
  if (!qfu_present_read_chip (image->present, config, options, &image->no_chip) &&
      options->old_rom != NULL) {
    g_propagate_error (error, g_steal_pointer (&image->no_chip));
    return FALSE;
  }
  return check_board (smbios, image, error) && foresee (config, options, image, error);
}

typedef struct {
  guint pcr;
  guint hash;
  const QfuDigest *now;
  const QfuDigest *next;
} Row;

/* A bank that the firmware does not extend holds zeros, before and after. */
static gboolean
is_extended (const QfuDigest *value)
{
  for (gsize i = 0; i < value->size; i++) {
    if (value->data[i] != 0)
      return TRUE;
  }
  return FALSE;
}

/* The banks of the PCR that the firmware's code extends, as far as it is forecast; the value of now
 * is %NULL where it is not known. */
static GArray *
code_rows (const QfuHeadsImage *image)
{
  const GArray *forecasts = image->outlook->prediction == NULL
                                ? NULL
                                : qfu_prediction_forecasts (image->outlook->prediction);
  guint code = qfu_rules_srtm (image->plan->rom);
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (Row));

  for (guint i = 0; forecasts != NULL && i < forecasts->len; i++) {
    const QfuForecast *f = &g_array_index (forecasts, QfuForecast, i);
    const Row row = {code, f->bank, qfu_pcr_set_get (&image->present->pcrs, f->bank, code),
                     &f->value};

    if (f->pcr == code && is_extended (&f->value))
      g_array_append_val (rows, row);
  }
  return rows;
}

void
qfu_heads_image_say (const QfuOptions *options, const QfuHeadsImage *image)
{
  g_autoptr (GArray) rows = code_rows (image);

  for (guint i = 0; i < rows->len; i++) {
    const Row *row = &g_array_index (rows, Row, i);
    g_autofree char *now = row->now == NULL ? g_strdup ("unknown") : qfu_digest_to_hex (row->now);

    qfu_say (options, "  PCR %-2u %-6s  now        %s", row->pcr, qfu_hash_name (row->hash), now);
  }
  if (image->outlook->prediction == NULL) {
    qfu_say (options, "  what the TPM will say afterwards is not known: %s",
             image->outlook->why_not->message);
    qfu_outlook_say_secrets (options, image->outlook);
  } else {
    qfu_outlook_say (options, image->outlook);
  }
  qfu_vendor_say (options, image->outlook->findings);
}

void
qfu_heads_image_json (JsonBuilder *builder, const QfuHeadsImage *image)
{
  static const QfuDigest unknown = {0};
  g_autoptr (GArray) rows = code_rows (image);

  json_builder_set_member_name (builder, "pcr2");
  json_builder_begin_array (builder);
  for (guint i = 0; i < rows->len; i++) {
    const Row *row = &g_array_index (rows, Row, i);

    json_builder_begin_object (builder);
    qfu_json_text (builder, "bank", qfu_hash_name (row->hash));
    qfu_json_digest (builder, "now", row->now == NULL ? &unknown : row->now);
    qfu_json_digest (builder, "next", row->next);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  qfu_outlook_json (builder, image->outlook);
}
