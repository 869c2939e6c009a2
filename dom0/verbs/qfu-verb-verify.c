/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* verify: the stand-alone validator of a cab. */

#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-outlook.h"
#include "qfu-print.h"
#include "qfu-verify-show.h"
#include "qfu-verbs.h"

typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  const char *path;
  QfuUntrustedBlob *cab;
  QfuCabReport *report;
  QfuVoucher *voucher; /* %NULL: no metadata was given */
  QfuOutlook *outlook;
  char *objection; /* (nullable): what is wrong with the vendor's manifest itself */
} Verify;

static void
verify_clear (Verify *verify)
{
  g_clear_pointer (&verify->cab, qfu_untrusted_blob_free);
  g_clear_pointer (&verify->report, qfu_cab_report_free);
  g_clear_pointer (&verify->voucher, qfu_voucher_free);
  g_clear_pointer (&verify->outlook, qfu_outlook_free);
  g_clear_pointer (&verify->objection, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Verify, verify_clear)

static gboolean
look (Verify *verify, GError **error)
{
  const QfuOptions *options = verify->options;
  const QfuConfig *config = verify->config;
  QfuVouchQuestion question = {.metadata = options->metadata, .signature = options->signature};

  verify->cab = qfu_untrusted_blob_load (verify->path, QFU_CAB_SIZE_MAX, FALSE, error);
  if (verify->cab == NULL || !qfu_clock_now (config, &question.now, error))
    return FALSE;
  verify->report = qfu_cab_check (config, verify->cab,
                                  options->keys != NULL ? options->keys : config->firmware_keys,
                                  question.now, error);
  if (verify->report == NULL || options->metadata == NULL)
    return verify->report != NULL;
  question.keys = options->keys != NULL ? options->keys : config->metadata_keys;
  question.cab = qfu_untrusted_blob_sha256 (verify->cab);
  question.report = verify->report;
  verify->voucher = qfu_vouch (config, &question, error);
  return verify->voucher != NULL;
}

/* On this machine an update composes what the chip will hold; of an image at hand nothing is known
 * but what the options say. */
static const char *
layout_of (const Verify *verify)
{
  if (verify->options->layout != NULL || verify->options->old_rom != NULL)
    return verify->options->layout;
  return verify->config->layout;
}

/* Without chip or log there is no forecast, but the image can be compared. */
static void
compare_image (Verify *verify, const QfuVendor *vendor, const QfuCabItem *payload)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (QfuPlan) plan = qfu_plan_new (verify->config, payload->blob, payload->name, &problem);

  if (plan != NULL)
    qfu_outlook_compare (verify->outlook, vendor, plan);
  else if (qfu_vendor_manifest_digest (vendor) != NULL)
    verify->objection =
        g_strdup_printf ("a manifest is of something that is no image: %s", problem->message);
}

static gboolean
foresee (Verify *verify, GError **error)
{
  GError *problem = NULL;
  g_autoptr (QfuVendor) vendor = NULL;
  g_autoptr (QfuPresent) present = NULL;
  QfuOutlookImage image;
  const QfuCabItem *payload;

  if (verify->report->content == NULL) {
    verify->outlook = qfu_outlook_none (g_error_new_literal (
        QFU_ERROR, QFU_ERROR_NOT_FOUND, "there is no payload that anybody vouches for"));
    return TRUE;
  }
  vendor = qfu_vendor_of_content (verify->report->content, verify->config, &problem);
  if (vendor == NULL && !qfu_cab_blames (problem)) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  if (vendor == NULL) {
    verify->objection = g_strdup (problem->message);
    g_clear_error (&problem);
  }
  payload = qfu_cab_content_payload (verify->report->content);
  present = qfu_present_new ();
  image = (QfuOutlookImage){verify->config, verify->options, present, layout_of (verify),
                            payload->blob,  payload->name,   vendor};
  verify->outlook = qfu_outlook_of_image (&image, &problem);
  if (verify->outlook == NULL) {
    verify->outlook = qfu_outlook_none (problem);
    if (vendor != NULL)
      compare_image (verify, vendor, payload);
  } else {
    qfu_outlook_find_secrets (verify->outlook, verify->config, verify->options);
  }
  return TRUE;
}

static void
show_outlook (const Verify *verify, JsonBuilder *builder)
{
  qfu_outlook_say (verify->options, verify->outlook);
  qfu_vendor_say (verify->options, verify->outlook->findings);
  qfu_outlook_json (builder, verify->outlook);
}

/* What contradicts the vendor's own words. */
static void
add_contradictions (const Verify *verify, GPtrArray *reasons)
{
  const GPtrArray *findings = verify->outlook->findings;

  if (verify->objection != NULL)
    g_ptr_array_add (reasons, g_strdup (verify->objection));
  for (guint i = 0; findings != NULL && i < findings->len; i++) {
    const QfuFinding *finding = g_ptr_array_index (findings, i);

    if (finding->status == QFU_FINDING_CONTRADICTS)
      g_ptr_array_add (reasons, g_strdup_printf ("the vendor declares something else: %s: %s",
                                                 finding->object, finding->message));
  }
}

/* (transfer full) (array zero-terminated): all reasons to reject it. */
static char **
all_reasons (const Verify *verify)
{
  GPtrArray *reasons = g_ptr_array_new ();

  for (gsize i = 0; verify->report->reasons[i] != NULL; i++)
    g_ptr_array_add (reasons, g_strdup (verify->report->reasons[i]));
  for (guint i = 0; verify->voucher != NULL && i < verify->voucher->reasons->len; i++)
    g_ptr_array_add (reasons, g_strdup (g_ptr_array_index (verify->voucher->reasons, i)));
  add_contradictions (verify, reasons);
  g_ptr_array_add (reasons, NULL);
  return (char **)g_ptr_array_free (reasons, FALSE);
}

static void
show (const Verify *verify, char **reasons)
{
  const char *verdict = reasons[0] == NULL ? "accepted" : "rejected";
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  qfu_verify_show_items (verify->options, builder, verify->report->items);
  qfu_verify_show_component (verify->options, builder, verify->report);
  qfu_verify_show_voucher (verify->options, builder, verify->voucher);
  qfu_verify_show_devices (verify->config, verify->options, builder, verify->report);
  show_outlook (verify, builder);
  qfu_json_text (builder, "verdict", verdict);
  qfu_json_texts (builder, "reasons", (const char *const *)reasons);
  json_builder_end_object (builder);
  qfu_say (verify->options, "%s", verdict);
  qfu_print_json (verify->options, g_steal_pointer (&builder));
}

gboolean
qfu_verb_verify (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (Verify) verify = {.config = config, .options = options, .path = options->arguments[0]};
  g_auto (GStrv) reasons = NULL;
  g_autofree char *all = NULL;

  if ((options->metadata == NULL) != (options->signature == NULL)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE,
                         "--metadata and --signature need one another");
    return FALSE;
  }
  if (!look (&verify, error) || !foresee (&verify, error))
    return FALSE;
  reasons = all_reasons (&verify);
  show (&verify, reasons);
  if (reasons[0] == NULL)
    return TRUE;
  all = g_strjoinv ("; ", reasons);
  g_set_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE, "%s is rejected: %s", verify.path, all);
  return FALSE;
}
