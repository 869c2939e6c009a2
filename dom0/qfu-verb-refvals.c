/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* refvals: shows the store. */

#include "qfu-print.h"
#include "qfu-refstore.h"

static void
say_record (const QfuOptions *options, const QfuRefRecord *record)
{
  g_autofree char *time = qfu_time_text (record->state_time);

  qfu_say (options, "record %u: %s since %s", record->id, qfu_ref_state_name (record->state), time);
  if (record->device_name[0] != '\0')
    qfu_say (options, "  device   %s (%s)", record->device_name, record->device_id);
  qfu_say (options, "  version  %s%s%s", record->version_from,
           record->version_from[0] == '\0' ? "" : " -> ", record->version_to);
  if (record->reason[0] != '\0')
    qfu_say (options, "  reason   %s", record->reason);
  for (guint i = 0; i < record->forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (record->forecasts, QfuForecast, i);
    g_autofree char *value = forecast->value.size == 0 ? g_strdup (forecast->reason)
                                                       : qfu_digest_to_hex (&forecast->value);

    if (forecast->status == QFU_PCR_PREDICTED || options->verbose)
      qfu_say (options, "  PCR %-2u %s %s %s", forecast->pcr, qfu_hash_name (forecast->bank),
               qfu_pcr_status_name (forecast->status), value);
  }
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
add_record (JsonBuilder *builder, const QfuRefRecord *record)
{
  json_builder_begin_object (builder);
  qfu_json_number (builder, "record", record->id);
  qfu_json_text (builder, "state", qfu_ref_state_name (record->state));
  qfu_json_text (builder, "reason", record->reason);
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
  json_builder_set_member_name (builder, "pcrs");
  json_builder_begin_array (builder);
  for (guint i = 0; i < record->forecasts->len; i++)
    add_forecast (builder, &g_array_index (record->forecasts, QfuForecast, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
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
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  if (records->len == 0)
    qfu_say (options,
             "no reference values yet; `qubes-fwupdmgr attest --learn` records those of this boot");
  return TRUE;
}
