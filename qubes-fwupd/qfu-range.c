/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-range.h"

#include "qfu-error.h"

gboolean
qfu_ranges_check (const GArray *ranges, guint64 size, GError **error)
{
  guint64 free_from = 0;

  for (guint i = 0; i < ranges->len; i++) {
    const QfuRange *range = &g_array_index (ranges, QfuRange, i);

    if (range->length == 0 || range->offset < free_from || range->offset > size ||
        range->length > size - range->offset) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT,
                   "range %u (%" G_GUINT64_FORMAT " bytes at %#" G_GINT64_MODIFIER
                   "x) is empty, overlaps the one before or leaves the chip of %" G_GUINT64_FORMAT
                   " bytes",
                   i, range->length, range->offset, size);
      return FALSE;
    }
    free_from = range->offset + range->length;
  }
  return TRUE;
}

gboolean
qfu_ranges_check_blocks (const GArray *ranges, guint64 block, guint64 size, GError **error)
{
  if (!qfu_ranges_check (ranges, size, error))
    return FALSE;
  for (guint i = 0; i < ranges->len; i++) {
    const QfuRange *range = &g_array_index (ranges, QfuRange, i);

    if (range->offset % block == 0 && range->length % block == 0)
      continue;
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT,
                 "range %u (%" G_GUINT64_FORMAT " bytes at %#" G_GINT64_MODIFIER
                 "x) is not whole blocks",
                 i, range->length, range->offset);
    return FALSE;
  }
  return TRUE;
}

guint64
qfu_ranges_length (const GArray *ranges)
{
  guint64 length = 0;

  for (guint i = 0; i < ranges->len; i++)
    length += g_array_index (ranges, QfuRange, i).length;
  return length;
}

GArray *
qfu_ranges_cut (const GArray *ranges, guint64 step)
{
  GArray *pieces = g_array_new (FALSE, FALSE, sizeof (QfuRange));

  for (guint i = 0; i < ranges->len; i++) {
    QfuRange rest = g_array_index (ranges, QfuRange, i);

    while (rest.length > 0) {
      QfuRange piece = {rest.offset, MIN (rest.length, step - rest.offset % step)};

      g_array_append_val (pieces, piece);
      rest.offset += piece.length;
      rest.length -= piece.length;
    }
  }
  return pieces;
}

void
qfu_ranges_append (GArray *ranges, guint64 offset, guint64 length)
{
  QfuRange range = {offset, length};
  QfuRange *last = ranges->len > 0 ? &g_array_index (ranges, QfuRange, ranges->len - 1) : NULL;

  if (last != NULL && last->offset + last->length == offset)
    last->length += length;
  else
    g_array_append_val (ranges, range);
}

GArray *
qfu_ranges_diff (const QfuUntrustedBlob *a, const QfuUntrustedBlob *b, guint64 block)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  guint64 size = qfu_untrusted_blob_size (a);

  g_assert (qfu_untrusted_blob_size (b) == size);
  for (guint64 at = 0; at < size; at += block) {
    guint64 length = MIN (block, size - at);

    if (!qfu_untrusted_blob_equal_range (a, at, b, at, length))
      qfu_ranges_append (ranges, at, length);
  }
  return ranges;
}

GArray *
qfu_ranges_rest (const GArray *ranges, guint64 size)
{
  GArray *rest = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  guint64 at = 0;

  for (guint i = 0; ranges != NULL && i < ranges->len; i++) {
    const QfuRange *range = &g_array_index (ranges, QfuRange, i);

    if (range->offset > at)
      qfu_ranges_append (rest, at, range->offset - at);
    at = range->offset + range->length;
  }
  if (size > at)
    qfu_ranges_append (rest, at, size - at);
  return rest;
}
