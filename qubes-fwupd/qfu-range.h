/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"

/* A range of the chip in bytes. */
typedef struct {
  guint64 offset;
  guint64 length;
} QfuRange;

/**
 * qfu_ranges_check:
 * @ranges: (element-type QfuRange)
 * @size: of the chip in bytes
 * @error: #QFU_ERROR_LIMIT unless the ranges ascend, hold a byte each, do not overlap and lie
 * inside of the chip
 */
gboolean
qfu_ranges_check (const GArray *ranges, guint64 size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, and every range is whole blocks of @block bytes. */
gboolean qfu_ranges_check_blocks (const GArray *ranges, guint64 block, guint64 size, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Bytes in all ranges together. */
guint64 qfu_ranges_length (const GArray *ranges);

/* Appends a range behind all others; one that begins where the last one ends makes that longer. */
void qfu_ranges_append (GArray *ranges, guint64 offset, guint64 length);

/**
 * qfu_ranges_cut:
 * @ranges: (element-type QfuRange): ranges that were checked
 * @step: bytes
 *
 * Returns: (transfer full) (element-type QfuRange): the same bytes in ranges that cross no multiple
 * of @step
 */
GArray *qfu_ranges_cut (const GArray *ranges, guint64 step);

/**
 * qfu_ranges_diff:
 * @a: a blob
 * @b: another one of the same size
 * @block: bytes
 *
 * Returns: (transfer full) (element-type QfuRange): every block, at a multiple of @block, in which
 * the two differ; neighbours are one range
 */
GArray *qfu_ranges_diff (const QfuUntrustedBlob *a, const QfuUntrustedBlob *b, guint64 block);

/**
 * qfu_ranges_rest:
 * @ranges: (element-type QfuRange) (nullable): ranges that were checked; %NULL: none
 * @size: of the chip in bytes
 *
 * Returns: (transfer full) (element-type QfuRange): what @ranges leave of the chip, ascending
 */
GArray *qfu_ranges_rest (const GArray *ranges, guint64 size);
