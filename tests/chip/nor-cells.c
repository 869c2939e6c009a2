/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nor-cells.h"

#include <string.h>

/* How many bytes are in between when the power goes. */
#define TORN 16

struct _NorCells {
  guint8 *bytes;
  gsize size;
  const NorFaults *faults;
  NorCounts *counts;
  GArray *unerasable; /* copies, whose times are counted down */
  GArray *unprogrammable;
  GArray *unsteady;
  GRand *rand;
};

static GArray *
copy (GArray *areas)
{
  return g_array_copy (areas);
}

NorCells *
nor_cells_new (guint8 *bytes, gsize size, const NorFaults *faults, NorCounts *counts)
{
  NorCells *cells = g_new0 (NorCells, 1);

  cells->bytes = bytes;
  cells->size = size;
  cells->faults = faults;
  cells->counts = counts;
  cells->unerasable = copy (faults->unerasable);
  cells->unprogrammable = copy (faults->unprogrammable);
  cells->unsteady = copy (faults->unsteady);
  cells->rand = g_rand_new_with_seed (faults->seed);
  return cells;
}

void
nor_cells_free (NorCells *cells)
{
  g_array_unref (cells->unerasable);
  g_array_unref (cells->unprogrammable);
  g_array_unref (cells->unsteady);
  g_rand_free (cells->rand);
  g_free (cells);
}

gsize
nor_cells_size (const NorCells *cells)
{
  return cells->size;
}

const GArray *
nor_cells_protected (const NorCells *cells)
{
  return cells->faults->protected;
}

/* The first area that meets the range and has its effect yet; %NULL: none. */
static NorArea *
find_area (GArray *areas, guint64 offset, guint64 length)
{
  for (guint i = 0; i < areas->len; i++) {
    NorArea *area = &g_array_index (areas, NorArea, i);

    if (area->length > 0 && offset < area->offset + area->length && area->offset < offset + length)
      return area;
  }
  return NULL;
}

/* The area has had its effect once more. */
static void
use_up (NorArea *area)
{
  if (area->times > 0 && --area->times == 0)
    area->length = 0;
}

/* Bits of which each is set with a probability of @part in @whole. */
static guint8
some_bits (NorCells *cells, guint64 part, guint64 whole)
{
  guint8 bits = 0;

  for (guint i = 0; i < 8; i++)
    if (g_rand_double (cells->rand) * (double)whole < (double)part)
      bits |= (guint8)(1U << i);
  return bits;
}

/* Which bits of byte @i of @length have reached their new state when a pass is cut at @at. */
static guint8
reached (NorCells *cells, guint64 i, guint64 at, guint64 length)
{
  if (at >= length)
    return 0xff;
  if (cells->faults->scattered)
    return some_bits (cells, at, length);
  if (i < at)
    return 0xff;
  return i - at < TORN ? some_bits (cells, 1, 2) : 0;
}

/* How far the operation that begins gets, of @all; *cut says whether the power ends it. */
static guint64
begin (NorCells *cells, guint64 all, gboolean *cut)
{
  const NorFaults *faults = cells->faults;

  cells->counts->operations++;
  *cut = cells->counts->operations == faults->cut;
  cells->counts->cut = *cut;
  return *cut ? faults->cut_at : all;
}

gboolean
nor_cells_erase (NorCells *cells, guint64 offset, guint64 length)
{
  gboolean cut;
  guint64 at = begin (cells, 2 * length, &cut);
  NorArea *worn = find_area (cells->unerasable, offset, length);
  guint64 end = length;

  cells->counts->erases++;
  cells->counts->erased += length;
  if (cells->counts->operations == cells->faults->shortened)
    end = MIN (end, cells->faults->shortened_to);
  for (guint64 i = 0; i < end; i++) {
    guint8 *byte = &cells->bytes[offset + i];

    if (worn != NULL && offset + i >= worn->offset && offset + i - worn->offset < worn->length)
      continue;
    *byte &= (guint8)~reached (cells, i, at, length);
    if (at >= length)
      *byte |= reached (cells, i, at - length, length);
  }
  if (worn != NULL)
    use_up (worn);
  return !cut;
}

gboolean
nor_cells_program (NorCells *cells, guint64 offset, guint64 page, const guint8 *data, gsize length)
{
  gboolean cut;
  guint64 at = begin (cells, length, &cut);
  guint64 base = offset & ~(page - 1);
  NorArea *worn = find_area (cells->unprogrammable, base, page);
  guint64 end = length;

  cells->counts->programs++;
  cells->counts->programmed += length;
  if (cells->counts->operations == cells->faults->shortened)
    end = MIN (end, cells->faults->shortened_to);
  for (guint64 i = 0; i < end; i++) {
    guint64 place = base + ((offset + i) & (page - 1));

    if (worn != NULL && place >= worn->offset && place - worn->offset < worn->length)
      continue;
    cells->bytes[place] &= (guint8)(data[i] | ~reached (cells, i, at, length));
  }
  if (worn != NULL)
    use_up (worn);
  return !cut;
}

void
nor_cells_read (NorCells *cells, guint64 offset, guint8 *to, gsize length)
{
  guint64 first = offset % cells->size;
  gsize before_end = MIN (length, cells->size - first);
  NorArea *area = find_area (cells->unsteady, first, before_end);

  memcpy (to, cells->bytes + first, before_end);
  for (gsize i = before_end; i < length; i++)
    to[i] = cells->bytes[(first + i) % cells->size];
  cells->counts->read += length;
  if (area == NULL)
    return;
  for (guint64 i = MAX (first, area->offset);
       i < MIN (first + before_end, area->offset + area->length); i++)
    to[i - first] ^= (guint8)(1U << g_rand_int_range (cells->rand, 0, 8));
  use_up (area);
}
