/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* attest: does this boot hold what was recorded before it? Settles what was written, raises the
 * alarm, or learns what a person confirms. */

#include "qfu-attestation.h"
#include "qfu-error.h"
#include "qfu-flashjournal.h"
#include "qfu-journal.h"
#include "qfu-learn.h"
#include "qfu-outcome.h"
#include "qfu-print.h"
#include "qfu-remote.h"
#include "qfu-verbs.h"

#include <string.h>

#define QUESTION "Record the PCRs of this boot as the ones to expect from now on?"

typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  QfuAttestation boot;
} Attest;

static void
attest_clear (Attest *attest)
{
  qfu_attestation_clear (&attest->boot);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Attest, attest_clear)

/* Prints the outcome, tells the journal, and keeps it for who asks later; @store holds the lock. */
static gboolean
conclude (const Attest *attest,
          const QfuRefStore *store G_GNUC_UNUSED,
          const char *result,
          const QfuRefRecord *record,
          GError **error)
{
  g_autoptr (JsonBuilder) builder = qfu_attestation_to_json (&attest->boot, result, record);
  g_autoptr (JsonNode) document = json_builder_get_root (builder);
  gboolean saved = qfu_outcome_save (attest->config, document, error);

  qfu_journal_note (result, record, attest->boot.cause, attest->boot.why);
  qfu_print_json (attest->options, g_steal_pointer (&builder));
  if (!saved)
    g_prefix_error (error, "the attestation itself is done (%s), but cannot be noted: ", result);
  return saved;
}

/* Changes the records as was judged. The store is opened anew for that: nobody shall wait for its
 * lock while a person thinks. */
static QfuRefStore *
apply (const Attest *attest, GError **error)
{
  g_autoptr (QfuRefStore) store = qfu_refstore_open (attest->config, TRUE, error);

  if (store == NULL || !qfu_settle_apply (store, &attest->boot.settle, attest->boot.why,
                                          attest->boot.boot_id, error))
    return NULL;
  return g_steal_pointer (&store);
}

static gboolean
settle (const Attest *attest, const char *result, GError **error)
{
  g_autoptr (QfuRefStore) store = apply (attest, error);
  const QfuRefRecord *judged = attest->boot.settle.record;

  return store != NULL &&
         conclude (attest, store, result,
                   judged == NULL ? NULL : qfu_refstore_record (store, judged->id), error);
}

/* What a person confirmed becomes the reference. */
static gboolean
adopt (const Attest *attest, GError **error)
{
  const QfuAttestation *boot = &attest->boot;
  g_autoptr (QfuRefRecord) record =
      qfu_learn_record (&boot->settle, &boot->present->pcrs, boot->boot_id);
  g_autoptr (QfuRefStore) store = NULL;
  guint id;

  if (record->forecasts->len == 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                         "the TPM has no PCR that could be recorded");
    return FALSE;
  }
  store = apply (attest, error);
  if (store == NULL || !qfu_refstore_learn (store, g_steal_pointer (&record), &id, error))
    return FALSE;
  qfu_say (attest->options, "recorded the values of this boot as record %u", id);
  return conclude (attest, store, "learned", qfu_refstore_record (store, id), error);
}

/* That an update went ahead without values to compare its boot with. */
static void
say_unknown (const Attest *attest)
{
  const QfuSettle *settled = &attest->boot.settle;

  if (settled->kind != QFU_SETTLE_UNKNOWN)
    return;
  qfu_say (attest->options, "version %s was installed without a forecast: %s",
           settled->record->version_to, settled->record->why_unpredicted);
  if (settled->booted != NULL)
    qfu_say (attest->options,
             "the values are those of record %u: either the new firmware gives the same, or the "
             "flash did not take",
             settled->booted->id);
}

/* What a person should know before he says yes. */
static void
say_before_learning (const Attest *attest)
{
  const QfuAttestation *boot = &attest->boot;

  say_unknown (attest);
  qfu_attestation_say_values (boot, attest->options);
  if (boot->settle.differences->len > 0) {
    qfu_say (attest->options,
             "%u of %u PCR values differ from record %u:", boot->settle.differences->len,
             boot->settle.compared, boot->settle.record->id);
    qfu_attestation_say_differences (boot, attest->options);
  }
  if (boot->why != NULL)
    qfu_say (attest->options, "%s", boot->why);
  if (!boot->log_replays)
    qfu_say (attest->options, "no event log explains these values");
}

static gboolean
learn (const Attest *attest, GError **error)
{
  say_before_learning (attest);
  return qfu_ask (attest->options, QUESTION, error) && adopt (attest, error);
}

static gboolean
say_waiting (const QfuRefRecord *record, GError **error)
{
  g_set_error (
      error, QFU_ERROR, QFU_ERROR_NOTHING,
      "version %s was written but has not booted yet; reboot, then run `qubes-fwupdmgr attest`",
      record->version_to);
  return FALSE;
}

static gboolean
passed (const Attest *attest, GError **error)
{
  const QfuSettle *settled = &attest->boot.settle;
  const QfuRefRecord *record = settled->record;
  gboolean declared = record->basis == QFU_BASIS_DECLARED;

  if (!settle (attest, "passed", error))
    return FALSE;
  qfu_say (attest->options, "attestation passed: %u PCR value%s as %s%s%s (record %u)",
           settled->compared, settled->compared == 1 ? " is" : "s are",
           declared ? "the vendor declares" : "recorded",
           record->device_id[0] == '\0' ? "" : " for version ",
           record->device_id[0] == '\0' ? "" : record->version_to, record->id);
  if (settled->waiting != NULL)
    return say_waiting (settled->waiting, error);
  if (!declared)
    return TRUE;
  qfu_say (attest->options,
           "the vendor declares nothing else, so the other PCRs are not compared until "
           "`qubes-fwupdmgr attest --learn` records them");
  return TRUE;
}

static const char *
advice (const QfuSettle *settled)
{
  if (settled->kind == QFU_SETTLE_OLD)
    return "Nothing unknown runs; `qubes-fwupdmgr update` tries again";
  return "Do not enter secrets on this machine before you know why; if the change was yours, "
         "`qubes-fwupdmgr attest --learn` records the present values";
}

static gboolean
mismatch (const Attest *attest, GError **error)
{
  const QfuAttestation *boot = &attest->boot;

  qfu_say (attest->options,
           "ALARM: %u of %u PCR values differ from record %u:", boot->settle.differences->len,
           boot->settle.compared, boot->settle.record->id);
  qfu_attestation_say_differences (boot, attest->options);
  if (!settle (attest, "mismatch", error))
    return FALSE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH, "attestation failed: %s. %s", boot->why,
               advice (&boot->settle));
  return FALSE;
}

static gboolean
unknown (const Attest *attest, GError **error)
{
  if (qfu_need_person (attest->options, QUESTION, NULL))
    return learn (attest, error);
  say_unknown (attest);
  qfu_attestation_say_values (&attest->boot, attest->options);
  if (!settle (attest, "unsettled", error))
    return FALSE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
               "there is nothing to compare the boot of version %s with. When you trust it as it "
               "is, `qubes-fwupdmgr attest --learn` records its values",
               attest->boot.settle.record->version_to);
  return FALSE;
}

static gboolean
waiting (const Attest *attest, GError **error)
{
  return settle (attest, "waiting", error) && say_waiting (attest->boot.settle.waiting, error);
}

static gboolean
judged (const Attest *attest, GError **error)
{
  switch (attest->boot.settle.kind) {
  case QFU_SETTLE_MATCH:
    return passed (attest, error);
  case QFU_SETTLE_OLD:
  case QFU_SETTLE_ALARM:
    return mismatch (attest, error);
  case QFU_SETTLE_UNKNOWN:
    return unknown (attest, error);
  case QFU_SETTLE_WAITING:
    return waiting (attest, error);
  case QFU_SETTLE_NONE:
  default:
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                         "there are no reference values yet; `qubes-fwupdmgr attest --learn` "
                         "records those of this boot");
    return FALSE;
  }
}

/* A machine whose TPM was never there has nothing to attest. One that had values to compare shall
 * not pass because somebody hides its TPM. */
static gboolean
without_pcrs (const Attest *attest, const QfuRefStore *store, GError **error)
{
  const GError *reason = attest->boot.present->no_pcrs;
  const QfuRefRecord *open = attest->boot.settle.record;
  g_autoptr (QfuRefStore) writable = NULL;

  if (attest->boot.settle.kind == QFU_SETTLE_WAITING && !attest->options->learn)
    return say_waiting (attest->boot.settle.waiting, error);
  if (qfu_refstore_records (store)->len == 0 || attest->options->learn) {
    g_propagate_error (error, g_error_copy (reason));
    return FALSE;
  }
  if (attest->boot.settle.kind == QFU_SETTLE_UNKNOWN &&
      qfu_refstore_latest (store, QFU_REF_CURRENT) == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOTHING,
                 "version %s was installed without a forecast, and there are no PCRs to learn: %s",
                 open->version_to, reason->message);
    return FALSE;
  }
  writable = qfu_refstore_open (attest->config, TRUE, error);
  if (writable == NULL || !conclude (attest, writable, "error", open, error))
    return FALSE;
  g_set_error (error, QFU_ERROR, reason->code,
               "this boot cannot be compared with the reference values: %s", reason->message);
  return FALSE;
}

/* What the chip is to hold is open until a recovery has decided it: a record that became the
 * reference, or failed, by the boot of a part would stay so when the other contents come. */
static gboolean
check_finished (Attest *attest, GError **error)
{
  g_autoptr (QfuFlashEntry) entry = NULL;
  g_autoptr (QfuRefStore) store = NULL;

  if (!qfu_flashjournal_unfinished (attest->config, &entry, error))
    return FALSE;
  if (entry == NULL)
    return TRUE;
  attest->boot.cause = "unfinished-write";
  attest->boot.why = g_strdup_printf (
      "write %u of the chip is not finished, so that nothing can be said of this boot; "
      "`qubes-fwupdmgr recover` ends a write that was cut off",
      entry->id);
  store = qfu_refstore_open (attest->config, TRUE, error);
  if (store == NULL ||
      !conclude (attest, store, "error", qfu_refstore_record (store, entry->record), error))
    return FALSE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_REFUSED, attest->boot.why);
  return FALSE;
}

gboolean
qfu_verb_attest (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (Attest) attest = {.config = config, .options = options};
  g_autoptr (QfuRefStore) store = NULL;

  if (qfu_remote_wanted (options))
    return qfu_remote_run (config, options, error);
  if (!qfu_attestation_read (&attest.boot, config, options, error) ||
      !check_finished (&attest, error))
    return FALSE;
  store = qfu_refstore_open (config, FALSE, error);
  if (store == NULL)
    return FALSE;
  qfu_attestation_judge (&attest.boot, store);
  if (attest.boot.present->no_pcrs != NULL)
    return without_pcrs (&attest, store, error);
  qfu_say (options, "%s", attest.boot.log);
  return options->learn ? learn (&attest, error) : judged (&attest, error);
}
