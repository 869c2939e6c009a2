/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-recover.h"

#include "qfu-error.h"
#include "qfu-flashjournal.h"
#include "qfu-images.h"
#include "qfu-recover-chip.h"
#include "qfu-refstore.h"

/* A recovery at work. */
typedef struct {
  const QfuConfig *config;
  QfuRecovery *result;
  QfuFlashEntry *entry;
  QfuFlash *flash;
  QfuChipRecovery chip;
} Recovery;

static void
recovery_clear (Recovery *recovery)
{
  qfu_chip_recovery_clear (&recovery->chip);
  qfu_flash_free (recovery->flash);
  qfu_flash_entry_free (recovery->entry);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Recovery, recovery_clear)

/* Whether the reference values of a write that is over have not been told. A crash between the two
 * leaves that. */
static gboolean
is_untold (const QfuConfig *config, const QfuFlashEntry *entry)
{
  g_autoptr (QfuRefStore) store = qfu_refstore_open (config, FALSE, NULL);
  const QfuRefRecord *record = store == NULL ? NULL : qfu_refstore_record (store, entry->record);

  return record != NULL && record->state == QFU_REF_CONSUMED;
}

/* The write that there is something to do about: the newest that is unfinished, else the last one
 * when its reference values were not told. */
static gboolean
pick_entry (Recovery *recovery, GError **error)
{
  g_autoptr (GPtrArray) entries = NULL;

  g_clear_pointer (&recovery->entry, qfu_flash_entry_free);
  if (!qfu_flashjournal_unfinished (recovery->config, &recovery->entry, error))
    return FALSE;
  if (recovery->entry != NULL)
    return TRUE;
  entries = qfu_flashjournal_load (recovery->config, error);
  if (entries == NULL)
    return FALSE;
  if (entries->len > 0 &&
      is_untold (recovery->config, g_ptr_array_index (entries, entries->len - 1)))
    recovery->entry = g_ptr_array_steal_index (entries, entries->len - 1);
  return TRUE;
}

static void
tell_state (Recovery *recovery)
{
  const QfuChipState *state = recovery->chip.state;
  QfuRecovery *result = recovery->result;

  result->blocks = state->touched;
  result->blocks_old = state->count[QFU_CHIP_OLD];
  result->blocks_new = state->count[QFU_CHIP_NEW];
  result->blocks_neither = state->count[QFU_CHIP_TORN];
}

static gboolean
tell_record (const Recovery *recovery, gboolean is_new, const char *boot_id, GError **error)
{
  g_autoptr (QfuRefStore) store = qfu_refstore_open (recovery->config, TRUE, error);

  return store != NULL &&
         qfu_refstore_tell (store, recovery->entry->record, is_new, boot_id, error);
}

/* The journal comes last: while it says that there is something to do, whoever comes next does what
 * is missing here, in whatever boot. */
static gboolean
tell_both (Recovery *recovery, QfuFlashState state, GError **error)
{
  gboolean is_new = state == QFU_FLASH_NEW;
  g_autofree char *boot_id = NULL;

  /* the chip came to this in the boot of the write */
  if (!qfu_flash_entry_unfinished (recovery->entry))
    return tell_record (recovery, is_new, recovery->entry->state_boot_id, error);
  boot_id = qfu_config_boot_id (recovery->config, error);
  return boot_id != NULL && tell_record (recovery, is_new, boot_id, error) &&
         qfu_flashjournal_move (recovery->config, recovery->entry, state,
                                is_new ? "the write was finished" : "the write was undone", error);
}

/* Notes what the chip holds now. */
static gboolean
settle (Recovery *recovery, QfuFlashState state, GError **error)
{
  gboolean is_new = state == QFU_FLASH_NEW;

  recovery->result->kind = is_new ? QFU_RECOVERY_FINISHED : QFU_RECOVERY_RESTORED;
  recovery->result->bytes_written = recovery->chip.bytes_written;
  recovery->entry->bytes_written += recovery->chip.bytes_written;
  if (tell_both (recovery, state, error))
    return TRUE;
  g_prefix_error (error,
                  "the chip holds exactly its %s contents, but that could not be noted (run "
                  "`qubes-fwupdmgr recover` again): ",
                  is_new ? "new" : "old");
  return FALSE;
}

/* Neither: that is noted, too, and said in full. */
static void
give_up (Recovery *recovery, GError **error)
{
  g_autofree char *counts = recovery->chip.state == NULL
                                ? g_strdup ("what it holds could not be read")
                                : qfu_chip_state_text (recovery->chip.state);
  g_autofree char *image = qfu_images_path (recovery->config, &recovery->entry->old_image);
  g_autofree char *journal = qfu_flashjournal_path (recovery->config, recovery->entry->id);
  g_autoptr (GError) unnoted = NULL;

  g_prefix_error (error,
                  "flash write %u was cut off, and the chip holds neither its old nor its new "
                  "contents (%s): ",
                  recovery->entry->id, counts);
  if (error != NULL && *error != NULL) {
    g_autofree char *before = (*error)->message;

    (*error)->message = g_strdup_printf (
        "%s. Do not switch this machine off; mend the cause and run `qubes-fwupdmgr recover` "
        "again, "
        "or write %s with an external programmer. If the chip is meant to hold what it does, move "
        "%s away",
        before, image, journal);
  }
  recovery->result->bytes_written = recovery->chip.bytes_written;
  recovery->entry->bytes_written += recovery->chip.bytes_written;
  if (recovery->chip.state != NULL && !qfu_flashjournal_move (recovery->config, recovery->entry,
                                                              QFU_FLASH_NEITHER, counts, &unnoted))
    g_warning ("%s", unnoted->message);
}

/* Opens the chip and finds out what it holds. */
static gboolean
examine (Recovery *recovery, GError **error)
{
  recovery->chip.flash = recovery->flash;
  recovery->chip.entry = recovery->entry;
  if (qfu_chip_recovery_look (&recovery->chip, error)) {
    tell_state (recovery);
    return TRUE;
  }
  g_prefix_error (error,
                  "flash write %u was cut off, and what the chip holds cannot be told (it is old, "
                  "new, or a mixture; do not switch this machine off before `qubes-fwupdmgr "
                  "recover` has worked): ",
                  recovery->entry->id);
  return FALSE;
}

/* What neither the write nor running firmware has changed was changed by somebody, whose work is
 * not ours to undo. */
static gboolean
check_foreign (const Recovery *recovery, GError **error)
{
  if (recovery->chip.state->count[QFU_CHIP_FOREIGN] == 0)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
               "%" G_GUINT64_FORMAT
               " blocks have changed that this write does not touch, the first "
               "at %#" G_GINT64_MODIFIER "x, so somebody else has written the chip, and it is left "
               "as it is",
               recovery->chip.state->count[QFU_CHIP_FOREIGN], recovery->chip.state->first_foreign);
  return FALSE;
}

static gboolean
recover_chip (Recovery *recovery, GError **error)
{
  QfuChipBlock target;

  if (!examine (recovery, error))
    return FALSE;
  target = qfu_chip_recovery_choose (&recovery->chip);
  if (!check_foreign (recovery, error) ||
      !qfu_chip_recovery_bring (&recovery->chip, &target, error)) {
    give_up (recovery, error);
    return FALSE;
  }
  return settle (recovery, target == QFU_CHIP_NEW ? QFU_FLASH_NEW : QFU_FLASH_OLD, error);
}

/* What recover_chip() would do. */
static gboolean
foresee (Recovery *recovery, GError **error)
{
  if (!examine (recovery, error) || !check_foreign (recovery, error))
    return FALSE;
  recovery->result->kind = qfu_chip_recovery_choose (&recovery->chip) == QFU_CHIP_NEW
                               ? QFU_RECOVERY_FINISHED
                               : QFU_RECOVERY_RESTORED;
  return TRUE;
}

/* The chip was read back after this write; what is missing is the word of it to the record. */
static gboolean
recover_record (Recovery *recovery, gboolean looks_only, GError **error)
{
  if (!looks_only)
    return settle (recovery, recovery->entry->state, error);
  recovery->result->kind =
      recovery->entry->state == QFU_FLASH_NEW ? QFU_RECOVERY_FINISHED : QFU_RECOVERY_RESTORED;
  return TRUE;
}

static gboolean
open_chip (Recovery *recovery, GError **error)
{
  recovery->flash = qfu_flash_open (recovery->config, error);
  if (recovery->flash != NULL)
    return TRUE;
  g_prefix_error (error,
                  "flash write %u is unfinished, and the chip cannot be looked at (do not switch "
                  "this machine off before `qubes-fwupdmgr recover` has worked): ",
                  recovery->entry->id);
  return FALSE;
}

static gboolean
run (const QfuConfig *config,
     const QfuRewriteProgress *progress,
     gboolean looks_only,
     QfuRecovery *result,
     GError **error)
{
  g_auto (Recovery) recovery = {
      .config = config, .result = result, .chip = {.config = config, .progress = progress}};

  *result = (QfuRecovery){0};
  if (!pick_entry (&recovery, error))
    return FALSE;
  /* most often there is nothing to do, and the chip is not asked; who holds its lock may be at work
   * on it or have finished it meanwhile */
  if (recovery.entry != NULL && qfu_flash_entry_unfinished (recovery.entry) &&
      (!open_chip (&recovery, error) || !pick_entry (&recovery, error)))
    return FALSE;
  if (recovery.entry == NULL) {
    result->kind = QFU_RECOVERY_NOTHING;
    return TRUE;
  }
  result->entry = recovery.entry->id;
  result->record = recovery.entry->record;
  if (!qfu_flash_entry_unfinished (recovery.entry))
    return recover_record (&recovery, looks_only, error);
  return looks_only ? foresee (&recovery, error) : recover_chip (&recovery, error);
}

gboolean
qfu_recover (const QfuConfig *config,
             const QfuRewriteProgress *progress,
             QfuRecovery *result,
             GError **error)
{
  g_autoptr (GError) unpruned = NULL;

  if (!run (config, progress, FALSE, result, error))
    return FALSE;
  if (result->kind != QFU_RECOVERY_NOTHING && !qfu_flashjournal_prune (config, &unpruned))
    g_warning ("%s", unpruned->message);
  return TRUE;
}

gboolean
qfu_recover_look (const QfuConfig *config,
                  const QfuRewriteProgress *progress,
                  QfuRecovery *result,
                  GError **error)
{
  return run (config, progress, TRUE, result, error);
}
