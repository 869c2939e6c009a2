/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* attest: does this boot hold what was recorded before it? Settles a written record, or raises the
 * alarm. */

#include "qfu-attest.h"
#include "qfu-error.h"
#include "qfu-eventlog.h"
#include "qfu-machine-logs.h"
#include "qfu-machine.h"
#include "qfu-print.h"

#include <string.h>

#define LEARNED_PCRS 8 /* PCR 0 to 7 belong to the firmware */

typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  QfuRefStore *store;
  QfuPcrSet pcrs;
  char *boot_id;
  char *replay; /* what the event log says against the PCRs */
  gboolean replays;
} Attest;

static void
attest_clear (Attest *attest)
{
  g_clear_pointer (&attest->store, qfu_refstore_close);
  g_free (attest->boot_id);
  g_free (attest->replay);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Attest, attest_clear)

/* A log that cannot be read or does not replay is said, but the PCRs alone decide: they cannot be
 * talked down. */
static void
check_replay (Attest *attest)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) logs = qfu_machine_event_logs (attest->config, &error);
  const QfuEventLog *log = logs == NULL ? NULL : g_ptr_array_index (logs, 0);
  QfuPcrSet replayed;
  QfuHash bank;
  guint pcr;

  if (log == NULL) {
    attest->replay = g_strdup_printf ("the event log says nothing: %s", error->message);
    return;
  }
  qfu_eventlog_replay (log, &replayed);
  attest->replays = !qfu_attest_replay_differs (&replayed, &attest->pcrs, &pcr, &bank);
  attest->replay =
      attest->replays
          ? g_strdup_printf ("the event log (%u events) replays to the PCRs", log->events->len)
          : g_strdup_printf ("the event log does not replay to PCR %u of bank %s", pcr,
                             qfu_hash_name (bank));
}

/* The record to judge: one that was written and waits for its boot, else the current one. */
static const QfuRefRecord *
record_to_judge (const QfuRefStore *store)
{
  static const QfuRefState order[] = {QFU_REF_WRITTEN, QFU_REF_CONSUMED, QFU_REF_CURRENT};

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++) {
    const QfuRefRecord *record = qfu_refstore_latest (store, order[i]);

    if (record != NULL)
      return record;
  }
  return NULL;
}

static void
say_differences (const QfuOptions *options, const GArray *differences)
{
  for (guint i = 0; i < differences->len; i++) {
    const QfuDifference *difference = &g_array_index (differences, QfuDifference, i);
    g_autofree char *expected = qfu_digest_to_hex (&difference->expected);
    g_autofree char *actual = difference->actual.size == 0
                                  ? g_strdup ("not there")
                                  : qfu_digest_to_hex (&difference->actual);

    qfu_say (options, "  PCR %u %s expected %s", difference->pcr, qfu_hash_name (difference->bank),
             expected);
    qfu_say (options, "  %*s is       %s", (int)strlen (qfu_hash_name (difference->bank)) + 6, "",
             actual);
  }
}

static void
print_result (const Attest *attest,
              const QfuRefRecord *record,
              const char *result,
              guint compared,
              const GArray *differences)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  qfu_json_text (builder, "result", result);
  qfu_json_number (builder, "record", record->id);
  qfu_json_text (builder, "state", qfu_ref_state_name (record->state));
  qfu_json_text (builder, "version", record->version_to);
  qfu_json_number (builder, "compared", compared);
  qfu_json_flag (builder, "logReplays", attest->replays);
  qfu_json_text (builder, "log", attest->replay);
  json_builder_set_member_name (builder, "differences");
  json_builder_begin_array (builder);
  for (guint i = 0; differences != NULL && i < differences->len; i++) {
    const QfuDifference *difference = &g_array_index (differences, QfuDifference, i);

    json_builder_begin_object (builder);
    qfu_json_number (builder, "pcr", difference->pcr);
    qfu_json_text (builder, "bank", qfu_hash_name (difference->bank));
    qfu_json_digest (builder, "expected", &difference->expected);
    qfu_json_digest (builder, "actual", &difference->actual);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  qfu_print_json (attest->options, builder);
}

static gboolean
settle_match (Attest *attest, const QfuRefRecord *record, guint compared, GError **error)
{
  if (record->state != QFU_REF_CURRENT &&
      !qfu_refstore_move (attest->store, record->id, QFU_REF_CURRENT, "attested after the boot",
                          error))
    return FALSE;
  qfu_say (attest->options, "attestation passed: %u PCR values are as recorded%s%s (record %u)",
           compared, record->cab.size == 0 ? "" : " for version ",
           record->cab.size == 0 ? "" : record->version_to, record->id);
  print_result (attest, record, "passed", compared, NULL);
  return TRUE;
}

/* Whether the values are those of the firmware before: then the flash did not take. */
static gboolean
holds_current_values (const Attest *attest)
{
  const QfuRefRecord *current = qfu_refstore_latest (attest->store, QFU_REF_CURRENT);
  g_autoptr (GArray) differences = g_array_new (FALSE, FALSE, sizeof (QfuDifference));
  guint compared;

  return current != NULL &&
         qfu_attest_compare (current, &attest->pcrs, &compared, differences) == QFU_VERDICT_MATCH;
}

static gboolean
settle_mismatch (Attest *attest,
                 const QfuRefRecord *record,
                 guint compared,
                 const GArray *differences,
                 GError **error)
{
  gboolean settled = record->state == QFU_REF_CURRENT;
  const char *why = settled ? "the firmware that booted is not the one that was attested last"
                    : holds_current_values (attest)
                        ? "the old firmware booted: the flash did not take"
                        : "the firmware that booted is neither the old nor the new one";

  qfu_say (attest->options, "ALARM: %u of %u PCR values differ from record %u:", differences->len,
           compared, record->id);
  say_differences (attest->options, differences);
  if (!settled && !qfu_refstore_move (attest->store, record->id, QFU_REF_FAILED, why, error))
    return FALSE;
  print_result (attest, record, "mismatch", compared, differences);
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
               "attestation failed: %s. Do not enter secrets on this machine before you know why; "
               "if the change was "
               "yours, `qubes-fwupdmgr attest --learn` records the present values",
               why);
  return FALSE;
}

static gboolean
judge (Attest *attest, const QfuRefRecord *record, GError **error)
{
  g_autoptr (GArray) differences = g_array_new (FALSE, FALSE, sizeof (QfuDifference));
  guint compared;

  if (record->state != QFU_REF_CURRENT && strcmp (record->boot_id, attest->boot_id) == 0) {
    g_set_error (
        error, QFU_ERROR, QFU_ERROR_NOTHING,
        "version %s was written but has not booted yet; reboot, then run `qubes-fwupdmgr attest`",
        record->version_to);
    return FALSE;
  }
  qfu_say (attest->options, "%s", attest->replay);
  switch (qfu_attest_compare (record, &attest->pcrs, &compared, differences)) {
  case QFU_VERDICT_MATCH:
    return settle_match (attest, record, compared, error);
  case QFU_VERDICT_MISMATCH:
    return settle_mismatch (attest, record, compared, differences, error);
  case QFU_VERDICT_EMPTY:
  default:
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "record %u has no values to compare",
                 record->id);
    return FALSE;
  }
}

static QfuRefRecord *
present_values (const Attest *attest)
{
  QfuRefRecord *record = qfu_ref_record_new ();

  g_free (record->boot_id);
  record->boot_id = g_strdup (attest->boot_id);
  g_free (record->version_to);
  record->version_to = g_strdup ("as found");
  g_free (record->reason);
  record->reason = g_strdup ("learned from a boot that a person confirmed");
  for (gsize b = 0; b < QFU_BANK_COUNT; b++) {
    for (guint pcr = 0; pcr < LEARNED_PCRS; pcr++) {
      if (attest->pcrs.known[b][pcr])
        qfu_forecasts_add (record->forecasts, pcr, qfu_bank_hash (b), QFU_PCR_UNCHANGED,
                           &attest->pcrs.value[b][pcr], "learned");
    }
  }
  return record;
}

static gboolean
learn (Attest *attest, GError **error)
{
  guint id;

  qfu_say (attest->options, "%s", attest->replay);
  if (!qfu_ask (attest->options, "Record the PCRs of this boot as the ones to expect from now on?",
                error) ||
      !qfu_refstore_learn (attest->store, present_values (attest), &id, error))
    return FALSE;
  qfu_say (attest->options, "recorded the values of this boot as record %u", id);
  print_result (attest, qfu_refstore_latest (attest->store, QFU_REF_CURRENT), "learned", 0, NULL);
  return TRUE;
}

gboolean
qfu_verb_attest (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (Attest) attest = {.config = config, .options = options};
  const QfuRefRecord *record;

  attest.boot_id = qfu_config_boot_id (config, error);
  if (attest.boot_id == NULL || !qfu_machine_pcrs (config, &attest.pcrs, error))
    return FALSE;
  check_replay (&attest);
  attest.store = qfu_refstore_open (config, TRUE, error);
  if (attest.store == NULL)
    return FALSE;
  if (options->learn)
    return learn (&attest, error);
  record = record_to_judge (attest.store);
  if (record == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                         "there are no reference values yet; `qubes-fwupdmgr attest --learn` "
                         "records those of this boot");
    return FALSE;
  }
  return judge (&attest, record, error);
}
