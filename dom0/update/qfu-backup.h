/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-device.h"
#include "qfu-options.h"

#include <json-glib/json-glib.h>

/**
 * QfuBackup:
 *
 * What the chip holds before a write, where it survives this boot.
 */
typedef struct _QfuBackup QfuBackup;

/**
 * QfuBackupQuestion:
 * @config: where images are kept
 * @options: --backup-to
 * @device: whose chip it is
 * @version: what it is to be brought to
 * @chip: what it holds
 * @unread: (element-type QfuRange): what of it is not in @chip
 */
typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  const QfuDevice *device;
  const char *version;
  const QfuUntrustedBlob *chip;
  const GArray *unread;
} QfuBackupQuestion;

/**
 * qfu_backup_make:
 * @error: #QFU_ERROR_IO when there is no room, #QFU_ERROR_MISMATCH when a disk gives back other
 * bytes, #QFU_ERROR_NOT_FOUND without the folder that --backup-to names
 *
 * Keeps the chip's contents in the store of images, and in the folder that a person names, with a
 * text that says how to bring them back. Once this returned, all of it is on the disks, and was
 * read back from them. Says where it is, and the steps.
 */
QfuBackup *qfu_backup_make (const QfuBackupQuestion *question,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_backup_free (QfuBackup *backup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuBackup, qfu_backup_free)

/* (transfer none): the file in the store of images. */
const char *qfu_backup_path (const QfuBackup *backup);
/* Adds the member `backup`. */
void qfu_backup_json (const QfuBackup *backup, JsonBuilder *builder);
