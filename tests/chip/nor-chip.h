/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "nor-cells.h"

#define NOR_CHIP_MIN (1024 * 1024)
#define NOR_CHIP_MAX (16 * 1024 * 1024)

/**
 * NorPins:
 * @status: the three status registers when the power comes
 * @write_protected: the pin /WP is low
 * @capacity: third byte of the identification; 0: what the size calls for
 * @busy: how many readings of the status register after an operation find it under way
 * @closed: (nullable) (element-type NorArea): what the programmer does not read for its host
 * @log: (nullable): a line for each operation, `NUMBER erase|program OFFSET LENGTH`
 */
typedef struct {
  guint8 status[3];
  gboolean write_protected;
  guint8 capacity;
  guint busy;
  GArray *closed;
  int log;
} NorPins;

/**
 * NorChip:
 *
 * A chip of Winbond's W25Q family of 1 to 16 MiB behind its SPI pins, by the data sheets:
 * commands, write enable latch, pages of 256 bytes, sectors of 4 KiB, blocks of 32 and 64 KiB,
 * status registers with block protection.
 */
typedef struct _NorChip NorChip;

/* Nothing of what is given is owned. */
NorChip *nor_chip_new (NorCells *cells, NorCounts *counts, const NorPins *pins);
void nor_chip_free (NorChip *chip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NorChip, nor_chip_free)

/* (transfer none) */
const NorCounts *nor_chip_counts (const NorChip *chip);

/* Whether that is a read of what is closed: the programmer refuses it. */
gboolean
nor_chip_is_closed (const NorChip *chip, const guint8 *sent, gsize n_sent, gsize n_received);

/* Time goes by: an operation that was under way is over. */
void nor_chip_rest (NorChip *chip);

/**
 * nor_chip_transfer:
 * @sent: what comes in while the chip is selected, the command first
 * @received: filled with what the chip answers after that
 *
 * Returns: %FALSE when the power went
 */
gboolean nor_chip_transfer (NorChip *chip,
                            const guint8 *sent,
                            gsize n_sent,
                            guint8 *received,
                            gsize n_received) G_GNUC_WARN_UNUSED_RESULT;

/* Time passes: what is under way is done. */
void nor_chip_settle (NorChip *chip);
