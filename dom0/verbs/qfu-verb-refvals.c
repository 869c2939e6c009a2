/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* refvals: shows the store, and what the last attestation found. */

#include "qfu-error.h"
#include "qfu-outcome.h"
#include "qfu-print.h"
#include "qfu-refstore.h"
#include "qfu-verbs.h"

static void
say_record (const QfuOptions *options, const QfuRefRecord *record)
{
  g_autofree char *time = qfu_time_text (record->state_time);

  qfu_say_as (options, QFU_STYLE_BOLD, "record %u: %s since %s", record->id,
              qfu_ref_state_name (record->state), time);
  if (record->device_name[0] != '\0')
    qfu_say_fact (options, "device", "%s (%s)", record->device_name, record->device_id);
  qfu_say_fact (options, "version", "%s%s%s", record->version_from,
                record->version_from[0] == '\0' ? "" : " -> ", record->version_to);
  qfu_say_fact (options, "basis", "%s%s%s", qfu_ref_basis_name (record->basis),
                record->why_unpredicted[0] == '\0' ? "" : ": ", record->why_unpredicted);
  if (record->reason[0] != '\0')
    qfu_say_fact (options, "reason", "%s", record->reason);
  for (guint i = 0; i < record->forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (record->forecasts, QfuForecast, i);
    g_autofree char *value = forecast->value.size == 0 ? g_strdup (forecast->reason)
                                                       : qfu_digest_to_hex (&forecast->value);

    if (forecast->status == QFU_PCR_PREDICTED || options->verbose)
      qfu_say (options, "  PCR %-2u %s %s by %s: %s", forecast->pcr, qfu_hash_name (forecast->bank),
               qfu_pcr_status_name (forecast->status), qfu_pcr_source_name (forecast->source),
               value);
  }
}

static void
add_forecast (JsonBuilder *builder, const QfuForecast *forecast)
{
  json_builder_begin_object (builder);
  qfu_json_number (builder, "pcr", forecast->pcr);
  qfu_json_text (builder, "bank", qfu_hash_name (forecast->bank));
  qfu_json_text (builder, "status", qfu_pcr_status_name (forecast->status));
  qfu_json_text (builder, "source", qfu_pcr_source_name (forecast->source));
  qfu_json_digest (builder, "value", &forecast->value);
  qfu_json_text (builder, "reason", forecast->reason);
  json_builder_end_object (builder);
}

static void
add_record (JsonBuilder *builder, const QfuRefRecord *record)
{
  json_builder_begin_object (builder);
  qfu_json_number (builder, "record", record->id);
  qfu_json_text (builder, "state", qfu_ref_state_name (record->state));
  qfu_json_text (builder, "reason", record->reason);
  qfu_json_text (builder, "basis", qfu_ref_basis_name (record->basis));
  qfu_json_text (builder, "whyUnpredicted", record->why_unpredicted);
  qfu_json_number (builder, "time", record->time);
  qfu_json_number (builder, "stateTime", record->state_time);
  qfu_json_text (builder, "bootId", record->boot_id);
  qfu_json_text (builder, "deviceId", record->device_id);
  qfu_json_text (builder, "deviceName", record->device_name);
  qfu_json_text (builder, "versionFrom", record->version_from);
  qfu_json_text (builder, "versionTo", record->version_to);
  qfu_json_digest (builder, "oldChip", &record->old_chip);
  qfu_json_digest (builder, "image", &record->image);
  qfu_json_digest (builder, "payload", &record->payload);
  qfu_json_digest (builder, "cab", &record->cab);
  qfu_json_digest (builder, "manifest", &record->manifest);
  json_builder_set_member_name (builder, "pcrs");
  json_builder_begin_array (builder);
  for (guint i = 0; i < record->forecasts->len; i++)
    add_forecast (builder, &g_array_index (record->forecasts, QfuForecast, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
say_outcome (const QfuOptions *options, const QfuConfig *config, JsonObject *outcome)
{
  g_autofree char *boot_id = qfu_config_boot_id (config, NULL);
  g_autofree char *time = qfu_time_text (json_object_get_int_member (outcome, "time"));
  gboolean here = g_strcmp0 (boot_id, json_object_get_string_member (outcome, "bootId")) == 0;
  const char *why = json_object_get_string_member_with_default (outcome, "why", NULL);

  qfu_say (options, "last attestation: %s at %s, of %s boot",
           json_object_get_string_member (outcome, "result"), time, here ? "this" : "an earlier");
  if (why != NULL)
    qfu_say (options, "  %s", why);
  qfu_say (options, "  %s", json_object_get_string_member (outcome, "log"));
}

/* Adds what the last attestation found: null when there was none. One that cannot be read hides no
 * record. */
static void
add_outcome (const QfuOptions *options, const QfuConfig *config, JsonBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) outcome = qfu_outcome_load (config, &error);

  json_builder_set_member_name (builder, "attestation");
  if (outcome == NULL) {
    json_builder_add_null_value (builder);
    if (!g_error_matches (error, QFU_ERROR, QFU_ERROR_NOT_FOUND))
      qfu_warn ("warning: what the last attestation found is not known: %s", error->message);
    return;
  }
  say_outcome (options, config, json_node_get_object (outcome));
  json_builder_add_value (builder, g_steal_pointer (&outcome));
}

gboolean
qfu_verb_refvals (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuRefStore) store = qfu_refstore_open (config, FALSE, error);
  JsonBuilder *builder;
  const GPtrArray *records;

  if (store == NULL)
    return FALSE;
  records = qfu_refstore_records (store);
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "records");
  json_builder_begin_array (builder);
  for (guint i = 0; i < records->len; i++) {
    say_record (options, g_ptr_array_index (records, i));
    add_record (builder, g_ptr_array_index (records, i));
  }
  json_builder_end_array (builder);
  add_outcome (options, config, builder);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  if (records->len == 0)
    qfu_say (options,
             "no reference values yet; `qubes-fwupdmgr attest --learn` records those of this boot");
  return TRUE;
}
