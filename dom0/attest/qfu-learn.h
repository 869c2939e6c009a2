/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-settle.h"

/**
 * qfu_learn_record:
 * @settle: what the PCRs mean so far
 * @pcrs: of this boot
 * @boot_id: of this boot
 *
 * Makes reference values of what the TPM holds: PCRs 0 to 7 of every bank, and whatever else was
 * forecast and came true. A value that was forecast or declared keeps that as its source. PCRs 17
 * to 22 are of a dynamic launch and kept as information; they are not compared. Device, version and
 * digests are those of the firmware that is known to have booted, if one is.
 *
 * Returns: (transfer full): the record for qfu_refstore_learn()
 */
QfuRefRecord *
qfu_learn_record (const QfuSettle *settle, const QfuPcrSet *pcrs, const char *boot_id);
