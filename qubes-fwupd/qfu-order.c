/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-order.h"

#define NAMES_SHOWN 4 /* regions that a step's name lists */

/* The parts of a layout's step, in the order of writing. */
typedef enum {
  PART_QUIET,
  PART_BEFORE,
  PART_WINDOW,
  PART_LAST,
  PART_AFTER,
} Part;
#define N_PARTS (PART_AFTER + 1)

/* One erase block and all that counts for its place in the order. */
typedef struct {
  guint64 offset;
  guint64 length;
  guint first;        /* number of the first segment that it touches */
  guint step;         /* the last one that has a part in it */
  gboolean shared;    /* several have */
  gboolean window[2]; /* touches what boot needs, before and after */
  gboolean free[2];   /* lies in free space, before and after */
} Block;

static gboolean
overlaps (guint64 a, guint64 a_length, guint64 b, guint64 b_length)
{
  return a < b ? b - a < a_length : a - b < b_length;
}

/* Whether the block lies in one of the ranges. */
static gboolean
lies_in (const GArray *ranges, const Block *block)
{
  for (guint i = 0; ranges != NULL && i < ranges->len; i++) {
    const QfuRange *range = &g_array_index (ranges, QfuRange, i);

    if (block->offset >= range->offset && block->length <= range->length &&
        block->offset - range->offset <= range->length - block->length)
      return TRUE;
  }
  return FALSE;
}

static void
look_at_segment (Block *block, guint which, const QfuSegment *segment)
{
  block->window[which] = block->window[which] || segment->window;
  if (segment->step == 0 || segment->step == block->step)
    return;
  block->shared = block->shared || block->step != 0;
  block->step = MAX (block->step, segment->step);
}

static void
look_at_block (const QfuMaps *maps, Block *block)
{
  const guint n = maps->segments[0]->len;
  const guint64 end = block->offset + block->length;

  for (; block->first < n; block->first++) {
    const QfuSegment *segment = qfu_maps_segment (maps, 0, block->first);

    if (segment->offset + segment->length > block->offset)
      break;
  }
  for (guint i = block->first; i < n && qfu_maps_segment (maps, 0, i)->offset < end; i++) {
    look_at_segment (block, 0, qfu_maps_segment (maps, 0, i));
    look_at_segment (block, 1, qfu_maps_segment (maps, 1, i));
  }
  for (guint i = 0; i < 2; i++)
    block->free[i] = lies_in (maps->roms[i]->unused, block);
}

/* Adds the ranges of what the layout names last: regions, and files in regions that boot needs. */
static void
find_last (const QfuMaps *maps, const QfuRom *rom, GArray *ranges)
{
  for (guint i = 0; i < rom->regions->len; i++) {
    const QfuRomRegion *region = &g_array_index (rom->regions, QfuRomRegion, i);
    QfuRange range = {region->offset, region->size};

    if (range.length > 0 && qfu_layout_last (maps->layout, region->name))
      g_array_append_val (ranges, range);
  }
  for (guint i = 0; i < rom->files->len; i++) {
    const QfuRomFile *file = &g_array_index (rom->files, QfuRomFile, i);
    QfuRange range = {file->offset, file->size};

    if (range.length > 0 && qfu_layout_last (maps->layout, file->name))
      g_array_append_val (ranges, range);
  }
}

static gboolean
touches (const GArray *ranges, const Block *block)
{
  for (guint i = 0; i < ranges->len; i++) {
    const QfuRange *range = &g_array_index (ranges, QfuRange, i);

    if (overlaps (range->offset, range->length, block->offset, block->length))
      return TRUE;
  }
  return FALSE;
}

static Part
part_of (const Block *block, const GArray *last)
{
  const gboolean before = block->window[0] && !block->free[0];
  const gboolean after = block->window[1] && !block->free[1];

  if (block->shared || (before && after))
    return touches (last, block) ? PART_LAST : PART_WINDOW;
  if (before)
    return PART_AFTER;
  return block->window[0] || block->window[1] ? PART_BEFORE : PART_QUIET;
}

static void
add_name (GPtrArray *names, const char *name)
{
  if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, (gpointer)name);
}

/* The regions that the ranges touch: of the new map, or of the old one where that has none. */
static GPtrArray *
names_of (const QfuMaps *maps, const GArray *ranges)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0, k = 0; i < maps->segments[1]->len && k < ranges->len;) {
    const QfuRange *range = &g_array_index (ranges, QfuRange, k);
    const QfuSegment *segment = qfu_maps_segment (maps, 1, i);
    const QfuRomRegion *region =
        segment->region != NULL ? segment->region : qfu_maps_segment (maps, 0, i)->region;

    if (region != NULL && overlaps (range->offset, range->length, segment->offset, segment->length))
      add_name (names, region->name);
    if (segment->offset + segment->length <= range->offset + range->length)
      i++;
    else
      k++;
  }
  if (names->len == 0)
    add_name (names, "what lies between regions");
  return names;
}

static char *
step_name (const QfuMaps *maps, Part part, const GArray *ranges)
{
  static const char *const prefixes[N_PARTS] = {
      [PART_QUIET] = "",         [PART_BEFORE] = "free space of ",       [PART_WINDOW] = "",
      [PART_LAST] = "start of ", [PART_AFTER] = "what becomes free in ",
  };
  g_autoptr (GPtrArray) names = names_of (maps, ranges);
  GString *name = g_string_new (prefixes[part]);

  for (guint i = 0; i < MIN (names->len, NAMES_SHOWN); i++)
    g_string_append_printf (name, "%s%s", i > 0 ? ", " : "",
                            (const char *)g_ptr_array_index (names, i));
  if (names->len > NAMES_SHOWN)
    g_string_append_printf (name, " and %u more", names->len - NAMES_SHOWN);
  return g_string_free (name, FALSE);
}

QfuStep *
qfu_step_new (char *name, GArray *ranges, gboolean window)
{
  QfuStep *step = g_new0 (QfuStep, 1);

  step->name = name;
  step->ranges = ranges;
  step->window = window;
  return step;
}

void
qfu_step_free (QfuStep *step)
{
  if (step == NULL)
    return;
  g_free (step->name);
  g_array_unref (step->ranges);
  g_free (step);
}

static void
step_free (gpointer step)
{
  qfu_step_free (step);
}

/* Puts each block into the ranges of its step and part: number step * N_PARTS + part. */
static GPtrArray *
sort_blocks (const QfuMaps *maps, const GArray *changed)
{
  GPtrArray *sorted = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  g_autoptr (GArray) blocks = qfu_ranges_cut (changed, QFU_ERASE_BLOCK);
  g_autoptr (GArray) last = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  guint first = 0;

  find_last (maps, maps->roms[0], last);
  find_last (maps, maps->roms[1], last);
  for (guint i = 0; i < blocks->len; i++) {
    const QfuRange *range = &g_array_index (blocks, QfuRange, i);
    Block block = {.offset = range->offset, .length = range->length, .first = first};
    guint place;

    look_at_block (maps, &block);
    first = block.first;
    place = (MAX (block.step, 1) - 1) * N_PARTS + part_of (&block, last);
    while (sorted->len <= place)
      g_ptr_array_add (sorted, g_array_new (FALSE, FALSE, sizeof (QfuRange)));
    qfu_ranges_append (g_ptr_array_index (sorted, place), range->offset, range->length);
  }
  return sorted;
}

GPtrArray *
qfu_order_steps (const QfuMaps *maps, const GArray *changed)
{
  GPtrArray *steps = g_ptr_array_new_with_free_func (step_free);
  g_autoptr (GPtrArray) sorted = sort_blocks (maps, changed);

  for (guint i = 0; i < sorted->len; i++) {
    GArray *ranges = g_ptr_array_index (sorted, i);
    const Part part = (Part)(i % N_PARTS);

    if (ranges->len > 0)
      g_ptr_array_add (steps, qfu_step_new (step_name (maps, part, ranges), g_array_ref (ranges),
                                            part == PART_WINDOW || part == PART_LAST));
  }
  return steps;
}
