/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-replay.h"
#include "qfu-rom.h"

/**
 * QfuObject:
 * @event: the event that measured it
 * @region: (nullable): where it lies; %NULL when nothing in the image has the event's digest
 * @file: (nullable): the file; %NULL: the whole region
 *
 * What an event of coreboot measured.
 */
typedef struct {
  const QfuEvent *event;
  const QfuRomRegion *region;
  const QfuRomFile *file;
} QfuObject;

/**
 * qfu_locate:
 * @replay: events of the present boot
 * @image: what the chip held at this boot
 * @rom: what worker `rom` says of it
 * @srtm: PCR whose events must all be found; others may stay without a region
 * @error: #QFU_ERROR_PREDICTION naming the event that nothing in the image explains
 *
 * Finds every object by its name and by the digest of its bytes. Under vboot the log does not name
 * the slot that was booted; each slot that explains the whole log is an answer.
 *
 * Returns: (transfer full) (element-type GArray): one array of #QfuObject for each answer, at least
 * one; values of vboot are not among the objects
 */
GPtrArray *qfu_locate (const QfuReplay *replay,
                       const QfuUntrustedBlob *image,
                       const QfuRom *rom,
                       guint srtm,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether an event of coreboot carries a value of vboot instead of a digest of the image. */
gboolean qfu_locate_is_vboot (const QfuEvent *event);

/**
 * QfuMeasuredObject:
 * @pcr: what it extends
 * @region: where it lies in the image
 * @file: (nullable): the file; %NULL: the whole region
 *
 * An object of an image by its names.
 */
typedef struct {
  guint pcr;
  char *region;
  char *file;
} QfuMeasuredObject;

/* (transfer full) (element-type QfuMeasuredObject): an empty array that clears its elements. */
GArray *qfu_measured_objects_new (void);
/* Appends a copy. */
void qfu_measured_objects_add (GArray *objects, guint pcr, const QfuObject *object);
