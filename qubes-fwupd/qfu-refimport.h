/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-refstore.h"

/**
 * qfu_refimport_read:
 * @file: what `refvals --json` printed, on this machine or another
 * @error: #QFU_ERROR_NOT_FOUND when no record says what a boot has; #QFU_ERROR_FORMAT
 *
 * Runs worker `refvals`.
 *
 * Trust: whoever names the file vouches for it; the worker keeps what is wrong with its form from
 * doing harm.
 *
 * Returns: (transfer full) (element-type QfuRefRecord): the records that a boot may be compared
 * with, in the file's order, with number, state, version and values alone
 */
GPtrArray *qfu_refimport_read (const QfuConfig *config,
                               const QfuUntrustedBlob *file,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
