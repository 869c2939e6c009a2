/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-chipstate.h"
#include "qfu-flash.h"
#include "qfu-flashentry.h"

/**
 * QfuRewriteStage:
 * @QFU_REWRITE_READ: the old contents are read
 * @QFU_REWRITE_WRITE: the changed ranges are erased, written and verified, step by step
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

/* Reads the chip but @unread (nullable), and reports as stage @stage. */
QfuUntrustedBlob *qfu_rewrite_read (QfuFlash *flash,
                                    const GArray *unread,
                                    QfuRewriteStage stage,
                                    const QfuRewriteProgress *progress,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, and opens the chip anew before. */
QfuUntrustedBlob *qfu_rewrite_read_anew (QfuFlash *flash,
                                         const GArray *unread,
                                         QfuRewriteStage stage,
                                         const QfuRewriteProgress *progress,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * QfuRewriteTarget:
 * @image: what the ranges of @steps shall hold
 * @steps: (element-type QfuStep): what to write, in order
 * @stage: what it is reported as
 */
typedef struct {
  const QfuUntrustedBlob *image;
  const GPtrArray *steps;
  QfuRewriteStage stage;
} QfuRewriteTarget;

/**
 * qfu_rewrite_steps:
 * @flash: the chip
 * @target: what to write
 * @progress: (nullable)
 * @bytes: grows by what libflashrom is asked to write
 * @error: naming the step; the chip may hold anything in its ranges
 *
 * Writes step after step. Before the next one begins the chip is opened anew, and what the step
 * wrote is read back and compared. What the last one wrote is for the caller to read back, who
 * looks at the whole chip.
 */
gboolean qfu_rewrite_steps (QfuFlash *flash,
                            const QfuRewriteTarget *target,
                            const QfuRewriteProgress *progress,
                            guint64 *bytes,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * QfuRewriteResult:
 * @state: new, old or neither: what the chip was read back to hold; neither, too, when it could not
 * be read back
 * @bytes_written: as asked of libflashrom, bringing the old contents back included; it erases as
 * many
 */
typedef struct {
  QfuFlashState state;
  guint64 bytes_written;
} QfuRewriteResult;

/**
 * qfu_rewrite_chip:
 * @flash: the chip
 * @old_chip: what it holds
 * @composed: what it shall hold, and the steps to write
 * @progress: (nullable)
 * @result: (out): also after a failure
 * @error: what failed, and what the chip holds: exactly the old contents, or in numbers what of
 * them and of the new ones, and what to do
 *
 * Writes the changed blocks step by step, opens the chip anew, reads all of it, and compares. After
 * any failure it writes the old contents back and verifies those in the same way. What is preserved
 * and changes by itself meanwhile is left as it is.
 *
 * Returns: %TRUE when the chip holds the composed image
 */
gboolean qfu_rewrite_chip (QfuFlash *flash,
                           const QfuUntrustedBlob *old_chip,
                           const QfuComposed *composed,
                           const QfuRewriteProgress *progress,
                           QfuRewriteResult *result,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
