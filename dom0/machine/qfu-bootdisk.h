/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

/**
 * qfu_bootdisk_check:
 * @own: (out): whether the boot folder is a disk of its own
 * @error: #QFU_ERROR_REFUSED when it is to be one and is not mounted, #QFU_ERROR_NOT_FOUND when
 * there is none
 *
 * Firmware that reads the boot folder sees what is on that disk, and nothing of what lies in the
 * folder while the disk is not there.
 */
gboolean qfu_bootdisk_check (const QfuConfig *config,
                             gboolean *own,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
