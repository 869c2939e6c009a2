/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

/**
 * qfu_chiplock_take:
 * @config: the runtime folder
 * @fd: (out): holds `chip.lock` until it is closed
 * @error: #QFU_ERROR_BUSY when another program of ours holds it
 *
 * One program at the flash chip at a time.
 */
gboolean
qfu_chiplock_take (const QfuConfig *config, int *fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_chiplock_wait:
 * @config: the runtime folder
 * @error: #QFU_ERROR_BUSY when a signal ended the waiting
 *
 * Waits until no other program of ours is at the chip. Does not keep the lock.
 */
gboolean qfu_chiplock_wait (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_chiplock_holder:
 * @config: the runtime folder
 * @pid: (out): of the program that holds `chip.lock`, 0 when none does
 *
 * Does not take the lock for a moment, in which another program would find it taken.
 */
gboolean
qfu_chiplock_holder (const QfuConfig *config, guint *pid, GError **error) G_GNUC_WARN_UNUSED_RESULT;
