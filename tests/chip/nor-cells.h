/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "nor-counts.h"

/**
 * NorArea:
 * @times: how often it has its effect; 0: always
 *
 * Bytes of the chip with which something is wrong.
 */
typedef struct {
  guint64 offset;
  guint64 length;
  guint64 times;
} NorArea;

/**
 * NorFaults:
 * @cut: number of the operation in which the power goes; 0: none. Erases and programs are counted
 * together, from 1
 * @cut_at: how far it gets, see nor_cells_erase() and nor_cells_program()
 * @scattered: the cells change all at once, not in the order of their addresses
 * @seed: of everything that is random
 * @shortened: number of the operation that ends early and says that it is done; 0: none
 * @shortened_to: how many bytes of it are done
 * @protected: (element-type NorArea): neither erased nor programmed, without a word
 * @unerasable: (element-type NorArea): keeps its bits when erased
 * @unprogrammable: (element-type NorArea): keeps its bits when programmed
 * @unsteady: (element-type NorArea): reads with a bit that is not so
 */
typedef struct {
  guint64 cut;
  guint64 cut_at;
  gboolean scattered;
  guint32 seed;
  guint64 shortened;
  guint64 shortened_to;
  GArray *protected;
  GArray *unerasable;
  GArray *unprogrammable;
  GArray *unsteady;
} NorFaults;

/**
 * NorCells:
 *
 * The array of a NOR flash chip: an erase sets all bits of a block, a program clears bits.
 */
typedef struct _NorCells NorCells;

/**
 * nor_cells_new:
 * @bytes: the contents, changed in place; not owned
 * @faults: not owned
 * @counts: updated before an operation is over; not owned
 */
NorCells *nor_cells_new (guint8 *bytes, gsize size, const NorFaults *faults, NorCounts *counts);
void nor_cells_free (NorCells *cells);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NorCells, nor_cells_free)

gsize nor_cells_size (const NorCells *cells);
/* (transfer none): what is neither erased nor programmed. */
const GArray *nor_cells_protected (const NorCells *cells);

/**
 * nor_cells_erase:
 *
 * As real chips do, in two passes over the block: all bits are cleared, then all are set. A cut at
 * byte N of a block of L bytes has come to byte N of the first pass when N < L, else to byte N - L
 * of the second, and some bits of the next bytes have changed as well.
 *
 * Returns: %FALSE when the power went
 */
gboolean
nor_cells_erase (NorCells *cells, guint64 offset, guint64 length) G_GNUC_WARN_UNUSED_RESULT;

/**
 * nor_cells_program:
 * @offset: of a byte in the page
 * @page: length of a page, a power of two
 *
 * Goes on at the beginning of the page when its end is reached. A cut at byte N has done N bytes,
 * and some bits of the next.
 *
 * Returns: %FALSE when the power went
 */
gboolean nor_cells_program (NorCells *cells,
                            guint64 offset,
                            guint64 page,
                            const guint8 *data,
                            gsize length) G_GNUC_WARN_UNUSED_RESULT;

/* @offset may be anything: the chip has no more address lines than it needs. */
void nor_cells_read (NorCells *cells, guint64 offset, guint8 *to, gsize length);
