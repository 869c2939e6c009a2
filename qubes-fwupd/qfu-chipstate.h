/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-layout.h"

/**
 * QfuChipPlan:
 * @steps: (element-type QfuStep): what a write changes
 * @preserved: (element-type QfuRange): what running firmware may change at any time
 * @old_image: (nullable): what the chip held before the write
 * @new_image: (nullable): what it holds after it; one of the two is there
 *
 * What is known of a write.
 */
typedef struct {
  const GPtrArray *steps;
  const GArray *preserved;
  const QfuUntrustedBlob *old_image;
  const QfuUntrustedBlob *new_image;
} QfuChipPlan;

/**
 * QfuChipBlock:
 * @QFU_CHIP_UNTOUCHED: not of the write, and as it was
 * @QFU_CHIP_OLD: of the write, holds the old contents
 * @QFU_CHIP_NEW: of the write, holds the new contents
 * @QFU_CHIP_TORN: of the write, holds neither, or other bytes at each reading
 * @QFU_CHIP_BESIDE: not of the write, but an erase seems to have caught it, or other bytes at each
 * reading, or changed in any way so near to the write, and not preserved
 * @QFU_CHIP_KEPT: not of the write, preserved, and has changed
 * @QFU_CHIP_FOREIGN: not of the write, not preserved, and has changed
 *
 * What a block of QFU_ERASE_BLOCK bytes holds.
 */
typedef enum {
  QFU_CHIP_UNTOUCHED,
  QFU_CHIP_OLD,
  QFU_CHIP_NEW,
  QFU_CHIP_TORN,
  QFU_CHIP_BESIDE,
  QFU_CHIP_KEPT,
  QFU_CHIP_FOREIGN
} QfuChipBlock;

#define QFU_CHIP_KINDS (QFU_CHIP_FOREIGN + 1)

/**
 * QfuChipState:
 * @blocks: a #QfuChipBlock for each block
 * @n_blocks: how many there are
 * @count: how many there are of each kind
 * @touched: how many belong to the write
 * @window_not_old: how many blocks that boot needs do not hold their old contents
 * @window_not_new: the same of the new
 * @first_foreign: offset in bytes of the first one, when there is one
 */
typedef struct {
  guint8 *blocks;
  gsize n_blocks;
  guint64 count[QFU_CHIP_KINDS];
  guint64 touched;
  guint64 window_not_old;
  guint64 window_not_new;
  guint64 first_foreign;
} QfuChipState;

/**
 * qfu_chip_state_new:
 * @plan: the write
 * @chip: what the chip holds; as large as the images
 * @again: (nullable): another reading of it
 *
 * Compares the chip, block by block, with what it was and what it shall be.
 */
QfuChipState *qfu_chip_state_new (const QfuChipPlan *plan,
                                  const QfuUntrustedBlob *chip,
                                  const QfuUntrustedBlob *again);
void qfu_chip_state_free (QfuChipState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuChipState, qfu_chip_state_free)

/* Whether every block of the write holds @kind (old or new), and nothing else has changed but what
 * is preserved. */
gboolean qfu_chip_state_is (const QfuChipState *state, QfuChipBlock kind);

/* (transfer full) (element-type QfuRange): the blocks of the kinds whose bits are set in @kinds. */
GArray *qfu_chip_state_ranges (const QfuChipState *state, guint kinds);

/**
 * qfu_chip_state_steps:
 * @state: of a chip
 * @plan: the write
 * @target: QFU_CHIP_OLD or QFU_CHIP_NEW
 *
 * Returns: (transfer full) (element-type QfuStep): what has to be written to get there, in order:
 * backwards to the old contents; what lies beside the write comes first
 */
GPtrArray *
qfu_chip_state_steps (const QfuChipState *state, const QfuChipPlan *plan, QfuChipBlock target);

/* (transfer full): "of the 40 blocks of 4096 bytes that the write touches, 12 are old, …". */
char *qfu_chip_state_text (const QfuChipState *state);
