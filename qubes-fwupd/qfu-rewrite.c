/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-rewrite.h"

#include "qfu-error.h"
#include "qfu-range.h"

#define LOST                                                                                       \
  "THE CHIP HOLDS NEITHER ITS OLD NOR ITS NEW CONTENTS AND MAY NOT BOOT: do not switch this "      \
  "machine off; find the cause and run `qubes-fwupdmgr recover`, or write the kept image with an " \
  "external programmer"

/* Hands what one flash operation has done on as a part of a stage. */
typedef struct {
  const QfuRewriteProgress *progress;
  QfuRewriteStage stage;
  guint64 before; /* bytes of the stage that were done before */
  guint64 total;  /* of the stage; 0: the operation is all of it */
} Stage;

static void
on_step (gpointer user, guint64 done, guint64 total)
{
  const Stage *stage = user;

  if (stage->progress != NULL)
    stage->progress->step (stage->progress->user, stage->stage, stage->before + done,
                           stage->total != 0 ? stage->total : total);
}

QfuUntrustedBlob *
qfu_rewrite_read (QfuFlash *flash,
                  const GArray *unread,
                  QfuRewriteStage stage,
                  const QfuRewriteProgress *progress,
                  GError **error)
{
  Stage context = {progress, stage, 0, 0};
  QfuFlashProgress steps = {on_step, &context};

  return qfu_flash_read (flash, unread, &steps, error);
}

QfuUntrustedBlob *
qfu_rewrite_read_anew (QfuFlash *flash,
                       const GArray *unread,
                       QfuRewriteStage stage,
                       const QfuRewriteProgress *progress,
                       GError **error)
{
  QfuUntrustedBlob *blob = NULL;

  if (qfu_flash_reopen (flash, error))
    blob = qfu_rewrite_read (flash, unread, stage, progress, error);
  if (blob == NULL)
    g_prefix_error (error, "reading back: ");
  return blob;
}

/* The bytes that are in @ranges are the image's. */
static gboolean
check_ranges (const QfuUntrustedBlob *chip,
              const QfuUntrustedBlob *image,
              const GArray *ranges,
              GError **error)
{
  g_autoptr (GArray) blocks = qfu_ranges_cut (ranges, QFU_ERASE_BLOCK);
  guint64 first = 0;
  guint wrong = 0;

  for (guint i = 0; i < blocks->len; i++) {
    const QfuRange *block = &g_array_index (blocks, QfuRange, i);

    if (qfu_untrusted_blob_equal_range (chip, block->offset, image, block->offset, block->length))
      continue;
    if (wrong++ == 0)
      first = block->offset;
  }
  if (wrong == 0)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
               "%u of its %u blocks of %d bytes read back wrong, the first at %#" G_GINT64_MODIFIER
               "x",
               wrong, blocks->len, QFU_ERASE_BLOCK, first);
  return FALSE;
}

/* Reads back what a step wrote, and nothing else. */
static gboolean
verify_step (QfuFlash *flash,
             const QfuUntrustedBlob *image,
             const QfuStep *step,
             Stage *stage,
             GError **error)
{
  g_autoptr (GArray) others = qfu_ranges_rest (step->ranges, qfu_untrusted_blob_size (image));
  g_autoptr (QfuUntrustedBlob) chip = NULL;
  QfuFlashProgress steps = {on_step, stage};

  if (!qfu_flash_reopen (flash, error))
    return FALSE;
  if (qfu_flash_size (flash) != qfu_untrusted_blob_size (image)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                 "another chip answers, of %" G_GUINT64_FORMAT " bytes", qfu_flash_size (flash));
    return FALSE;
  }
  chip = qfu_flash_read (flash, others, &steps, error);
  return chip != NULL && check_ranges (chip, image, step->ranges, error);
}

static gboolean
write_step (QfuFlash *flash,
            const QfuRewriteTarget *target,
            guint i,
            Stage *stage,
            guint64 *bytes,
            GError **error)
{
  const QfuStep *step = g_ptr_array_index (target->steps, i);
  guint64 length = qfu_ranges_length (step->ranges);
  gboolean last = i + 1 == target->steps->len;
  QfuFlashProgress steps = {on_step, stage};

  *bytes += length;
  /* libflashrom's second is waited for once, before the whole chip is looked at */
  if (!qfu_flash_write (flash, target->image, step->ranges, last, &steps, error))
    return FALSE;
  stage->before += length;
  if (last)
    return TRUE;
  if (!verify_step (flash, target->image, step, stage, error))
    return FALSE;
  stage->before += length;
  return TRUE;
}

gboolean
qfu_rewrite_steps (QfuFlash *flash,
                   const QfuRewriteTarget *target,
                   const QfuRewriteProgress *progress,
                   guint64 *bytes,
                   GError **error)
{
  Stage stage = {progress, target->stage, 0, 0};

  for (guint i = 0; i < target->steps->len; i++) {
    const QfuStep *step = g_ptr_array_index (target->steps, i);

    stage.total += qfu_ranges_length (step->ranges) * (i + 1 == target->steps->len ? 1 : 2);
  }
  for (guint i = 0; i < target->steps->len; i++) {
    const QfuStep *step = g_ptr_array_index (target->steps, i);

    if (write_step (flash, target, i, &stage, bytes, error))
      continue;
    g_prefix_error (error, "step %u of %u (%s): ", i + 1, target->steps->len, step->name);
    return FALSE;
  }
  return TRUE;
}

/* A write at work. */
typedef struct {
  QfuFlash *flash;
  const QfuComposed *composed;
  QfuChipPlan plan;
  const QfuRewriteProgress *progress;
  QfuRewriteResult *result;
} Rewrite;

/* (transfer full): the state of the chip, read anew. */
static QfuChipState *
look (const Rewrite *rewrite, QfuRewriteStage stage, GError **error)
{
  g_autoptr (QfuUntrustedBlob) chip = qfu_rewrite_read_anew (
      rewrite->flash, rewrite->composed->unread, stage, rewrite->progress, error);

  if (chip == NULL)
    return NULL;
  if (qfu_untrusted_blob_size (chip) == qfu_untrusted_blob_size (rewrite->composed->image))
    return qfu_chip_state_new (&rewrite->plan, chip, NULL);
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
               "another chip answers, of %" G_GUINT64_FORMAT " bytes",
               qfu_untrusted_blob_size (chip));
  return NULL;
}

/* Whether the steps make the old contents into the composed image. */
static gboolean
check_steps (const Rewrite *rewrite, GError **error)
{
  g_autoptr (QfuChipState) after =
      qfu_chip_state_new (&rewrite->plan, rewrite->composed->image, NULL);

  if (qfu_chip_state_is (after, QFU_CHIP_NEW) && after->count[QFU_CHIP_KEPT] == 0)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_INTERNAL,
                       "the steps do not make what was composed; the chip still holds its old "
                       "contents, every byte of them");
  return FALSE;
}

static gboolean
write_and_check (const Rewrite *rewrite, GError **error)
{
  QfuRewriteTarget target = {rewrite->composed->image, rewrite->composed->steps, QFU_REWRITE_WRITE};
  g_autoptr (QfuChipState) state = NULL;
  g_autofree char *text = NULL;

  if (!qfu_rewrite_steps (rewrite->flash, &target, rewrite->progress,
                          &rewrite->result->bytes_written, error))
    return FALSE;
  state = look (rewrite, QFU_REWRITE_VERIFY, error);
  if (state == NULL)
    return FALSE;
  if (qfu_chip_state_is (state, QFU_CHIP_NEW))
    return TRUE;
  text = qfu_chip_state_text (state);
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH, "reading back: %s", text);
  return FALSE;
}

/* What has to be written to bring the old contents back: what was otherwise a moment ago and may
 * not change by itself, too. */
static GPtrArray *
steps_back (const QfuChipState *state, const QfuChipPlan *plan)
{
  GPtrArray *steps = qfu_chip_state_steps (state, plan, QFU_CHIP_OLD);
  g_autoptr (GArray) foreign = qfu_chip_state_ranges (state, 1U << QFU_CHIP_FOREIGN);

  if (foreign->len > 0)
    g_ptr_array_add (steps, qfu_step_new (g_strdup ("what was not to be written"),
                                          g_steal_pointer (&foreign), TRUE));
  return steps;
}

/* Brings the old contents back, and says in @text what the chip holds in the end. */
static gboolean
restore (const Rewrite *rewrite, char **text, GError **error)
{
  g_autoptr (QfuChipState) now = look (rewrite, QFU_REWRITE_RESTORE, error);
  g_autoptr (GPtrArray) steps = now == NULL ? NULL : steps_back (now, &rewrite->plan);
  QfuRewriteTarget target = {rewrite->plan.old_image, steps, QFU_REWRITE_RESTORE};
  g_autoptr (QfuChipState) after = NULL;
  g_autoptr (GError) local = NULL;

  *text = g_strdup (now == NULL ? "what it holds cannot be read"
                                : "the chip still holds its old contents, every byte of them");
  if (now == NULL || steps->len == 0)
    return now != NULL;
  if (qfu_rewrite_steps (rewrite->flash, &target, rewrite->progress,
                         &rewrite->result->bytes_written, &local))
    after = look (rewrite, QFU_REWRITE_RESTORE, &local);
  else
    after = look (rewrite, QFU_REWRITE_RESTORE, NULL);
  g_free (*text);
  if (after != NULL && qfu_chip_state_is (after, QFU_CHIP_OLD)) {
    *text = g_strdup ("the chip holds its old contents again, every byte of them");
    return TRUE;
  }
  *text = after == NULL ? g_strdup ("what it holds cannot be read") : qfu_chip_state_text (after);
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH, "%s",
               local == NULL ? "they read back wrong" : local->message);
  return FALSE;
}

gboolean
qfu_rewrite_chip (QfuFlash *flash,
                  const QfuUntrustedBlob *old_chip,
                  const QfuComposed *composed,
                  const QfuRewriteProgress *progress,
                  QfuRewriteResult *result,
                  GError **error)
{
  const Rewrite rewrite = {flash,
                           composed,
                           {composed->steps, composed->preserved, old_chip, composed->image},
                           progress,
                           result};
  g_autoptr (GError) problem = NULL;
  g_autoptr (GError) second = NULL;
  g_autofree char *text = NULL;

  *result = (QfuRewriteResult){QFU_FLASH_OLD, 0};
  if (!check_steps (&rewrite, error))
    return FALSE;
  result->state = QFU_FLASH_NEW;
  if (write_and_check (&rewrite, &problem))
    return TRUE;
  g_message ("%s; bringing the old contents back", problem->message);
  if (restore (&rewrite, &text, &second)) {
    result->state = QFU_FLASH_OLD;
    g_set_error (error, QFU_ERROR, problem->code, "%s; %s", problem->message, text);
    return FALSE;
  }
  result->state = QFU_FLASH_NEITHER;
  g_set_error (error, QFU_ERROR, problem->code, "%s; bringing the old contents back: %s; %s; %s",
               problem->message, second->message, text, LOST);
  return FALSE;
}
