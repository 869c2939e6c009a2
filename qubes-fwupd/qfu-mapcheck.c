/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-mapcheck.h"

#include "qfu-error.h"

#include <string.h>

#define MAP_REGION "FMAP"

static gboolean
same_place (const QfuRomRegion *a, const QfuRomRegion *b)
{
  return a != NULL && b != NULL && a->offset == b->offset && a->size == b->size;
}

/* A region that the layout keeps is in the new map with its size; what the descriptor names is
 * where the chip's descriptor says, whatever the image has. */
static gboolean
check_kept (const QfuRom *new_rom, const QfuSegment *segment, GError **error)
{
  const QfuRomRegion *was = segment->region;
  const QfuRomRegion *is = was != NULL ? qfu_rom_region (new_rom, was->name) : NULL;

  if (was == NULL || segment->rule == QFU_RULE_UPDATE || same_place (was, is))
    return TRUE;
  if (is == NULL)
    return was->descriptor ||
           qfu_error_refuse (
               error, "the image's flash map has no region %s, which the layout keeps on this chip",
               was->name);
  if (was->descriptor || is->descriptor || segment->rule == QFU_RULE_NEVER)
    return qfu_error_refuse (
        error, "the image's flash map has region %s at another place, which may not be", was->name);
  if (was->size != is->size)
    return qfu_error_refuse (error,
                             "the image's flash map has region %s of %" G_GUINT64_FORMAT
                             " bytes, the chip's one of %" G_GUINT64_FORMAT
                             "; the layout keeps its contents, which fit only as they are",
                             was->name, is->size, was->size);
  return TRUE;
}

/* Whether all regions of flash maps are in both, at the same place. A region that only a descriptor
 * names can be missing in an image that leaves the descriptor out. */
static gboolean
maps_equal (const QfuRom *a, const QfuRom *b)
{
  for (guint i = 0; i < a->regions->len; i++) {
    const QfuRomRegion *region = qfu_rom_region_at (a, i);
    const QfuRomRegion *other = qfu_rom_region (b, region->name);

    if (!same_place (region, other) && (other != NULL || !region->descriptor))
      return FALSE;
  }
  return TRUE;
}

static gboolean
map_is_written (const QfuMaps *maps)
{
  for (guint i = 0; i < maps->segments[1]->len; i++) {
    const QfuSegment *segment = qfu_maps_segment (maps, 1, i);

    if (segment->rule == QFU_RULE_UPDATE && segment->region != NULL &&
        strcmp (segment->region->name, MAP_REGION) == 0)
      return TRUE;
  }
  return maps->roms[1]->kind != QFU_ROM_COREBOOT;
}

gboolean
qfu_mapcheck (const QfuMaps *maps, GError **error)
{
  for (guint i = 0; i < maps->segments[0]->len; i++) {
    if (!check_kept (maps->roms[1], qfu_maps_segment (maps, 0, i), error))
      return FALSE;
  }
  if (map_is_written (maps) ||
      (maps_equal (maps->roms[0], maps->roms[1]) && maps_equal (maps->roms[1], maps->roms[0])))
    return TRUE;
  return qfu_error_refuse (error,
                           "the image has another flash map than the chip, and layout %s keeps the "
                           "chip's",
                           qfu_layout_name (maps->layout));
}
