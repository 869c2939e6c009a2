/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* eventlog: lists the events of a TPM log and what they replay to. */

#include "qfu-measured.h"
#include "qfu-print.h"

static const char *
format_name (QfuLogFormat format)
{
  switch (format) {
  case QFU_LOG_COREBOOT:
    return "coreboot";
  case QFU_LOG_TCG1:
    return "tcg-sha1";
  case QFU_LOG_TCG2:
    return "tcg-agile";
  case QFU_LOG_CONSOLE:
    return "coreboot-console";
  default:
    return "unknown";
  }
}

static void
show_event (const QfuOptions *options, JsonBuilder *builder, const QfuEvent *event)
{
  json_builder_begin_object (builder);
  qfu_json_number (builder, "pcr", event->pcr);
  qfu_json_number (builder, "type", event->type);
  qfu_json_text (builder, "name", event->name);
  json_builder_set_member_name (builder, "digests");
  json_builder_begin_object (builder);
  qfu_say (options, "PCR %-2u type 0x%08x  %s", event->pcr, event->type, event->name);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    const QfuDigest *digest = &event->digests[bank];
    g_autofree char *hex = digest->size > 0 ? qfu_digest_to_hex (digest) : NULL;

    if (hex == NULL)
      continue;
    qfu_say (options, "       %s %s", qfu_hash_name (digest->hash), hex);
    qfu_json_text (builder, qfu_hash_name (digest->hash), hex);
  }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static void
show_bank (const QfuOptions *options, JsonBuilder *builder, const QfuPcrSet *values, gsize bank)
{
  json_builder_set_member_name (builder, qfu_hash_name (qfu_bank_hash (bank)));
  json_builder_begin_object (builder);
  qfu_say (options, "bank %s", qfu_hash_name (qfu_bank_hash (bank)));
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    g_autofree char *index = g_strdup_printf ("%u", pcr);
    g_autofree char *hex = qfu_digest_to_hex (&values->value[bank][pcr]);

    qfu_say (options, "  %-2u %s", pcr, hex);
    qfu_json_text (builder, index, hex);
  }
  json_builder_end_object (builder);
}

gboolean
qfu_verb_eventlog (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (GPtrArray) logs =
      qfu_measured_logs (config, options->arguments[0] == NULL ? NULL : options->arguments, error);
  const QfuEventLog *log;
  JsonBuilder *builder;
  QfuPcrSet values;

  if (logs == NULL)
    return FALSE;
  log = g_ptr_array_index (logs, 0);
  qfu_eventlog_replay (log, &values);
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  qfu_json_text (builder, "format", format_name (log->format));
  qfu_json_number (builder, "locality", log->locality);
  json_builder_set_member_name (builder, "events");
  json_builder_begin_array (builder);
  for (guint i = 0; i < log->events->len; i++)
    show_event (options, builder, &g_array_index (log->events, QfuEvent, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "banks");
  json_builder_begin_object (builder);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    if (values.known[bank][0])
      show_bank (options, builder, &values, bank);
  }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  return TRUE;
}
