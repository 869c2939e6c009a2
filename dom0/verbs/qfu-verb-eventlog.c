/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* eventlog: lists the events of TPM logs, what they replay to, and whether the TPM agrees. */

#include "qfu-event-type.h"
#include "qfu-logcheck.h"
#include "qfu-machine-logs.h"
#include "qfu-machine.h"
#include "qfu-measured.h"
#include "qfu-print.h"
#include "qfu-verbs.h"

typedef struct {
  const QfuOptions *options;
  JsonBuilder *builder;
  GPtrArray *logs;   /* QfuEventLog */
  GPtrArray *absent; /* why other sources have none */
  QfuReplay *replay; /* of those that fit together best */
  QfuPcrSet pcrs;
  GError *no_pcrs;    /* why nothing is compared */
  QfuLogCheck *check; /* NULL: nothing was */
} Listing;

static void
listing_clear (Listing *l)
{
  g_clear_object (&l->builder);
  g_clear_pointer (&l->replay, qfu_replay_free);
  g_clear_pointer (&l->check, qfu_logcheck_free);
  g_clear_pointer (&l->logs, g_ptr_array_unref);
  g_clear_pointer (&l->absent, g_ptr_array_unref);
  g_clear_error (&l->no_pcrs);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listing, listing_clear)

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

static gboolean
is_used (const Listing *l, const QfuEventLog *log)
{
  return g_ptr_array_find (l->replay->logs, log, NULL);
}

static void
show_event (Listing *l, guint number, const QfuEvent *event)
{
  JsonBuilder *builder = l->builder;
  const char *type = qfu_event_type_name (event->type);

  json_builder_begin_object (builder);
  qfu_json_number (builder, "log", number);
  qfu_json_number (builder, "pcr", event->pcr);
  qfu_json_number (builder, "type", event->type);
  qfu_json_text (builder, "typeName", type);
  qfu_json_text (builder, "name", event->name);
  json_builder_set_member_name (builder, "digests");
  json_builder_begin_object (builder);
  qfu_say (l->options, "PCR %-2u type 0x%08x %s  %s", event->pcr, event->type, type, event->name);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    const QfuDigest *digest = &event->digests[bank];
    g_autofree char *hex = digest->size > 0 ? qfu_digest_to_hex (digest) : NULL;

    if (hex == NULL)
      continue;
    qfu_say (l->options, "       %s %s", qfu_hash_name (digest->hash), hex);
    qfu_json_text (builder, qfu_hash_name (digest->hash), hex);
  }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static void
show_log (Listing *l, const QfuEventLog *log)
{
  gboolean others = (log->flags & QFU_LOG_FLAG_OTHER_BANKS) != 0;

  json_builder_begin_object (l->builder);
  qfu_json_text (l->builder, "source", log->source);
  qfu_json_text (l->builder, "format", format_name (log->format));
  qfu_json_number (l->builder, "locality", log->locality);
  qfu_json_number (l->builder, "events", log->events->len);
  qfu_json_flag (l->builder, "used", is_used (l, log));
  qfu_json_flag (l->builder, "otherBanks", others);
  json_builder_end_object (l->builder);
  qfu_say (l->options, "%s: %s log of %u events%s%s", log->source, format_name (log->format),
           log->events->len, is_used (l, log) ? "" : ", of which none is needed",
           others ? "; it has banks of algorithms that are not replayed here" : "");
}

static void
show_logs (Listing *l)
{
  const QfuEventLog *first = g_ptr_array_index (l->replay->logs, 0);

  json_builder_set_member_name (l->builder, "logs");
  json_builder_begin_array (l->builder);
  for (guint i = 0; i < l->logs->len; i++)
    show_log (l, g_ptr_array_index (l->logs, i));
  json_builder_end_array (l->builder);
  json_builder_set_member_name (l->builder, "absent");
  json_builder_begin_array (l->builder);
  for (guint i = 0; i < l->absent->len; i++) {
    json_builder_add_string_value (l->builder, g_ptr_array_index (l->absent, i));
    qfu_say (l->options, "no log: %s", (const char *)g_ptr_array_index (l->absent, i));
  }
  json_builder_end_array (l->builder);
  qfu_json_text (l->builder, "format", format_name (first->format));
  qfu_json_number (l->builder, "locality", l->replay->locality);
  qfu_json_flag (l->builder, "dynamicLaunch", l->replay->launched);
}

static void
show_events (Listing *l)
{
  json_builder_set_member_name (l->builder, "events");
  json_builder_begin_array (l->builder);
  for (guint i = 0; i < l->replay->logs->len; i++) {
    const QfuEventLog *log = g_ptr_array_index (l->replay->logs, i);
    guint number;

    if (!g_ptr_array_find (l->logs, log, &number))
      continue;
    for (guint n = 0; n < log->events->len; n++)
      show_event (l, number, &g_array_index (log->events, QfuEvent, n));
  }
  json_builder_end_array (l->builder);
}

static void
show_bank (Listing *l, gsize bank)
{
  json_builder_set_member_name (l->builder, qfu_hash_name (qfu_bank_hash (bank)));
  json_builder_begin_object (l->builder);
  qfu_say (l->options, "bank %s", qfu_hash_name (qfu_bank_hash (bank)));
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    g_autofree char *index = g_strdup_printf ("%u", pcr);
    g_autofree char *hex = qfu_digest_to_hex (&l->replay->values.value[bank][pcr]);

    qfu_say (l->options, "  %-2u %s", pcr, hex);
    qfu_json_text (l->builder, index, hex);
  }
  json_builder_end_object (l->builder);
}

static void
show_banks (Listing *l)
{
  json_builder_set_member_name (l->builder, "banks");
  json_builder_begin_object (l->builder);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    if (qfu_replay_has (l->replay, bank, QFU_PCR_COUNT))
      show_bank (l, bank);
  }
  json_builder_end_object (l->builder);
}

static void
show_difference (Listing *l, const QfuLogDifference *difference)
{
  json_builder_begin_object (l->builder);
  qfu_json_number (l->builder, "pcr", difference->pcr);
  qfu_json_text (l->builder, "bank", qfu_hash_name (difference->bank));
  qfu_json_digest (l->builder, "replayed", &difference->replayed);
  qfu_json_digest (l->builder, "actual", &difference->actual);
  qfu_json_flag (l->builder, "runningSystem", difference->running);
  json_builder_end_object (l->builder);
}

static char *
verdict_text (const Listing *l)
{
  const QfuLogDifference *first = l->check != NULL ? l->check->first : NULL;

  if (l->check == NULL)
    return g_strdup (l->no_pcrs != NULL ? l->no_pcrs->message
                                        : "the PCRs of this boot were not asked for: --pcrs FILE "
                                          "gives those that the log belongs to");
  if (first != NULL)
    return g_strdup_printf ("PCR %u of bank %s is the first that the log does not replay to",
                            first->pcr, qfu_hash_name (first->bank));
  return l->check->compared == 0
             ? g_strdup ("the log says nothing of the PCRs that the TPM has")
             : g_strdup_printf ("the log replays to the PCRs (%u values)", l->check->compared);
}

/* Banks of the TPM in which nothing can be said. */
static void
show_silent (Listing *l)
{
  json_builder_set_member_name (l->builder, "banksWithoutLog");
  json_builder_begin_array (l->builder);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    if (l->check == NULL || !l->check->silent[bank])
      continue;
    json_builder_add_string_value (l->builder, qfu_hash_name (qfu_bank_hash (bank)));
    qfu_say (l->options, "the log has nothing of bank %s", qfu_hash_name (qfu_bank_hash (bank)));
  }
  json_builder_end_array (l->builder);
}

static void
show_verdict (Listing *l)
{
  const GArray *differences = l->check != NULL ? l->check->differences : NULL;
  const QfuLogDifference *first = l->check != NULL ? l->check->first : NULL;
  g_autofree char *text = verdict_text (l);

  json_builder_set_member_name (l->builder, "replay");
  json_builder_begin_object (l->builder);
  qfu_json_text (l->builder, "verdict",
                 l->check == NULL || l->check->compared == 0 ? "unknown"
                 : first == NULL                             ? "match"
                                                             : "mismatch");
  qfu_json_text (l->builder, "message", text);
  qfu_json_number (l->builder, "compared", l->check != NULL ? l->check->compared : 0);
  json_builder_set_member_name (l->builder, "firstDifference");
  if (first != NULL)
    show_difference (l, first);
  else
    json_builder_add_null_value (l->builder);
  json_builder_set_member_name (l->builder, "differences");
  json_builder_begin_array (l->builder);
  for (guint i = 0; differences != NULL && i < differences->len; i++)
    show_difference (l, &g_array_index (differences, QfuLogDifference, i));
  json_builder_end_array (l->builder);
  show_silent (l);
  json_builder_end_object (l->builder);
  qfu_say (l->options, "%s%s", first != NULL ? "MISMATCH: " : "", text);
}

/* PCRs belong to a boot: this machine's are compared with its own logs alone. */
static gboolean
read_pcrs (Listing *l, const QfuConfig *config, GError **error)
{
  const QfuOptions *options = l->options;

  qfu_pcr_set_clear (&l->pcrs);
  if (options->pcrs != NULL)
    return qfu_measured_pcrs (options->pcrs, &l->pcrs, error);
  if (options->arguments[0] == NULL && !qfu_machine_pcrs (config, &l->pcrs, &l->no_pcrs))
    qfu_pcr_set_clear (&l->pcrs);
  return TRUE;
}

gboolean
qfu_verb_eventlog (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (Listing) l = {.options = options, .builder = json_builder_new ()};
  gboolean files = options->arguments[0] != NULL;

  l.absent = g_ptr_array_new_with_free_func (g_free);
  l.logs = files ? qfu_measured_logs (config, options->arguments, error)
                 : qfu_machine_event_logs_or_why (config, l.absent, error);
  if (l.logs == NULL || !read_pcrs (&l, config, error))
    return FALSE;
  l.replay = qfu_replay_choose ((const QfuEventLog *const *)l.logs->pdata, l.logs->len, &l.pcrs);
  if (options->pcrs != NULL || (!files && l.no_pcrs == NULL))
    l.check = qfu_logcheck (l.replay, &l.pcrs);
  json_builder_begin_object (l.builder);
  show_logs (&l);
  show_events (&l);
  show_banks (&l);
  show_verdict (&l);
  json_builder_end_object (l.builder);
  qfu_print_json (options, g_steal_pointer (&l.builder));
  return TRUE;
}
