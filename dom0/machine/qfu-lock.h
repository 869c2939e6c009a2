/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-options.h"

/* One at a time changes what belongs to this machine's updates. Runtime/update.lock holds the lock
 * and says who has it: process, verb, and whether it is one that nobody waits for. */

/**
 * qfu_lock_take:
 * @options: whose verb it is
 * @fd: (out): holds the lock until it is closed
 * @error: #QFU_ERROR_BUSY, saying who has it and what to do
 *
 * Waits for who has the lock, and says for whom: for a person's run a moment, LockSeconds= when one
 * of the two is unattended.
 */
gboolean qfu_lock_take (const QfuConfig *config, const QfuOptions *options, int *fd, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same at once or never, and silently: for what can be left undone. */
gboolean qfu_lock_try (const QfuConfig *config, int *fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;
