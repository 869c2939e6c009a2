/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-backup.h"
#include "qfu-fd.h"

/* What writing the chip asks of the machine, and of the person before it. */

/**
 * qfu_flashing_check_power:
 * @options: --force
 * @error: #QFU_ERROR_REFUSED when the machine may not stay on for as long as a write takes
 *
 * With --force what is missing is said, and it goes on.
 */
gboolean qfu_flashing_check_power (const QfuConfig *config,
                                   const QfuOptions *options,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_flashing_secure:
 * @question: of the backup
 * @image: what the chip shall hold
 * @error: #QFU_ERROR_UNSUPPORTED when something keeps the chip from being written so; else as
 * qfu_backup_make()
 *
 * Whether the chip lets itself be written at all; then what it holds, on a disk before anything of
 * it is erased.
 */
QfuBackup *qfu_flashing_secure (const QfuBackupQuestion *question,
                                const QfuUntrustedBlob *image,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): what keeps the machine awake while it is open; -1, after a warning, when nothing
 * does. To be called while signals are held. */
QfuFd qfu_flashing_stay_awake (const char *why);

/* Before a write that has to be, whatever keeps the machine on. */
void qfu_flashing_warn_of_power (const QfuConfig *config);
