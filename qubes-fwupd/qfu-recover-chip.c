/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-recover-chip.h"

#include "qfu-error.h"
#include "qfu-images.h"
#include "qfu-range.h"

void
qfu_chip_recovery_clear (QfuChipRecovery *recovery)
{
  qfu_chip_state_free (recovery->state);
  for (gsize i = 0; i < G_N_ELEMENTS (recovery->images); i++)
    g_clear_pointer (&recovery->images[i], qfu_untrusted_blob_free);
}

static QfuChipPlan
plan_of (const QfuChipRecovery *recovery)
{
  return (QfuChipPlan){recovery->entry->steps, recovery->entry->preserved, recovery->images[0],
                       recovery->images[1]};
}

/* Opens what was kept. With one of the two images there is still a way. */
static gboolean
open_image (QfuChipRecovery *recovery, guint i, const QfuDigest *digest, GError **error)
{
  g_autoptr (QfuUntrustedBlob) image = qfu_images_open (recovery->config, digest, error);

  if (image == NULL)
    return FALSE;
  if (qfu_untrusted_blob_size (image) != recovery->entry->size) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                         "the image that was kept is of another chip");
    return FALSE;
  }
  recovery->images[i] = g_steal_pointer (&image);
  return TRUE;
}

static gboolean
open_images (QfuChipRecovery *recovery, GError **error)
{
  g_autoptr (GError) no_old = NULL;
  g_autoptr (GError) no_new = NULL;

  if (!open_image (recovery, 0, &recovery->entry->old_image, &no_old))
    g_message ("%s", no_old->message);
  if (!open_image (recovery, 1, &recovery->entry->new_image, &no_new))
    g_message ("%s", no_new->message);
  if (no_old == NULL || no_new == NULL)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
               "%s; %s. Put a copy of one of them back there, such as that of --backup-to",
               no_old->message, no_new->message);
  return FALSE;
}

static QfuUntrustedBlob *
read_chip (QfuChipRecovery *recovery, gboolean anew, GError **error)
{
  const GArray *unread = recovery->entry->unread;

  if (qfu_flash_size (recovery->flash) != recovery->entry->size) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                 "the chip that answers has %" G_GUINT64_FORMAT
                 " bytes, the one that was written %" G_GUINT64_FORMAT,
                 qfu_flash_size (recovery->flash), recovery->entry->size);
    return NULL;
  }
  if (anew)
    return qfu_rewrite_read_anew (recovery->flash, unread, QFU_REWRITE_VERIFY, recovery->progress,
                                  error);
  return qfu_rewrite_read (recovery->flash, unread, QFU_REWRITE_READ, recovery->progress, error);
}

/* Finds out what the chip holds. A block that was torn may read right once and wrong the next
 * time, so that it is read twice. */
static gboolean
look (QfuChipRecovery *recovery, gboolean anew, GError **error)
{
  QfuChipPlan plan = plan_of (recovery);
  g_autoptr (QfuUntrustedBlob) chip = read_chip (recovery, anew, error);
  g_autoptr (QfuUntrustedBlob) again = chip == NULL ? NULL : read_chip (recovery, TRUE, error);

  if (again == NULL)
    return FALSE;
  g_clear_pointer (&recovery->state, qfu_chip_state_free);
  recovery->state = qfu_chip_state_new (&plan, chip, again);
  return TRUE;
}

/* Of the blocks that boot needs those contents are taken that are nearer, the new ones in doubt. A
 * chip that holds one of the two already is left as it is. */
QfuChipBlock
qfu_chip_recovery_choose (const QfuChipRecovery *recovery)
{
  const QfuChipState *state = recovery->state;

  if (qfu_chip_state_is (state, QFU_CHIP_OLD) || recovery->images[1] == NULL)
    return QFU_CHIP_OLD;
  if (qfu_chip_state_is (state, QFU_CHIP_NEW) || recovery->images[0] == NULL)
    return QFU_CHIP_NEW;
  return state->window_not_new <= state->window_not_old ? QFU_CHIP_NEW : QFU_CHIP_OLD;
}

/* Torn blocks are erased whatever they read: cells that were half erased or half written need not
 * stay as they are. */
static gboolean
erase_torn (QfuChipRecovery *recovery, GError **error)
{
  g_autoptr (GArray) torn =
      qfu_chip_state_ranges (recovery->state, 1U << QFU_CHIP_TORN | 1U << QFU_CHIP_BESIDE);
  g_autoptr (QfuUntrustedBlob) blank = NULL;

  if (torn->len == 0)
    return TRUE;
  blank = qfu_untrusted_blob_blank (recovery->entry->size, error);
  if (blank == NULL)
    return FALSE;
  recovery->bytes_written += qfu_ranges_length (torn);
  return qfu_flash_write (recovery->flash, blank, torn, TRUE, NULL, error);
}

/* Writes what is not at @target yet, and looks at the whole chip again. */
static gboolean
bring_to (QfuChipRecovery *recovery, QfuChipBlock target, GError **error)
{
  QfuChipPlan plan = plan_of (recovery);
  g_autoptr (GPtrArray) steps = qfu_chip_state_steps (recovery->state, &plan, target);
  QfuRewriteTarget write = {recovery->images[target == QFU_CHIP_NEW], steps,
                            target == QFU_CHIP_NEW ? QFU_REWRITE_WRITE : QFU_REWRITE_RESTORE};
  g_autofree char *text = NULL;

  if (qfu_chip_state_is (recovery->state, target))
    return TRUE;
  if (!erase_torn (recovery, error) ||
      !qfu_rewrite_steps (recovery->flash, &write, recovery->progress, &recovery->bytes_written,
                          error) ||
      !look (recovery, TRUE, error))
    return FALSE;
  if (qfu_chip_state_is (recovery->state, target))
    return TRUE;
  text = qfu_chip_state_text (recovery->state);
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH, "reading back: %s", text);
  return FALSE;
}

static const char *
action (QfuChipBlock target)
{
  return target == QFU_CHIP_NEW ? "writing the new contents" : "writing the old contents back";
}

/* Looks at the chip after something has failed: it may hold one of the two all the same. */
static gboolean
is_either (QfuChipRecovery *recovery, QfuChipBlock *target)
{
  if (!look (recovery, TRUE, NULL)) {
    g_clear_pointer (&recovery->state, qfu_chip_state_free);
    return FALSE;
  }
  if (!qfu_chip_state_is (recovery->state, QFU_CHIP_OLD) &&
      !qfu_chip_state_is (recovery->state, QFU_CHIP_NEW))
    return FALSE;
  *target = qfu_chip_state_is (recovery->state, QFU_CHIP_NEW) ? QFU_CHIP_NEW : QFU_CHIP_OLD;
  return TRUE;
}

gboolean
qfu_chip_recovery_bring (QfuChipRecovery *recovery, QfuChipBlock *target, GError **error)
{
  QfuChipBlock wanted = *target;
  QfuChipBlock other = wanted == QFU_CHIP_NEW ? QFU_CHIP_OLD : QFU_CHIP_NEW;
  g_autoptr (GError) first = NULL;
  g_autoptr (GError) second = NULL;

  if (bring_to (recovery, wanted, &first))
    return TRUE;
  g_message ("%s", first->message);
  if (is_either (recovery, target))
    return TRUE;
  *target = other;
  if (recovery->images[other == QFU_CHIP_NEW] == NULL)
    g_set_error_literal (&second, QFU_ERROR, QFU_ERROR_NOT_FOUND, "their image is not there");
  else if (recovery->state == NULL)
    g_set_error_literal (&second, QFU_ERROR, QFU_ERROR_UNREACHABLE, "the chip cannot be read");
  else if (bring_to (recovery, other, &second) || is_either (recovery, target))
    return TRUE;
  g_set_error (error, QFU_ERROR, first->code, "%s: %s; %s: %s", action (wanted), first->message,
               action (other), second->message);
  return FALSE;
}

gboolean
qfu_chip_recovery_look (QfuChipRecovery *recovery, GError **error)
{
  return open_images (recovery, error) && look (recovery, FALSE, error);
}
