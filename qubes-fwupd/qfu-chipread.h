/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-flash.h"

/**
 * qfu_chip_read:
 * @config: configuration; its layout says which regions of an Intel descriptor are never touched
 * @flash: the chip
 * @unread: (out) (optional) (transfer full) (element-type QfuRange): what was left out, ascending;
 * empty where everything was read
 * @progress: (nullable)
 * @error: #QFU_ERROR_IO naming the part of the chip that cannot be read and, where it helps, the
 * layout's key that leaves it out; #QFU_ERROR_FORMAT for a descriptor that contradicts itself
 *
 * Reads the chip the way every program of ours does: first the descriptor, then all but the regions
 * whose rule is `never`. Those are 0xff in the blob, which is as large as the chip.
 *
 * Trust: what the chip holds is anybody's.
 */
QfuUntrustedBlob *qfu_chip_read (const QfuConfig *config,
                                 QfuFlash *flash,
                                 GArray **unread,
                                 const QfuFlashProgress *progress,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
