/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-aftermath.h"

/* What fwupd keeps of an update with its history: names and values, printable ASCII. */

/**
 * qfu_update_report_before:
 * @config: programmer and layout
 * @device_id: fwupd's id of the device
 * @library: libflashrom's version
 * @report: (element-type utf8 utf8): gets what is known before the write: programmer, layout, and
 * what the pending reference values say of both images and of the next boot's PCRs
 */
void qfu_update_report_before (const QfuConfig *config,
                               const char *device_id,
                               const char *library,
                               GHashTable *report);

/* The same after the write, in a later boot: what the journal says of it, and how it ended. */
void
qfu_update_report_after (const QfuAftermath *aftermath, const char *outcome, GHashTable *report);
