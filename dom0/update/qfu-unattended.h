/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-options.h"

/**
 * qfu_unattended_run:
 * @options: of refresh --unattended
 * @error: #QFU_ERROR_STALE when metadata is more than twice as old as MaximumAgeDays=; or why the
 * last try failed
 *
 * A refresh that nobody waits for, by the rules of [Refresh]. It leaves the work to the next time,
 * and that is no error, when no UpdateVM runs, its connection is metered, it has no network, or
 * somebody else is at work. It keeps what it found in State/refresh.json and in the journal, and
 * says nothing when nothing has changed.
 */
gboolean qfu_unattended_run (const QfuConfig *config,
                             const QfuOptions *options,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
