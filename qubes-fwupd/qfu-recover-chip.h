/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-rewrite.h"

/**
 * QfuChipRecovery:
 * @config: configuration
 * @progress: (nullable)
 * @flash: (transfer none): the chip, once it is open
 * @entry: (transfer none): the write that was cut off
 * @images: old and new; one may be missing
 * @state: what the chip held when it was last read
 * @bytes_written: by now, as asked of libflashrom
 *
 * A chip that is brought to its old or its new contents.
 */
typedef struct {
  const QfuConfig *config;
  const QfuRewriteProgress *progress;
  QfuFlash *flash;
  const QfuFlashEntry *entry;
  QfuUntrustedBlob *images[2];
  QfuChipState *state;
  guint64 bytes_written;
} QfuChipRecovery;

void qfu_chip_recovery_clear (QfuChipRecovery *recovery);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuChipRecovery, qfu_chip_recovery_clear)

/**
 * qfu_chip_recovery_look:
 * @recovery: with configuration, chip and entry
 * @error: why the images or the chip cannot be read
 *
 * Opens the images and finds out what the chip holds; reads it twice.
 */
gboolean qfu_chip_recovery_look (QfuChipRecovery *recovery,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Which contents the chip is to be brought to: QFU_CHIP_OLD or QFU_CHIP_NEW. */
QfuChipBlock qfu_chip_recovery_choose (const QfuChipRecovery *recovery);

/**
 * qfu_chip_recovery_bring:
 * @recovery: that was looked at
 * @target: (out): QFU_CHIP_OLD or QFU_CHIP_NEW: what to try first, and what it is in the end
 * @error: why neither could be done; @recovery has what the chip held when it was last read
 *
 * Writes one of the two contents, and when that cannot be done the other, and reads them back.
 */
gboolean qfu_chip_recovery_bring (QfuChipRecovery *recovery,
                                  QfuChipBlock *target,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
