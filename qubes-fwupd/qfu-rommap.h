/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-ifd.h"
#include "qfu-message.h"
#include "qfu-rom.h"

/*
 * The part of a worker's claims that says what may be written: flash map, descriptor, free space.
 * Each is encoded here as the image must hold it and compared with the image, byte for byte, so
 * that a worker can name no range that the image does not.
 */

/* Takes a range that lies inside @limit bytes from @start on. */
gboolean qfu_rommap_take_range (const QfuMessage *message,
                                guint64 start,
                                guint64 limit,
                                guint64 *offset,
                                guint64 *size,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes the number of a region that came before. */
gboolean qfu_rommap_take_index (const QfuRom *rom,
                                const QfuMessage *message,
                                guint *region,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes REGION. */
gboolean qfu_rommap_take_region (QfuRom *rom,
                                 const QfuMessage *message,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_rommap_take_unused:
 * @error: #QFU_ERROR_PROTOCOL unless the image holds the header of an empty file and erased bytes
 * behind it, inside of a region that begins with a file
 *
 * Takes UNUSED.
 */
gboolean qfu_rommap_take_unused (QfuRom *rom,
                                 const QfuUntrustedBlob *image,
                                 const QfuMessage *message,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_rommap_finish:
 * @rom: all claims
 * @image: the image
 * @ifd: (nullable): its descriptor
 * @error: #QFU_ERROR_PROTOCOL for a flash map that the image does not hold in the place that the
 * map itself names, for a descriptor that was passed over, for free space that is none;
 * #QFU_ERROR_FORMAT when map and descriptor contradict each other
 *
 * Checks what can be checked when all is there, and adds the descriptor's regions.
 */
gboolean qfu_rommap_finish (QfuRom *rom,
                            const QfuUntrustedBlob *image,
                            const QfuIfd *ifd,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
