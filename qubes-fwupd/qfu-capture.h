/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"

/**
 * qfu_capture:
 * @argv: (array zero-terminated): path and arguments of a program that is not ours; no shell is
 * involved, its environment is empty, its standard input ends at once and what it writes to
 * standard error is dropped
 * @what: what to call it in messages
 * @max: bytes that it may print
 * @seconds: that it may take; then it is killed, with all that it started
 * @error: #QFU_ERROR_UNREACHABLE when it does not start, #QFU_ERROR_LIMIT when it prints or takes
 * more, #QFU_ERROR_IO when it does not end with status 0
 *
 * Trust: what it prints is not looked at; the blob is for a worker.
 *
 * Returns: (transfer full): what it printed
 */
QfuUntrustedBlob *qfu_capture (const char *const *argv,
                               const char *what,
                               guint64 max,
                               guint seconds,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
