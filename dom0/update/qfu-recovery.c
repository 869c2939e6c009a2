/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-recovery.h"

#include "qfu-chip-flags.h"
#include "qfu-error.h"
#include "qfu-flashing.h"
#include "qfu-print.h"
#include "qfu-program.h"
#include "qfu-progress.h"
#include "qfu-signal.h"

static const char *const stages[] = {[QFU_REWRITE_READ] = "reading the chip",
                                     [QFU_REWRITE_WRITE] = "writing the chip",
                                     [QFU_REWRITE_VERIFY] = "reading the chip back",
                                     [QFU_REWRITE_RESTORE] = "bringing the old contents back"};

static gboolean
take_progress (const QfuMessage *message, QfuProgress *progress, GError **error)
{
  guint64 stage;
  guint64 done;
  guint64 total;

  if (!qfu_message_number (message, QFU_FIELD_STATUS, 0, G_N_ELEMENTS (stages) - 1, &stage,
                           error) ||
      !qfu_message_number (message, QFU_FIELD_DONE, 0, G_MAXUINT64, &done, error) ||
      !qfu_message_number (message, QFU_FIELD_TOTAL, 0, G_MAXUINT64, &total, error))
    return FALSE;
  qfu_progress_turn_to (progress, stages[stage]);
  qfu_progress_tell (progress, done, total);
  return TRUE;
}

static gboolean
take_result (const QfuMessage *message, QfuRecovery *result, GError **error)
{
  guint64 kind;
  guint64 entry;
  guint64 record;

  if (!qfu_message_number (message, QFU_FIELD_STATUS, 0, QFU_RECOVERY_RESTORED, &kind, error) ||
      !qfu_message_number (message, QFU_FIELD_ENTRY, 0, G_MAXUINT32, &entry, error) ||
      !qfu_message_number (message, QFU_FIELD_RECORD, 0, G_MAXUINT32, &record, error) ||
      !qfu_message_number (message, QFU_FIELD_BLOCKS, 0, G_MAXINT64, &result->blocks, error) ||
      !qfu_message_number (message, QFU_FIELD_BLOCKS_OLD, 0, G_MAXINT64, &result->blocks_old,
                           error) ||
      !qfu_message_number (message, QFU_FIELD_BLOCKS_NEW, 0, G_MAXINT64, &result->blocks_new,
                           error) ||
      !qfu_message_number (message, QFU_FIELD_BLOCKS_NEITHER, 0, G_MAXINT64,
                           &result->blocks_neither, error) ||
      !qfu_message_number (message, QFU_FIELD_WRITTEN, 0, G_MAXINT64, &result->bytes_written,
                           error))
    return FALSE;
  result->kind = (QfuRecoveryKind)kind;
  result->entry = (guint)entry;
  result->record = (guint)record;
  return TRUE;
}

static gboolean
take (const QfuMessage *message, QfuProgress *progress, QfuRecovery *result, GError **error)
{
  if (qfu_message_type (message) == QFU_FRAME_PROGRESS)
    return take_progress (message, progress, error);
  if (qfu_message_type (message) == QFU_FRAME_RECOVERY)
    return take_result (message, result, error);
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                       "qfu-chip sent something else than how a recovery ended");
  return FALSE;
}

static gboolean
run (QfuProcess *process, const QfuOptions *options, QfuRecovery *result, GError **error)
{
  g_autoptr (QfuProgress) progress =
      qfu_progress_new (options, stages[QFU_REWRITE_READ], QFU_PROGRESS_BYTES);

  while (TRUE) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (process, &message, error))
      return FALSE;
    if (message == NULL)
      break;
    if (!take (message, progress, result, error))
      return FALSE;
  }
  if (result->kind != 0)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                       "qfu-chip did not say how the recovery ended");
  return FALSE;
}

gboolean
qfu_recovery_run (const QfuConfig *config,
                  const QfuOptions *options,
                  gboolean wait,
                  QfuRecovery *result,
                  GError **error)
{
  g_auto (QfuSignalHold) hold = qfu_signal_hold ();
  guint64 flags = (options->dry_run ? QFU_CHIP_LOOK : 0) | (wait ? QFU_CHIP_WAIT : 0);
  g_autoptr (QfuProcess) process =
      qfu_program_start (config, "qfu-chip", "recover", NULL, flags, NULL, 0, error);

  *result = (QfuRecovery){0};
  return process != NULL && run (process, options, result, error);
}

/* What the chip holds, or would. */
static char *
outcome (const QfuOptions *options, const QfuRecovery *result)
{
  const char *verb = options->dry_run ? "would hold" : "holds";

  if (result->kind == QFU_RECOVERY_FINISHED)
    return g_strdup_printf ("the chip %s exactly the new contents of write %u", verb,
                            result->entry);
  return g_strdup_printf ("the chip %s exactly what it held before write %u", verb, result->entry);
}

void
qfu_recovery_say (const QfuOptions *options, const QfuFlashEntry *entry, const QfuRecovery *result)
{
  g_autofree char *time = qfu_time_text (entry->time);
  g_autofree char *size = g_format_size (result->bytes_written);
  g_autofree char *said = outcome (options, result);

  qfu_say (options, "write %u of %s was cut off", entry->id, time);
  qfu_say (options,
           "  of %" G_GUINT64_FORMAT " blocks, %" G_GUINT64_FORMAT " held the old contents, "
           "%" G_GUINT64_FORMAT " the new ones, %" G_GUINT64_FORMAT " neither",
           result->blocks, result->blocks_old, result->blocks_new, result->blocks_neither);
  if (options->dry_run)
    qfu_say (options, "  dry run: after a recovery %s", said);
  else
    qfu_say (options, "  %s written; read back: %s", size, said);
  if (!options->dry_run && result->kind == QFU_RECOVERY_FINISHED)
    qfu_say (options, "  it takes effect after a reboot; then `qubes-fwupdmgr attest` compares the "
                      "TPM");
}

void
qfu_recovery_json (const QfuOptions *options,
                   const QfuFlashEntry *entry,
                   const QfuRecovery *result,
                   JsonBuilder *builder)
{
  qfu_json_text (builder, "result", qfu_recovery_kind_name (result->kind));
  qfu_json_flag (builder, "dryRun", options->dry_run);
  qfu_json_number (builder, "entry", entry->id);
  qfu_json_number (builder, "record", entry->record);
  qfu_json_number (builder, "time", entry->time);
  qfu_json_digest (builder, "oldImage", &entry->old_image);
  qfu_json_digest (builder, "newImage", &entry->new_image);
  json_builder_set_member_name (builder, "blocks");
  json_builder_begin_object (builder);
  qfu_json_number (builder, "all", (gint64)result->blocks);
  qfu_json_number (builder, "old", (gint64)result->blocks_old);
  qfu_json_number (builder, "new", (gint64)result->blocks_new);
  qfu_json_number (builder, "neither", (gint64)result->blocks_neither);
  json_builder_end_object (builder);
  qfu_json_number (builder, "bytesWritten", (gint64)result->bytes_written);
}

gboolean
qfu_recovery_before (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuFlashEntry) entry = NULL;
  g_autofree char *said = NULL;
  QfuRecovery result;

  if (!qfu_flashjournal_unfinished (config, &entry, error))
    return FALSE;
  if (entry == NULL)
    return TRUE;
  if (options->dry_run) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "write %u of the chip was cut off: `qubes-fwupdmgr recover` comes first",
                 entry->id);
    return FALSE;
  }
  qfu_warn ("warning: write %u of the chip was cut off; it is ended before anything else",
            entry->id);
  qfu_flashing_warn_of_power (config);
  g_auto (QfuSignalHold) hold = qfu_signal_hold ();
  g_auto (QfuFd) awake G_GNUC_UNUSED = qfu_flashing_stay_awake ("recovering firmware");
  if (!qfu_recovery_run (config, options, FALSE, &result, error)) {
    g_prefix_error (error, "write %u of the chip was cut off: ", entry->id);
    return FALSE;
  }
  said = outcome (options, &result);
  qfu_warn ("warning: %s", said);
  return TRUE;
}

/* Who was asked to end the write may have found that fwupd did so meanwhile. */
static gboolean
holds_new (const QfuConfig *config, guint id)
{
  g_autoptr (GPtrArray) entries = qfu_flashjournal_load (config, NULL);

  for (guint i = 0; entries != NULL && i < entries->len; i++) {
    const QfuFlashEntry *entry = g_ptr_array_index (entries, i);

    if (entry->id == id)
      return entry->state == QFU_FLASH_NEW;
  }
  return FALSE;
}

static void
add_problem (GError **failure, const GError *problem)
{
  g_autofree char *before = (*failure)->message;

  (*failure)->message =
      g_strdup_printf ("%s; the write of the chip was cut off, and could not be ended at once: %s",
                       before, problem->message);
}

gboolean
qfu_recovery_after (const QfuConfig *config,
                    const QfuOptions *options,
                    guint record,
                    GError **failure)
{
  g_autoptr (QfuFlashEntry) entry = NULL;
  g_autoptr (GError) local = NULL;
  QfuRecovery result;

  if (!qfu_flashjournal_unfinished (config, &entry, &local)) {
    qfu_warn ("warning: whether the write was cut off cannot be told: %s", local->message);
    return FALSE;
  }
  if (entry == NULL)
    return FALSE;
  qfu_warn ("warning: %s", (*failure)->message);
  qfu_warn (
      "warning: the write of the chip was cut off; it is ended at once. Leave the machine on");
  if (!qfu_recovery_run (config, options, TRUE, &result, &local)) {
    add_problem (failure, local);
    return FALSE;
  }
  if (holds_new (config, entry->id)) {
    qfu_warn ("warning: the chip holds exactly the new contents all the same");
    if (entry->record == record)
      g_clear_error (failure);
    return *failure == NULL;
  }
  g_prefix_error (failure, "the chip holds exactly what it held before: ");
  return FALSE;
}
