/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-flashjournal.h"
#include "qfu-refstore.h"

/**
 * QfuChipHolds:
 * @QFU_CHIP_HOLDS_UNKNOWN: nobody has looked
 * @QFU_CHIP_HOLDS_NEW: what the last write was to put there
 * @QFU_CHIP_HOLDS_OLD: what was there before it
 * @QFU_CHIP_HOLDS_OTHER: neither
 *
 * Whose firmware a chip holds; what updates leave alone does not count.
 */
typedef enum {
  QFU_CHIP_HOLDS_UNKNOWN,
  QFU_CHIP_HOLDS_NEW,
  QFU_CHIP_HOLDS_OLD,
  QFU_CHIP_HOLDS_OTHER
} QfuChipHolds;

/* "unknown", "new", "old", "other". */
const char *qfu_chip_holds_name (QfuChipHolds holds);

/**
 * QfuAftermath:
 * @store: of the reference values, read alone
 * @entries: (element-type QfuFlashEntry): of the journal
 * @entry: (nullable): the last write of the device
 * @record: (nullable): its reference values
 *
 * What the stores know of the last write of a device.
 */
typedef struct {
  QfuRefStore *store;
  GPtrArray *entries;
  const QfuFlashEntry *entry;
  const QfuRefRecord *record;
} QfuAftermath;

/* @device_id: fwupd's id of the device; @error: as the stores have it. */
QfuAftermath *qfu_aftermath_load (const QfuConfig *config,
                                  const char *device_id,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_aftermath_free (QfuAftermath *aftermath);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuAftermath, qfu_aftermath_free)

/* Whether only a look at the chip tells what became of the write: it was finished, and no boot has
 * been judged by its reference values yet. */
gboolean qfu_aftermath_needs_look (const QfuAftermath *aftermath);

/**
 * qfu_aftermath_compare:
 * @config: configuration
 * @aftermath: with an entry
 * @chip: what the chip holds
 * @holds: (out): whose firmware that is
 * @error: as qfu_portion_read() and qfu_images_open() have it
 *
 * Compares the firmware in the chip with that of the images which were kept for the last write.
 *
 * Trust: the chip is untrusted.
 */
gboolean qfu_aftermath_compare (const QfuConfig *config,
                                const QfuAftermath *aftermath,
                                const QfuUntrustedBlob *chip,
                                QfuChipHolds *holds,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_aftermath_judge:
 * @aftermath: what the stores know
 * @holds: what the chip was found to hold
 * @other_version: whether another version started than was installed
 * @text: (out) (transfer full): for people: what the chip holds, and what to do
 *
 * Judges the last write, in a boot after it.
 *
 * Returns: %TRUE when the machine runs what was installed, as far as is known
 */
gboolean qfu_aftermath_judge (const QfuAftermath *aftermath,
                              QfuChipHolds holds,
                              gboolean other_version,
                              char **text) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) (nullable): why nothing may be installed at present: a write is unfinished, or
 * the journal cannot tell; %NULL when nothing is in the way. */
char *qfu_aftermath_obstacle (const QfuConfig *config);
