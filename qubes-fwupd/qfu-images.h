/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"

/*
 * Whole contents of flash chips in State/images, each in a file that is named by its SHA-256: what
 * a chip held before a write, and what it shall hold. A chip may hold passwords, so that root alone
 * can read them.
 *
 * Trust: written by root; hashed again whenever one is opened. What they hold is anybody's.
 */

/* (transfer full): the path of the image of this SHA-256, whether it is there or not. */
char *qfu_images_path (const QfuConfig *config, const QfuDigest *sha256);

/**
 * qfu_images_keep:
 * @config: configuration
 * @blob: an image
 * @path: (out) (optional) (transfer full): of its file
 * @error: #QFU_ERROR_IO when the disk is full or cannot be written; #QFU_ERROR_REFUSED when the
 * folder is somebody else's; #QFU_ERROR_MISMATCH when the disk gives back other bytes
 *
 * Keeps the image. Once this returned %TRUE it is on the disk, name and bytes, and was read back; a
 * damaged file of that name is replaced. Several programs may keep images at a time.
 */
gboolean qfu_images_keep (const QfuConfig *config,
                          const QfuUntrustedBlob *blob,
                          char **path,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_images_open:
 * @config: configuration
 * @sha256: of the image
 * @error: naming the file: #QFU_ERROR_NOT_FOUND, #QFU_ERROR_MISMATCH when its bytes are others,
 * #QFU_ERROR_REFUSED, #QFU_ERROR_IO
 *
 * Returns: (transfer full): exactly the image that was kept
 */
QfuUntrustedBlob *qfu_images_open (const QfuConfig *config,
                                   const QfuDigest *sha256,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_images_prune:
 * @config: configuration
 * @wanted: (element-type QfuDigest): SHA-256 of the images that stay
 * @error: #QFU_ERROR_IO, #QFU_ERROR_REFUSED
 *
 * Removes all other images. What is not named as an image is left alone.
 */
gboolean qfu_images_prune (const QfuConfig *config,
                           const GArray *wanted,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
