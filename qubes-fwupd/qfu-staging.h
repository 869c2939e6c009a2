/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"

/*
 * Firmware that lies ready in the boot folder, for firmware that updates itself:
 *
 *    BOOT/updates/VERSION/firmware.rom          the image
 *                         firmware.rom.sha256   its digest, as sha256sum prints it
 *                         firmware.zip          the image and its digest as sha256sum.txt: the
 *                                               package that Heads checks by itself
 *
 * A folder VERSION is there with all of it or is not there. None is ever changed or removed.
 */

#define QFU_STAGING_FOLDER "updates"
#define QFU_STAGING_IMAGE "firmware.rom"
#define QFU_STAGING_PACKAGE "firmware.zip"

/**
 * QfuStaging:
 * @boot: the boot folder
 * @version: of the image: becomes the name of a folder
 * @image: (nullable): the image; %NULL: it is not here yet
 * @sha256: of the image
 *
 * An image that is to lie ready.
 */
typedef struct {
  const char *boot;
  const char *version;
  const QfuUntrustedBlob *image;
  const QfuDigest *sha256;
} QfuStaging;

/**
 * qfu_staging_check:
 * @error: #QFU_ERROR_NOTHING when exactly this lies ready, #QFU_ERROR_REFUSED when the folder of
 * this version holds something else, or when the boot folder is a link or one that others can
 * write, #QFU_ERROR_NOT_FOUND when there is no boot folder, #QFU_ERROR_LIMIT when there is not
 * enough room, #QFU_ERROR_FORMAT when the version is no name for a folder
 *
 * Changes nothing. Without an image the room is not looked at.
 */
gboolean qfu_staging_check (const QfuStaging *staging, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_staging_write:
 * @staging: with an image
 * @error: as from qfu_staging_check(); #QFU_ERROR_IO, #QFU_ERROR_MISMATCH when the disk gives back
 * something else than it was given
 *
 * Once it returned %TRUE all of it outlives a power cut. Callers exclude each other. What a call
 * left that was killed goes with the next one.
 */
gboolean qfu_staging_write (const QfuStaging *staging, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): BOOT/updates/VERSION/@name. */
char *qfu_staging_path (const QfuStaging *staging, const char *name);

/* (transfer full) (element-type utf8): versions that lie ready below @boot, by name. */
GPtrArray *qfu_staging_list (const char *boot);
