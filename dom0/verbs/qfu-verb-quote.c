/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* attest --verify: what a quote of another machine says, and whether it counts. */

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-quote-show.h"
#include "qfu-refimport.h"
#include "qfu-remote.h"

#include <string.h>

/* 0 to 7: the firmware's. The log must explain every one of them. */
#define FIRMWARE_PCRS 0x0000ffu
/* 8, 9 and 14: the boot loader's. The log must explain those that it has events for. Others are
 * extended by the running system, behind the end of the log, or are not measured at start-up. */
#define LOADER_PCRS 0x004300u

static void
check_clear (QfuQuoteCheck *check)
{
  qfu_quote_free (check->quote);
  g_clear_pointer (&check->logs, g_ptr_array_unref);
  g_clear_pointer (&check->replay, qfu_replay_free);
  g_clear_pointer (&check->references, g_ptr_array_unref);
  g_clear_pointer (&check->differences, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuQuoteCheck, check_clear)

static gboolean
read_quote (QfuQuoteCheck *check, GError **error)
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
check_nonce (const QfuQuoteCheck *check, GError **error)
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
read_values (QfuQuoteCheck *check, GError **error)
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
log_path (const QfuQuoteCheck *check, guint number)
{
  g_autofree char *name =
      number == 1 ? g_strdup (QFU_FILE_EVENTS) : g_strdup_printf (QFU_FILE_EVENTS "-%u", number);

  return g_build_filename (check->options->verify, name, NULL);
}

static gboolean
read_log (QfuQuoteCheck *check, const char *path, GError **error)
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
read_logs (QfuQuoteCheck *check, GError **error)
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

gboolean
qfu_replay_has_events (const QfuReplay *replay, gsize bank, guint pcr)
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
         ((LOADER_PCRS & 1u << pcr) != 0 && qfu_replay_has_events (replay, bank, pcr));
}

gboolean
qfu_quote_replayed (const QfuQuoteCheck *check, gsize bank, guint pcr)
{
  return check->values.known[bank][pcr] && check->replay->values.known[bank][pcr];
}

static gboolean
check_bank (const QfuQuoteCheck *check, gsize bank, guint *explained, GError **error)
{
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    if (!qfu_quote_replayed (check, bank, pcr) || !is_bound (check->replay, bank, pcr))
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
check_logs (QfuQuoteCheck *check, GError **error)
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
compare_references (QfuQuoteCheck *check)
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
read_references (QfuQuoteCheck *check, GError **error)
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

/* Only what is beyond doubt is kept. That it cannot be kept, or that others could have written what
 * was, is no reason to doubt the quote. */
static gboolean
keep_seen (QfuQuoteCheck *check, GError **error)
{
  g_autoptr (GError) load = NULL;
  g_autoptr (GError) save = NULL;

  if (!qfu_seen_load (check->options->ak, check->quote, &check->seen, &load)) {
    if (!g_error_matches (load, QFU_ERROR, QFU_ERROR_REFUSED)) {
      g_propagate_error (error, g_steal_pointer (&load));
      return FALSE;
    }
    qfu_warn ("the TPM's counters are not compared with those of the last verification: %s",
              load->message);
    return TRUE;
  }
  if (!qfu_seen_save (check->options->ak, check->quote, &save))
    qfu_warn ("the next verification will not know of this one: %s", save->message);
  return TRUE;
}

gboolean
qfu_remote_verify (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (QfuQuoteCheck) check = {.config = config, .options = options};

  if (!read_quote (&check, error) || !check_nonce (&check, error) || !read_values (&check, error) ||
      !read_logs (&check, error) || !check_logs (&check, error) ||
      !read_references (&check, error) || !keep_seen (&check, error))
    return FALSE;
  qfu_quote_show (&check);
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
