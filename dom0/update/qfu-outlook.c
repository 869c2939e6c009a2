/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-outlook.h"

#include "qfu-attest.h"
#include "qfu-error.h"
#include "qfu-print.h"
#include "qfu-rules.h"
#include "qfu-secrets-show.h"
#include "qfu-secrets.h"

#define UEFI_CODE_PCR 0 /* TCG PC Client profile: S-CRTM and firmware volumes */

void
qfu_outlook_free (QfuOutlook *outlook)
{
  if (outlook == NULL)
    return;
  qfu_prediction_free (outlook->prediction);
  g_clear_error (&outlook->why_not);
  g_clear_pointer (&outlook->findings, g_ptr_array_unref);
  g_clear_pointer (&outlook->secrets, g_ptr_array_unref);
  g_free (outlook);
}

QfuOutlook *
qfu_outlook_none (GError *why_not)
{
  QfuOutlook *outlook = g_new0 (QfuOutlook, 1);

  outlook->why_not = why_not;
  return outlook;
}

static QfuPrediction *
predict (const QfuOutlookQuestion *question, GError **error)
{
  const QfuPresent *present = question->present;
  const QfuPlan *plan = question->plan;
  const GError *problem = present->no_pcrs != NULL ? present->no_pcrs : present->no_log;

  if (problem != NULL) {
    g_propagate_error (error, g_error_copy (problem));
    return NULL;
  }
  return qfu_predict ((const QfuEventLog *const *)present->logs->pdata, present->logs->len,
                      &present->pcrs, present->chip, present->rom, plan->image, plan->rom, error);
}

QfuOutlook *
qfu_outlook_make (const QfuOutlookQuestion *question)
{
  QfuOutlook *outlook = qfu_outlook_none (NULL);

  outlook->prediction = predict (question, &outlook->why_not);
  qfu_outlook_compare (outlook, question->vendor, question->plan);
  return outlook;
}

static gboolean
is_zero (const QfuDigest *value)
{
  for (gsize i = 0; i < value->size; i++) {
    if (value->data[i] != 0)
      return FALSE;
  }
  return TRUE;
}

/* Whether a boot of other firmware could differ from it. */
static gboolean
tells_something (const QfuForecast *forecast)
{
  return qfu_attest_is_reference (forecast) && !is_zero (&forecast->value);
}

void
qfu_outlook_drop_empty (QfuOutlook *outlook, const QfuRom *rom)
{
  const GArray *forecasts =
      outlook->prediction == NULL ? NULL : qfu_prediction_forecasts (outlook->prediction);
  guint code = rom->kind == QFU_ROM_UEFI ? UEFI_CODE_PCR : qfu_rules_srtm (rom);
  const char *reason = NULL;

  for (guint i = 0; forecasts != NULL && i < forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (forecasts, QfuForecast, i);

    if (forecast->pcr != code)
      continue;
    if (tells_something (forecast))
      return;
    if (reason == NULL && forecast->status == QFU_PCR_NOT_PREDICTABLE)
      reason = forecast->reason;
  }
  if (forecasts == NULL)
    return;
  outlook->why_not =
      g_error_new (QFU_ERROR, QFU_ERROR_PREDICTION, "PCR %u, which the firmware's code extends: %s",
                   code, reason != NULL ? reason : "nothing extends it");
  g_clear_pointer (&outlook->prediction, qfu_prediction_free);
}

void
qfu_outlook_compare (QfuOutlook *outlook, const QfuVendor *vendor, const QfuPlan *plan)
{
  const QfuDigest *manifest = vendor == NULL ? NULL : qfu_vendor_manifest_digest (vendor);

  g_clear_pointer (&outlook->findings, g_ptr_array_unref);
  if (vendor != NULL)
    outlook->findings = qfu_vendor_compare (vendor, plan, outlook->prediction);
  if (manifest != NULL)
    outlook->manifest = *manifest;
}

gboolean
qfu_outlook_check_vendor (const QfuOutlook *outlook, GError **error)
{
  const QfuFinding *wrong =
      outlook->findings == NULL ? NULL : qfu_findings_contradiction (outlook->findings);

  if (wrong == NULL)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
               "the vendor declares something else of this firmware: %s: %s", wrong->object,
               wrong->message);
  return FALSE;
}

/* This machine's chip is read for what is an image, and not before that is known. */
static QfuPlan *
look_at_machine (const QfuOutlookImage *image, GError **error)
{
  g_autoptr (QfuPlan) plan = qfu_plan_new (image->config, image->image, image->what, error);

  if (plan == NULL)
    return NULL;
  qfu_present_read_logs (image->present, image->config, image->options);
  if (qfu_present_read_chip (image->present, image->config, image->options, error))
    return g_steal_pointer (&plan);
  if (image->present->chip == NULL)
    g_prefix_error (error, "without --old-rom the chip is read, which takes root: ");
  return NULL;
}

/* Files: the workers are at work beside one another. */
static QfuPlan *
look_at_files (const QfuOutlookImage *image, GError **error)
{
  QfuPresent *present = image->present;
  g_autoptr (QfuPlan) plan = NULL;

  if (!qfu_present_start_chip (present, image->config, image->options, error))
    return NULL;
  plan = qfu_plan_start (image->config, image->image, image->what, error);
  if (plan == NULL)
    return NULL;
  qfu_present_read_logs (present, image->config, image->options);
  if (!qfu_plan_finish (plan, image->what, error) ||
      !qfu_present_finish_chip (present, image->options, error))
    return NULL;
  return g_steal_pointer (&plan);
}

QfuOutlook *
qfu_outlook_of_image (const QfuOutlookImage *image, GError **error)
{
  g_autoptr (QfuPlan) plan = image->options->old_rom != NULL ? look_at_files (image, error)
                                                             : look_at_machine (image, error);
  const QfuOutlookQuestion question = {
      .config = image->config, .present = image->present, .plan = plan, .vendor = image->vendor};

  if (plan == NULL ||
      (image->layout != NULL &&
       !qfu_plan_compose (plan, image->config, image->layout, image->present, error)))
    return NULL;
  return qfu_outlook_make (&question);
}

void
qfu_outlook_find_secrets (QfuOutlook *outlook, const QfuConfig *config, const QfuOptions *options)
{
  g_clear_pointer (&outlook->secrets, g_ptr_array_unref);
  outlook->secrets = qfu_secrets_find (config, options);
}

/* (nullable): what is known of the PCRs. */
static const GArray *
forecasts_of (const QfuOutlook *outlook)
{
  return outlook->prediction == NULL ? NULL : qfu_prediction_forecasts (outlook->prediction);
}

static void
say_forecast (const QfuOptions *options, const QfuForecast *forecast)
{
  g_autofree char *value = forecast->value.size == 0 ? NULL : qfu_digest_to_hex (&forecast->value);

  qfu_say (options, "  PCR %-2u %-6s  %s  %s", forecast->pcr, qfu_hash_name (forecast->bank),
           qfu_pcr_status_name (forecast->status), value != NULL ? value : forecast->reason);
}

/* Rows that tell nothing are counted unless more is asked for. */
static gboolean
is_worth_a_line (const QfuOptions *options, const QfuForecast *forecast)
{
  return options->verbose || forecast->status == QFU_PCR_PREDICTED ||
         (forecast->status == QFU_PCR_NOT_PREDICTABLE && forecast->pcr < QFU_PCR_FIRMWARE_COUNT);
}

static void
say_prediction (const QfuOptions *options, const QfuOutlook *outlook)
{
  guint left[QFU_PCR_NOT_PREDICTABLE + 1] = {0};
  const GArray *forecasts;
  const GArray *warnings;

  if (outlook->prediction == NULL) {
    qfu_say (options, "no forecast of PCRs: %s", outlook->why_not->message);
    return;
  }
  forecasts = qfu_prediction_forecasts (outlook->prediction);
  warnings = qfu_prediction_warnings (outlook->prediction);
  for (guint i = 0; i < forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (forecasts, QfuForecast, i);

    if (is_worth_a_line (options, forecast))
      say_forecast (options, forecast);
    else
      left[forecast->status]++;
  }
  if (!options->verbose)
    qfu_say (options, "  %u other PCR values stay as they are, %u are not predictable",
             left[QFU_PCR_UNCHANGED], left[QFU_PCR_NOT_PREDICTABLE]);
  for (guint i = 0; i < warnings->len; i++) {
    const QfuWarning *warning = &g_array_index (warnings, QfuWarning, i);

    qfu_say (options, "warning: %s (%s)", warning->message, warning->code);
  }
}

void
qfu_outlook_say_secrets (const QfuOptions *options, const QfuOutlook *outlook)
{
  qfu_secrets_say (options, outlook->secrets, forecasts_of (outlook));
}

void
qfu_outlook_say (const QfuOptions *options, const QfuOutlook *outlook)
{
  say_prediction (options, outlook);
  qfu_outlook_say_secrets (options, outlook);
}

static void
add_forecast (JsonBuilder *builder, const QfuForecast *forecast)
{
  json_builder_begin_object (builder);
  qfu_json_number (builder, "pcr", forecast->pcr);
  qfu_json_text (builder, "bank", qfu_hash_name (forecast->bank));
  qfu_json_text (builder, "status", qfu_pcr_status_name (forecast->status));
  qfu_json_digest (builder, "value", &forecast->value);
  qfu_json_text (builder, "reason", forecast->reason);
  json_builder_end_object (builder);
}

static void
add_warning (JsonBuilder *builder, const QfuWarning *warning)
{
  json_builder_begin_object (builder);
  qfu_json_text (builder, "code", warning->code);
  qfu_json_text (builder, "message", warning->message);
  json_builder_end_object (builder);
}

void
qfu_outlook_members (JsonBuilder *builder, const QfuOutlook *outlook)
{
  const GArray *forecasts = qfu_prediction_forecasts (outlook->prediction);
  const GArray *warnings = qfu_prediction_warnings (outlook->prediction);

  json_builder_set_member_name (builder, "pcrs");
  json_builder_begin_array (builder);
  for (guint i = 0; i < forecasts->len; i++)
    add_forecast (builder, &g_array_index (forecasts, QfuForecast, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "warnings");
  json_builder_begin_array (builder);
  for (guint i = 0; i < warnings->len; i++)
    add_warning (builder, &g_array_index (warnings, QfuWarning, i));
  json_builder_end_array (builder);
}

void
qfu_outlook_secrets (JsonBuilder *builder, const QfuOutlook *outlook)
{
  qfu_secrets_json (builder, outlook->secrets, forecasts_of (outlook));
}

void
qfu_outlook_json (JsonBuilder *builder, const QfuOutlook *outlook)
{
  json_builder_set_member_name (builder, "prediction");
  if (outlook->prediction == NULL) {
    json_builder_add_null_value (builder);
  } else {
    json_builder_begin_object (builder);
    qfu_outlook_members (builder, outlook);
    json_builder_end_object (builder);
  }
  qfu_json_text (builder, "predictionReason",
                 outlook->why_not == NULL ? NULL : outlook->why_not->message);
  qfu_vendor_json (builder, &outlook->manifest, outlook->findings);
  qfu_outlook_secrets (builder, outlook);
}
