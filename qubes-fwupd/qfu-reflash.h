/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-rewrite.h"

/**
 * qfu_reflash:
 * @config: configuration
 * @device_id: fwupd's id of the device
 * @image: the image to install
 * @progress: (nullable)
 * @error: what stopped it, and what the chip holds. #QFU_ERROR_NOT_FOUND and #QFU_ERROR_STALE
 * without pending reference values for exactly this: they name the command that makes them
 *
 * The whole write of one image, under the chip's lock: reads the chip, lets a worker find its
 * regions and the image's, composes by the layout, uses up the pending record, rewrites what
 * changed, and notes the outcome in the record. Before the record is used nothing was touched.
 *
 * Trust: chip and image are untrusted; workers choose ranges, which are checked.
 */
gboolean qfu_reflash (const QfuConfig *config,
                      const char *device_id,
                      const QfuUntrustedBlob *image,
                      const QfuRewriteProgress *progress,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
