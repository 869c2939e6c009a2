/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* attest --verify: what a quote of another machine says, and whether it counts. */

#include "qfu-attest.h"
#include "qfu-error.h"
#include "qfu-eventlog.h"
#include "qfu-limits.h"
#include "qfu-print.h"
#include "qfu-quote.h"
#include "qfu-refimport.h"
#include "qfu-remote.h"
#include "qfu-replay.h"
#include "qfu-seen.h"

#include <string.h>

/* 0 to 7: the firmware's. The log must explain every one of them. */
#define FIRMWARE_PCRS 0x0000ffu
/* 8, 9 and 14: the boot loader's. The log must explain those that it has events for. Others are
 * extended by the running system, behind the end of the log, or are not measured at start-up. */
#define LOADER_PCRS 0x004300u

typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  QfuQuote *quote;
  QfuPcrSet values;
  GPtrArray *logs;               /* QfuEventLog */
  QfuReplay *replay;             /* %NULL without a log */
  GPtrArray *references;         /* QfuRefRecord; %NULL without --refvals */
  const QfuRefRecord *reference; /* the one that fits, else the one that comes closest */
  QfuVerdict verdict;
  guint compared;
  GArray *differences; /* QfuDifference */
  QfuSeen seen;
} Check;

static void
check_clear (Check *check)
{
  qfu_quote_free (check->quote);
  g_clear_pointer (&check->logs, g_ptr_array_unref);
  g_clear_pointer (&check->replay, qfu_replay_free);
  g_clear_pointer (&check->references, g_ptr_array_unref);
  g_clear_pointer (&check->differences, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)

static gboolean
read_quote (Check *check, GError **error)
{
  const char *folder = check->options->verify;
  g_autoptr (QfuUntrustedBlob) ak =
      qfu_untrusted_blob_load (check->options->ak, QFU_TPM_PUBLIC_MAX, FALSE, error);
  g_autoptr (QfuUntrustedBlob) message =
      ak == NULL ? NULL : qfu_remote_load (folder, QFU_FILE_MESSAGE, QFU_QUOTE_MESSAGE_MAX, error);
  g_autoptr (QfuUntrustedBlob) signature =
      message == NULL
          ? NULL
          : qfu_remote_load (folder, QFU_FILE_SIGNATURE, QFU_QUOTE_SIGNATURE_MAX, error);

  if (signature == NULL)
    return FALSE;
  check->quote = qfu_quote_read (check->config, ak, message, signature, error);
  return check->quote != NULL;
}

static gboolean
check_nonce (const Check *check, GError **error)
{
  g_autoptr (GBytes) wanted = qfu_remote_nonce (check->options, error);
  g_autofree char *hex = wanted == NULL ? NULL : qfu_remote_hex (wanted);

  if (hex == NULL)
    return FALSE;
  if (strcmp (hex, check->quote->nonce) == 0)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_STALE,
               "the quote answers nonce %s, not the one of --nonce: it is of another time",
               check->quote->nonce);
  return FALSE;
}

static gboolean
read_values (Check *check, GError **error)
{
  g_autoptr (QfuUntrustedBlob) file =
      qfu_remote_load (check->options->verify, QFU_FILE_PCRS, QFU_PCRFILE_SIZE_MAX, error);

  return file != NULL && qfu_pcrfile_read (check->config, file, &check->values, error) &&
         qfu_quote_check_values (check->quote, &check->values, error);
}

static void
free_log (gpointer log)
{
  qfu_eventlog_free (log);
}

static char *
log_path (const Check *check, guint number)
{
  g_autofree char *name =
      number == 1 ? g_strdup (QFU_FILE_EVENTS) : g_strdup_printf (QFU_FILE_EVENTS "-%u", number);

  return g_build_filename (check->options->verify, name, NULL);
}

static gboolean
read_log (Check *check, const char *path, GError **error)
{
  g_autoptr (QfuUntrustedBlob) bytes =
      qfu_untrusted_blob_load (path, QFU_EVENTLOG_SIZE_MAX, TRUE, error);
  QfuEventLog *log = bytes == NULL ? NULL : qfu_eventlog_read (check->config, bytes, error);

  if (log == NULL) {
    g_prefix_error (error, "%s: ", path);
    return FALSE;
  }
  g_ptr_array_add (check->logs, log);
  return TRUE;
}

static gboolean
read_logs (Check *check, GError **error)
{
  check->logs = g_ptr_array_new_with_free_func (free_log);
  for (guint i = 1;; i++) {
    g_autofree char *path = log_path (check, i);

    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      return TRUE;
    if (i > QFU_ATTEST_LOGS_MAX) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "%s: more than %d event logs", path,
                   QFU_ATTEST_LOGS_MAX);
      return FALSE;
    }
    if (!read_log (check, path, error))
      return FALSE;
  }
}

static gboolean
has_events (const QfuReplay *replay, gsize bank, guint pcr)
{
  for (guint i = 0; i < replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (replay->events, i);

    if (event->pcr == pcr && event->digests[bank].size > 0 && qfu_replay_extends (event))
      return TRUE;
  }
  return FALSE;
}

/* Whether the log has to explain this value. */
static gboolean
is_bound (const QfuReplay *replay, gsize bank, guint pcr)
{
  return (FIRMWARE_PCRS & 1u << pcr) != 0 ||
         ((LOADER_PCRS & 1u << pcr) != 0 && has_events (replay, bank, pcr));
}

/* Whether a value is both quoted and replayed. */
static gboolean
is_common (const Check *check, gsize bank, guint pcr)
{
  return check->values.known[bank][pcr] && check->replay->values.known[bank][pcr];
}

static gboolean
check_bank (const Check *check, gsize bank, guint *explained, GError **error)
{
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    if (!is_common (check, bank, pcr) || !is_bound (check->replay, bank, pcr))
      continue;
    if (!qfu_replay_agrees (check->replay, &check->values, bank, pcr)) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                   "the event log does not replay to the quoted value of PCR %u in bank %s", pcr,
                   qfu_hash_name (qfu_bank_hash (bank)));
      return FALSE;
    }
    (*explained)++;
  }
  return TRUE;
}

static gboolean
check_logs (Check *check, GError **error)
{
  guint explained = 0;

  if (check->logs->len == 0 && check->options->refvals != NULL)
    return TRUE;
  if (check->logs->len == 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "%s has no event log: without one, and without --refvals, the quoted values mean "
                 "nothing",
                 check->options->verify);
    return FALSE;
  }
  check->replay = qfu_replay_choose ((const QfuEventLog *const *)check->logs->pdata,
                                     check->logs->len, &check->values);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    if (!check_bank (check, bank, &explained, error))
      return FALSE;
  }
  if (explained > 0)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                       "the event log and the quote have no PCR in common");
  return FALSE;
}

/* Judges every record; one that fits ends it, and the current one is asked first. */
static void
compare_references (Check *check)
{
  static const QfuRefState order[] = {QFU_REF_CURRENT, QFU_REF_WRITTEN, QFU_REF_CONSUMED};

  for (gsize s = 0; s < G_N_ELEMENTS (order) && check->verdict != QFU_VERDICT_MATCH; s++) {
    for (guint i = check->references->len; i > 0; i--) {
      const QfuRefRecord *record = g_ptr_array_index (check->references, i - 1);
      g_autoptr (GArray) differences = g_array_new (FALSE, FALSE, sizeof (QfuDifference));
      guint compared;
      QfuVerdict verdict;

      if (record->state != order[s])
        continue;
      verdict = qfu_attest_compare (record, &check->values, &compared, differences);
      if (check->reference != NULL && verdict != QFU_VERDICT_MATCH)
        continue;
      check->reference = record;
      check->verdict = verdict;
      check->compared = compared;
      g_clear_pointer (&check->differences, g_array_unref);
      check->differences = g_steal_pointer (&differences);
      if (verdict == QFU_VERDICT_MATCH)
        return;
    }
  }
}

static gboolean
read_references (Check *check, GError **error)
{
  g_autoptr (QfuUntrustedBlob) file = NULL;

  check->verdict = QFU_VERDICT_EMPTY;
  if (check->options->refvals == NULL)
    return TRUE;
  file = qfu_untrusted_blob_load (check->options->refvals, QFU_REFVALS_SIZE_MAX, FALSE, error);
  check->references = file == NULL ? NULL : qfu_refimport_read (check->config, file, error);
  if (check->references == NULL)
    return FALSE;
  compare_references (check);
  return TRUE;
}

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
add_extended (const Check *check, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "extendedSince");
  json_builder_begin_array (builder);
  for (guint i = 0; check->replay != NULL && i < QFU_BANK_COUNT * QFU_PCR_COUNT; i++) {
    gsize bank = i / QFU_PCR_COUNT;
    guint pcr = i % QFU_PCR_COUNT;

    if (!is_common (check, bank, pcr) || !has_events (check->replay, bank, pcr) ||
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
  json_builder_begin_object (builder);
  qfu_json_number (builder, "pcr", difference->pcr);
  qfu_json_text (builder, "bank", qfu_hash_name (difference->bank));
  qfu_json_digest (builder, "expected", &difference->expected);
  qfu_json_digest (builder, "actual", &difference->actual);
  json_builder_end_object (builder);
}

static void
add_reference (const Check *check, JsonBuilder *builder)
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

static void
report (const Check *check)
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

/* Only what is beyond doubt is kept; that it cannot be kept is no reason to doubt the quote. */
static gboolean
keep_seen (Check *check, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!qfu_seen_load (check->options->ak, check->quote, &check->seen, error))
    return FALSE;
  if (!qfu_seen_save (check->options->ak, check->quote, &local))
    qfu_warn ("the next verification will not know of this one: %s", local->message);
  return TRUE;
}

gboolean
qfu_remote_verify (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (Check) check = {.config = config, .options = options};

  if (!read_quote (&check, error) || !check_nonce (&check, error) || !read_values (&check, error) ||
      !read_logs (&check, error) || !check_logs (&check, error) ||
      !read_references (&check, error) || !keep_seen (&check, error))
    return FALSE;
  report (&check);
  if (check.references == NULL || check.verdict == QFU_VERDICT_MATCH)
    return TRUE;
  g_set_error (error, QFU_ERROR,
               check.verdict == QFU_VERDICT_EMPTY ? QFU_ERROR_NOT_FOUND : QFU_ERROR_MISMATCH,
               check.verdict == QFU_VERDICT_EMPTY
                   ? "%s has no values to compare with"
                   : "the quote is genuine, but the machine's values are none of those in %s",
               options->refvals);
  return FALSE;
}
