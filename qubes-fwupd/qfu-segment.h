/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-layout.h"

/**
 * QfuSegment:
 * @offset: first byte
 * @length: bytes
 * @region: (nullable): the region whose rule counts; %NULL: outside of every region that has one
 * @rule: what an update does to it
 * @step: number of the layout's step that names the region or one around it; 0: none
 * @window: whether nothing boots without these bytes
 *
 * A part of the chip that no border of a region divides.
 */
typedef struct {
  guint64 offset;
  guint64 length;
  const QfuRomRegion *region;
  QfuRegionRule rule;
  guint step;
  gboolean window;
} QfuSegment;

/**
 * QfuMaps:
 * @layout: from qfu_layout_pick()
 * @roms: flash maps: of the chip, and of the image
 * @segments: (element-type QfuSegment): of both, at the same borders
 *
 * Chip and image side by side.
 */
typedef struct {
  const QfuLayout *layout;
  const QfuRom *roms[2];
  const GArray *segments[2];
} QfuMaps;

/**
 * qfu_segments_new:
 * @layout: from qfu_layout_pick()
 * @rom: the flash map; kept by the segments
 * @other: another map of as many bytes: there are cuts at the borders of its regions, too, so that
 * both maps have the same segments
 *
 * Says of each byte of the chip what the layout wants: the smallest region counts that covers it
 * and is listed or holds no other region. Of regions in the same place a listed one counts before
 * others, and then the stricter rule. Regions that overlap in part are taken by the same rule.
 *
 * Returns: (transfer full) (element-type QfuSegment): all of the chip, ascending
 */
GArray *qfu_segments_new (const QfuLayout *layout, const QfuRom *rom, const QfuRom *other);

/* (transfer none): a segment of the chip, @which 0, or of the image, 1; @i is in range. */
const QfuSegment *qfu_maps_segment (const QfuMaps *maps, guint which, guint i);

/* Whether all regions lie inside of the image; %FALSE with #QFU_ERROR_REFUSED naming one that does
 * not. */
gboolean qfu_segments_check (const QfuRom *rom, GError **error) G_GNUC_WARN_UNUSED_RESULT;
