/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-rewrite.h"

#include "qfu-error.h"
#include "qfu-range.h"

#define RESTORED "the chip holds its old contents again, every byte of them"
#define UNCHANGED "the chip still holds its old contents, every byte of them"
#define LOST                                                                                       \
  "THE CHIP DOES NOT HOLD ITS OLD CONTENTS AND MAY NOT BOOT: do not switch this machine off; "     \
  "find "                                                                                          \
  "the cause, install again, or write the chip with an external programmer"

/* Hands the steps of one flash operation on as steps of a stage. */
typedef struct {
  const QfuRewriteProgress *progress;
  QfuRewriteStage stage;
} Stage;

static void
on_step (gpointer user, guint64 done, guint64 total)
{
  const Stage *stage = user;

  if (stage->progress != NULL)
    stage->progress->step (stage->progress->user, stage->stage, done, total);
}

QfuUntrustedBlob *
qfu_rewrite_read (QfuFlash *flash,
                  QfuRewriteStage stage,
                  const QfuRewriteProgress *progress,
                  GError **error)
{
  Stage context = {progress, stage};
  QfuFlashProgress steps = {on_step, &context};

  return qfu_flash_read (flash, NULL, &steps, error);
}

/* Opens the chip anew and reads it. */
static QfuUntrustedBlob *
read_anew (QfuFlash *flash,
           QfuRewriteStage stage,
           const QfuRewriteProgress *progress,
           GError **error)
{
  QfuUntrustedBlob *blob = NULL;

  if (qfu_flash_reopen (flash, error))
    blob = qfu_rewrite_read (flash, stage, progress, error);
  if (blob == NULL)
    g_prefix_error (error, "reading back: ");
  return blob;
}

static gboolean
check_holds (const QfuUntrustedBlob *chip, const QfuUntrustedBlob *wanted, GError **error)
{
  g_autoptr (GArray) wrong = NULL;

  if (qfu_untrusted_blob_size (chip) != qfu_untrusted_blob_size (wanted)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                 "another chip answers, of %" G_GUINT64_FORMAT " bytes",
                 qfu_untrusted_blob_size (chip));
    return FALSE;
  }
  wrong = qfu_ranges_diff (chip, wanted, QFU_ERASE_BLOCK);
  if (wrong->len == 0)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
               "%" G_GUINT64_FORMAT
               " of its blocks of %d bytes read back wrong, the first at %#" G_GINT64_MODIFIER "x",
               qfu_ranges_length (wrong) / QFU_ERASE_BLOCK, QFU_ERASE_BLOCK,
               g_array_index (wrong, QfuRange, 0).offset);
  return FALSE;
}

static gboolean
write_and_check (QfuFlash *flash,
                 const QfuUntrustedBlob *image,
                 const GArray *ranges,
                 const QfuRewriteProgress *progress,
                 GError **error)
{
  Stage context = {progress, QFU_REWRITE_WRITE};
  QfuFlashProgress steps = {on_step, &context};
  g_autoptr (QfuUntrustedBlob) chip = NULL;

  if (!qfu_flash_write (flash, image, ranges, &steps, error))
    return FALSE;
  chip = read_anew (flash, QFU_REWRITE_VERIFY, progress, error);
  return chip != NULL && check_holds (chip, image, error);
}

/* Brings @old_chip back. What has to be written is what differs, as the failure may have touched
 * more than was asked for. */
static gboolean
restore (QfuFlash *flash,
         const QfuUntrustedBlob *old_chip,
         const QfuRewriteProgress *progress,
         gboolean *was_needed,
         GError **error)
{
  Stage context = {progress, QFU_REWRITE_RESTORE};
  QfuFlashProgress steps = {on_step, &context};
  g_autoptr (QfuUntrustedBlob) now = read_anew (flash, QFU_REWRITE_RESTORE, progress, error);
  g_autoptr (QfuUntrustedBlob) after = NULL;
  g_autoptr (GArray) ranges = NULL;

  *was_needed = TRUE;
  if (now == NULL)
    return FALSE;
  if (qfu_untrusted_blob_size (now) != qfu_untrusted_blob_size (old_chip))
    return check_holds (now, old_chip, error);
  ranges = qfu_ranges_diff (now, old_chip, QFU_ERASE_BLOCK);
  *was_needed = ranges->len > 0;
  if (!*was_needed)
    return TRUE;
  if (!qfu_flash_write (flash, old_chip, ranges, &steps, error))
    return FALSE;
  after = read_anew (flash, QFU_REWRITE_RESTORE, progress, error);
  return after != NULL && check_holds (after, old_chip, error);
}

gboolean
qfu_rewrite_chip (QfuFlash *flash,
                  const QfuUntrustedBlob *old_chip,
                  const QfuComposed *composed,
                  const QfuRewriteProgress *progress,
                  GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GError) second = NULL;
  gboolean was_needed;

  if (write_and_check (flash, composed->image, composed->changed, progress, &problem))
    return TRUE;
  g_message ("%s; bringing the old contents back", problem->message);
  if (restore (flash, old_chip, progress, &was_needed, &second))
    g_set_error (error, QFU_ERROR, problem->code, "%s; %s", problem->message,
                 was_needed ? RESTORED : UNCHANGED);
  else
    g_set_error (error, QFU_ERROR, problem->code, "%s; bringing the old contents back: %s; %s",
                 problem->message, second->message, LOST);
  return FALSE;
}
