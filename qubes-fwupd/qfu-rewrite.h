/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-flash.h"

/**
 * QfuRewriteStage:
 * @QFU_REWRITE_READ: the old contents are read
 * @QFU_REWRITE_WRITE: the changed ranges are erased, written and verified
 * @QFU_REWRITE_VERIFY: the whole chip is read back
 * @QFU_REWRITE_RESTORE: the old contents are written back
 */
typedef enum {
  QFU_REWRITE_READ,
  QFU_REWRITE_WRITE,
  QFU_REWRITE_VERIFY,
  QFU_REWRITE_RESTORE
} QfuRewriteStage;

/* @step: called a few times in each stage, with bytes done and bytes in all. */
typedef struct {
  void (*step) (gpointer user, QfuRewriteStage stage, guint64 done, guint64 total);
  gpointer user;
} QfuRewriteProgress;

/* Reads the whole chip and reports as stage @stage. */
QfuUntrustedBlob *qfu_rewrite_read (QfuFlash *flash,
                                    QfuRewriteStage stage,
                                    const QfuRewriteProgress *progress,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_rewrite_chip:
 * @flash: the chip
 * @old_chip: what it holds
 * @composed: what it shall hold, and the ranges to write
 * @progress: (nullable)
 * @error: what failed, and what the chip holds: exactly the old contents, or
 * that these could not be brought back
 *
 * Writes the changed ranges, opens the chip anew, reads all of it, and compares with the composed
 * image. After any failure it writes the old contents back and verifies those in the same way.
 *
 * Returns: %TRUE when the chip holds the composed image, every byte
 */
gboolean qfu_rewrite_chip (QfuFlash *flash,
                           const QfuUntrustedBlob *old_chip,
                           const QfuComposed *composed,
                           const QfuRewriteProgress *progress,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
