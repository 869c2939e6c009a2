/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-flashjournal.h"
#include "qfu-options.h"
#include "qfu-recover.h"

#include <json-glib/json-glib.h>

/* How qubes-fwupdmgr lets qfu-chip end a write of the chip that was cut off. */

/**
 * qfu_recovery_run:
 * @options: where progress is shown; --dry-run: nothing is written
 * @wait: whether to wait for another program that is at the chip
 * @result: (out): what was found and done; after an error as far as it came
 * @error: as qfu_recover()
 *
 * Runs qfu-chip. It is not interrupted while it may write.
 */
gboolean qfu_recovery_run (const QfuConfig *config,
                           const QfuOptions *options,
                           gboolean wait,
                           QfuRecovery *result,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Says what became of @entry. */
void
qfu_recovery_say (const QfuOptions *options, const QfuFlashEntry *entry, const QfuRecovery *result);
/* Adds what is known of @entry, and of @result as far as it came, to an object. */
void qfu_recovery_json (const QfuOptions *options,
                        const QfuFlashEntry *entry,
                        const QfuRecovery *result,
                        JsonBuilder *builder);

/**
 * qfu_recovery_before:
 * @error: why the chip cannot be brought to what it held or was to hold; with --dry-run that there
 * is an unfinished write, and the command that ends it
 *
 * Before anything else is done with the chip: ends a write that was cut off, if there is one.
 */
gboolean qfu_recovery_before (const QfuConfig *config,
                              const QfuOptions *options,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_recovery_after:
 * @record: reference values of the write
 * @failure: why fwupd failed; gets what the chip holds
 *
 * Behind a write in which fwupd failed or died: ends it at once, if it was cut off.
 *
 * Returns: %TRUE when the chip holds the new contents all the same; @failure is clear then
 */
gboolean qfu_recovery_after (const QfuConfig *config,
                             const QfuOptions *options,
                             guint record,
                             GError **failure) G_GNUC_WARN_UNUSED_RESULT;
