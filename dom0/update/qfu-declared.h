/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cargo.h"
#include "qfu-refstore.h"

/**
 * qfu_declared_values:
 * @checksums: (array zero-terminated): `sha256:<hex>` and the like, as a release states them
 *
 * What a vendor says that the device reports after an update; of system firmware that is PCR 0. A
 * checksum of an algorithm that is not known here is left out.
 *
 * Returns: (transfer full) (element-type QfuDigest): the values
 */
GArray *qfu_declared_values (char *const *checksums);

/* Makes @record rest on @values (element-type QfuDigest), at least one; @plugin (nullable) writes
 * the firmware. */
void qfu_declared_record (QfuRefRecord *record, const GArray *values, const char *plugin);

/* Says it. */
void qfu_declared_say (const QfuOptions *options, const GArray *declared, const char *plugin);
