/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-segment.h"

#include "qfu-error.h"

/* A map, and of each region whether it holds no other. */
typedef struct {
  const QfuLayout *layout;
  const QfuRom *rom;
  gboolean *leaf;
} Map;

gboolean
qfu_segments_check (const QfuRom *rom, GError **error)
{
  for (guint i = 0; i < rom->regions->len; i++) {
    const QfuRomRegion *region = qfu_rom_region_at (rom, i);

    if (region->offset <= rom->size && region->size <= rom->size - region->offset)
      continue;
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "the flash map has region %s outside of the chip", region->name);
    return FALSE;
  }
  return TRUE;
}

static gboolean
region_covers (const QfuRomRegion *region, guint64 offset, guint64 length)
{
  return offset >= region->offset && length <= region->size &&
         offset - region->offset <= region->size - length;
}

static gboolean
is_leaf (const QfuRom *rom, const QfuRomRegion *region)
{
  for (guint i = 0; i < rom->regions->len; i++) {
    const QfuRomRegion *other = qfu_rom_region_at (rom, i);

    if (other != region && other->size > 0 && other->size < region->size &&
        region_covers (region, other->offset, other->size))
      return FALSE;
  }
  return TRUE;
}

static int
compare_offsets (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *)a;
  guint64 right = *(const guint64 *)b;

  return left < right ? -1 : left > right;
}

static void
add_borders (GArray *borders, const QfuRom *rom)
{
  for (guint i = 0; i < rom->regions->len; i++) {
    const QfuRomRegion *region = qfu_rom_region_at (rom, i);
    guint64 end = region->offset + region->size;

    g_array_append_val (borders, region->offset);
    g_array_append_val (borders, end);
  }
}

static void
find_rule (const Map *map, QfuSegment *segment)
{
  guint64 smallest = G_MAXUINT64;
  gboolean by_name = FALSE;

  segment->rule = qfu_layout_outside (map->layout);
  for (guint i = 0; i < map->rom->regions->len; i++) {
    const QfuRomRegion *region = qfu_rom_region_at (map->rom, i);
    gboolean listed = qfu_layout_lists (map->layout, region->name);
    QfuRegionRule rule = qfu_layout_rule (map->layout, region->name);

    if (region->size > smallest || !region_covers (region, segment->offset, segment->length) ||
        (!listed && !map->leaf[i]))
      continue;
    if (region->size == smallest && (!listed || (by_name && rule <= segment->rule)))
      continue;
    smallest = region->size;
    by_name = listed;
    segment->rule = rule;
    segment->region = region;
  }
}

/* Step and window come from any region around the bytes, whether it has a rule or not. */
static void
find_order (const Map *map, QfuSegment *segment)
{
  guint64 smallest = G_MAXUINT64;

  segment->window = qfu_layout_window (map->layout, NULL);
  for (guint i = 0; i < map->rom->regions->len; i++) {
    const QfuRomRegion *region = qfu_rom_region_at (map->rom, i);
    guint step = qfu_layout_step (map->layout, region->name);

    if (!region_covers (region, segment->offset, segment->length))
      continue;
    segment->window = segment->window || qfu_layout_window (map->layout, region->name);
    if (step == 0 || region->size > smallest)
      continue;
    segment->step = region->size < smallest ? step : MAX (segment->step, step);
    smallest = region->size;
  }
}

GArray *
qfu_segments_new (const QfuLayout *layout, const QfuRom *rom, const QfuRom *other)
{
  GArray *segments = g_array_new (FALSE, TRUE, sizeof (QfuSegment));
  g_autoptr (GArray) borders = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autofree gboolean *leaf = g_new0 (gboolean, rom->regions->len + 1);
  const Map map = {layout, rom, leaf};
  const guint64 zero = 0;

  for (guint i = 0; i < rom->regions->len; i++)
    leaf[i] = is_leaf (rom, qfu_rom_region_at (rom, i));
  g_array_append_val (borders, zero);
  g_array_append_val (borders, rom->size);
  add_borders (borders, rom);
  add_borders (borders, other);
  g_array_sort (borders, compare_offsets);
  for (guint i = 0; i + 1 < borders->len; i++) {
    guint64 start = g_array_index (borders, guint64, i);
    QfuSegment segment = {.offset = start,
                          .length = g_array_index (borders, guint64, i + 1) - start};

    if (segment.length == 0)
      continue;
    find_rule (&map, &segment);
    find_order (&map, &segment);
    g_array_append_val (segments, segment);
  }
  return segments;
}

const QfuSegment *
qfu_maps_segment (const QfuMaps *maps, guint which, guint i)
{
  return &g_array_index (maps->segments[which], QfuSegment, i);
}
