/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-quote-show.h"

#include "qfu-attestation.h"
#include "qfu-print.h"

#include <string.h>

static void
add_banks (JsonBuilder *builder, const QfuPcrSet *values)
{
  json_builder_set_member_name (builder, "banks");
  json_builder_begin_object (builder);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    gboolean any = FALSE;

    for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++)
      any = any || values->known[bank][pcr];
    if (!any)
      continue;
    json_builder_set_member_name (builder, qfu_hash_name (qfu_bank_hash (bank)));
    json_builder_begin_object (builder);
    for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
      g_autofree char *index = g_strdup_printf ("%u", pcr);

      if (values->known[bank][pcr])
        qfu_json_digest (builder, index, &values->value[bank][pcr]);
    }
    json_builder_end_object (builder);
  }
  json_builder_end_object (builder);
}

/* PCRs with events in the log that the running system has gone on to extend. */
static void
add_extended (const QfuQuoteCheck *check, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "extendedSince");
  json_builder_begin_array (builder);
  for (guint i = 0; check->replay != NULL && i < QFU_BANK_COUNT * QFU_PCR_COUNT; i++) {
    gsize bank = i / QFU_PCR_COUNT;
    guint pcr = i % QFU_PCR_COUNT;

    if (!qfu_quote_replayed (check, bank, pcr) ||
        !qfu_replay_has_events (check->replay, bank, pcr) ||
        qfu_replay_agrees (check->replay, &check->values, bank, pcr))
      continue;
    qfu_say (check->options, "PCR %u of bank %s was extended after the end of the event log", pcr,
             qfu_hash_name (qfu_bank_hash (bank)));
    json_builder_begin_object (builder);
    qfu_json_number (builder, "pcr", pcr);
    qfu_json_text (builder, "bank", qfu_hash_name (qfu_bank_hash (bank)));
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_difference (const QfuOptions *options, JsonBuilder *builder, const QfuDifference *difference)
{
  g_autofree char *expected = qfu_digest_to_hex (&difference->expected);
  g_autofree char *actual = difference->actual.size == 0 ? g_strdup ("not quoted")
                                                         : qfu_digest_to_hex (&difference->actual);

  qfu_say (options, "  PCR %u %s expected %s", difference->pcr, qfu_hash_name (difference->bank),
           expected);
  qfu_say (options, "  %*s is       %s", (int)strlen (qfu_hash_name (difference->bank)) + 6, "",
           actual);
  qfu_attestation_difference (builder, difference);
}

static void
add_reference (const QfuQuoteCheck *check, JsonBuilder *builder)
{
  const QfuRefRecord *record = check->reference;

  if (record == NULL) {
    qfu_say (check->options, "no reference values were given: the values are genuine, but whether "
                             "they are the right ones was not asked (--refvals)");
    return;
  }
  json_builder_set_member_name (builder, "reference");
  json_builder_begin_object (builder);
  qfu_json_number (builder, "record", record->id);
  qfu_json_text (builder, "state", qfu_ref_state_name (record->state));
  qfu_json_text (builder, "version", record->version_to);
  qfu_json_number (builder, "compared", check->compared);
  qfu_say (check->options, "%u of %u values are those of record %u (%s)",
           check->compared - check->differences->len, check->compared, record->id,
           qfu_ref_state_name (record->state));
  json_builder_set_member_name (builder, "differences");
  json_builder_begin_array (builder);
  for (guint i = 0; i < check->differences->len; i++)
    add_difference (check->options, builder, &g_array_index (check->differences, QfuDifference, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

void
qfu_quote_show (const QfuQuoteCheck *check)
{
  const QfuOptions *options = check->options;
  const QfuQuote *quote = check->quote;
  JsonBuilder *builder = json_builder_new ();
  gboolean passed = check->references == NULL || check->verdict == QFU_VERDICT_MATCH;

  qfu_say (options, "the quote is signed by the pinned key and answers the nonce");
  if (check->replay != NULL)
    qfu_say (options, "the event log (%u events) replays to the quoted values",
             check->replay->events->len);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "result", passed ? "passed" : "mismatch");
  qfu_json_text (builder, "akName", quote->key_name);
  qfu_json_text (builder, "nonce", quote->nonce);
  qfu_json_number (builder, "resetCount", quote->reset_count);
  qfu_json_number (builder, "restartCount", quote->restart_count);
  qfu_json_number (builder, "clock", (gint64)quote->clock);
  qfu_json_flag (builder, "clockSafe", quote->safe);
  qfu_json_flag (builder, "logReplays", check->replay != NULL);
  qfu_json_number (builder, "logs", check->logs->len);
  add_extended (check, builder);
  qfu_seen_report (options, builder, &check->seen, quote);
  add_reference (check, builder);
  add_banks (builder, &check->values);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
}
