/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-device.h"
#include "qfu-summary.h"

#include <json-glib/json-glib.h>

/**
 * QfuSystem:
 *
 * What an update means to this machine's measured boot, and the record of it. For a device that the
 * machine does not boot from there is nothing to it.
 */
typedef struct _QfuSystem QfuSystem;

/* (transfer full): @config, @options, @device and @cargo must live as long. */
QfuSystem *qfu_system_new (const QfuConfig *config,
                           const QfuOptions *options,
                           const QfuDevice *device,
                           QfuCargo *cargo);
void qfu_system_free (QfuSystem *system);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuSystem, qfu_system_free)

/**
 * qfu_system_plan:
 * @error: #QFU_ERROR_NOTHING when the chip holds this firmware already; #QFU_ERROR_PREDICTION when
 * nothing can be said of the next boot and that is not enough
 *
 * Finds out what the chip will hold and what the next boot will measure, and says it. Keeps what
 * the chip holds on a disk.
 */
gboolean qfu_system_plan (QfuSystem *system, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* In short what it comes to; @system must live as long. */
QfuSummary qfu_system_summary (const QfuSystem *system);
/* Asks whether to go on, a person where what was said needs one; #QFU_ERROR_REFUSED for everything
 * but yes. */
gboolean qfu_system_ask (const QfuSystem *system, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes the record that has to be there before the chip is written. */
gboolean qfu_system_stage (QfuSystem *system, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_system_rescue:
 * @failure: why fwupd failed; gets what the chip holds
 *
 * fwupd failed: a write that was cut off is ended at once, and a record that was not used must not
 * stay usable.
 *
 * Returns: %TRUE when the chip holds the new firmware all the same; @failure is clear then
 */
gboolean qfu_system_rescue (const QfuSystem *system, GError **failure) G_GNUC_WARN_UNUSED_RESULT;

/* fwupd says success; the record says whether our plugin wrote and read back. */
gboolean qfu_system_check_written (const QfuSystem *system,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Says what is left to do. */
void qfu_system_say_done (const QfuSystem *system);
/* Adds the members `record`, and what is known of the next boot. */
void qfu_system_json (const QfuSystem *system, JsonBuilder *builder);
