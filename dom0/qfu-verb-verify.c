/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* verify: the stand-alone validator of a cab. */

#include "qfu-cab-check.h"
#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-print.h"

static void
show_item (const QfuOptions *options, JsonBuilder *builder, const QfuCabItem *item)
{
  const QfuSignature *signature = item->signature;
  g_autofree char *sha256 = qfu_digest_to_hex (qfu_untrusted_blob_sha256 (item->blob));
  g_autofree char *time = signature == NULL ? NULL : qfu_time_text (qfu_signature_time (signature));

  qfu_say (options, "%s: %" G_GUINT64_FORMAT " bytes", item->name,
           qfu_untrusted_blob_size (item->blob));
  qfu_say (options, "  sha256     %s", sha256);
  if (signature != NULL) {
    qfu_say (options, "  signed by  %s", qfu_signature_subject (signature));
    qfu_say (options, "  authority  %s", qfu_signature_authority (signature));
    qfu_say (options, "  time       %s", time);
  } else if (item->reason != NULL) {
    qfu_say (options, "  not signed: %s", item->reason);
  }
  json_builder_begin_object (builder);
  qfu_json_text (builder, "name", item->name);
  qfu_json_number (builder, "size", (gint64)qfu_untrusted_blob_size (item->blob));
  qfu_json_text (builder, "sha256", sha256);
  qfu_json_flag (builder, "signed", signature != NULL);
  qfu_json_text (builder, "authority",
                 signature == NULL ? NULL : qfu_signature_authority (signature));
  qfu_json_text (builder, "subject", signature == NULL ? NULL : qfu_signature_subject (signature));
  qfu_json_text (builder, "serial", signature == NULL ? NULL : qfu_signature_serial (signature));
  qfu_json_number (builder, "time", signature == NULL ? 0 : qfu_signature_time (signature));
  qfu_json_text (builder, "reason", item->reason);
  json_builder_end_object (builder);
}

static void
show_component (const QfuOptions *options, JsonBuilder *builder, const QfuComponent *component)
{
  const QfuComponentRelease *release =
      component->releases->len == 0 ? NULL : g_ptr_array_index (component->releases, 0);

  qfu_say (options, "firmware %s", component->id);
  if (component->name != NULL)
    qfu_say (options, "  name       %s", component->name);
  if (release != NULL)
    qfu_say (options, "  version    %s", release->version);
  for (gsize i = 0; component->guids[i] != NULL; i++)
    qfu_say (options, "  for        %s", component->guids[i]);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "id", component->id);
  qfu_json_text (builder, "name", component->name);
  qfu_json_text (builder, "vendor", component->vendor);
  qfu_json_text (builder, "version", release == NULL ? NULL : release->version);
  qfu_json_texts (builder, "guids", (const char *const *)component->guids);
  json_builder_end_object (builder);
}

static void
show_report (const QfuOptions *options, const QfuCabReport *report)
{
  gboolean accepted = report->reasons[0] == NULL;
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "items");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->items->len; i++)
    show_item (options, builder, g_ptr_array_index (report->items, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "component");
  if (report->component == NULL)
    json_builder_add_null_value (builder);
  else
    show_component (options, builder, report->component);
  qfu_json_text (builder, "verdict", accepted ? "accepted" : "rejected");
  qfu_json_texts (builder, "reasons", (const char *const *)report->reasons);
  json_builder_end_object (builder);
  qfu_say (options, "%s", accepted ? "accepted" : "rejected");
  qfu_print_json (options, builder);
}

gboolean
qfu_verb_verify (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  const char *path = options->arguments[0];
  const char *keys = options->keys != NULL ? options->keys : config->firmware_keys;
  g_autoptr (QfuUntrustedBlob) cab = NULL;
  g_autoptr (QfuCabReport) report = NULL;
  g_autofree char *reasons = NULL;
  gint64 now;

  if (path == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE, "verify needs the path of a cab");
    return FALSE;
  }
  cab = qfu_untrusted_blob_load (path, QFU_CAB_SIZE_MAX, FALSE, error);
  if (cab == NULL)
    return FALSE;
  if (!qfu_clock_now (config, &now, error))
    return FALSE;
  report = qfu_cab_check (config, cab, keys, now, error);
  if (report == NULL)
    return FALSE;
  show_report (options, report);
  if (report->reasons[0] == NULL)
    return TRUE;
  reasons = g_strjoinv ("; ", report->reasons);
  g_set_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE, "%s is rejected: %s", path, reasons);
  return FALSE;
}
