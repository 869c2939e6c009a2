/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-rewrite.h"

/**
 * QfuReflashReport:
 * @entry: of the journal of writes; 0 when nothing was begun
 * @record: id of the reference values that were used; 0 when none were
 * @old_image: SHA-256 of the chip before, which is kept in State/images; size 0: not read
 * @new_image: SHA-256 of what the chip was to hold; size 0: not composed
 * @bytes_erased: as asked of libflashrom, bringing back the old contents included
 * @bytes_written: the same
 *
 * What a write did, as far as it came.
 */
typedef struct {
  guint entry;
  guint record;
  QfuDigest old_image;
  QfuDigest new_image;
  guint64 bytes_erased;
  guint64 bytes_written;
} QfuReflashReport;

/**
 * qfu_reflash_read_rom:
 * @config: configuration
 * @image: a chip's contents or a firmware image
 * @what: which of them; goes before an error
 * @error: as qfu_rom_read(); behind a #QFU_ERROR_SANDBOX stands what fwupd.service lacks
 *
 * What a worker that fwupd starts says of @image.
 *
 * Returns: (transfer full): its regions and files
 */
QfuRom *qfu_reflash_read_rom (const QfuConfig *config,
                              const QfuUntrustedBlob *image,
                              const char *what,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_reflash:
 * @config: configuration
 * @device_id: fwupd's id of the device
 * @image: the image to install
 * @progress: (nullable)
 * @report: (out) (optional): filled after a failure, too
 * @error: what stopped it, what the chip holds and what to do. #QFU_ERROR_NOT_FOUND and
 * #QFU_ERROR_STALE without pending reference values for exactly this: they name the command that
 * makes them; #QFU_ERROR_REFUSED while an earlier write is unfinished: it names the command that
 * finishes it
 *
 * The whole write of one image, under the chip's lock: reads the chip, lets a worker find its
 * regions and the image's, composes by the layout, checks the pending record, keeps both images on
 * the disk, notes the intent, uses up the record, rewrites what changed step by step, and notes the
 * outcome in journal and record. Before the intent is noted nothing was touched; after it a crash
 * at any point is for qfu_recover().
 *
 * Trust: chip and image are untrusted; workers choose ranges, which are checked.
 */
gboolean qfu_reflash (const QfuConfig *config,
                      const char *device_id,
                      const QfuUntrustedBlob *image,
                      const QfuRewriteProgress *progress,
                      QfuReflashReport *report,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
