/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define QFU_ERROR (qfu_error_quark ())

/**
 * QfuError:
 * @QFU_ERROR_INTERNAL: a defect of ours, or a program of ours that died
 * @QFU_ERROR_USAGE: the command line or a configuration value is wrong
 * @QFU_ERROR_IO: the local system refused (disk, memory, permissions)
 * @QFU_ERROR_UNREACHABLE: the UpdateVM, its agent, the mirror or fwupd cannot be reached
 * @QFU_ERROR_PROTOCOL: a peer broke the rules of the wire
 * @QFU_ERROR_LIMIT: something was larger, deeper, slower or more numerous than allowed
 * @QFU_ERROR_FORMAT: bytes are not what their format demands
 * @QFU_ERROR_MISMATCH: a size or digest is not the expected one
 * @QFU_ERROR_SIGNATURE: no signature of an accepted authority
 * @QFU_ERROR_NOT_FOUND: no such device, release, remote, file or record
 * @QFU_ERROR_NOTHING: nothing to do (exit status 2)
 * @QFU_ERROR_UNSUPPORTED: known but not possible here
 * @QFU_ERROR_PREDICTION: the next boot cannot be forecast
 * @QFU_ERROR_BUSY: another program holds the lock
 * @QFU_ERROR_STALE: too old, used already, or of another boot or chip
 * @QFU_ERROR_SANDBOX: a worker could not lock itself down
 * @QFU_ERROR_REFUSED: policy or the person said no
 * @QFU_ERROR_CLOCK: this machine's clock cannot be right
 * @QFU_ERROR_METERED: the connection is metered, and what was asked for may not use such a one
 * @QFU_ERROR_OFFLINE: the UpdateVM has no network
 * @QFU_ERROR_NOT_RUNNING: no UpdateVM runs, and none may be started
 *
 * What went wrong, as far as a caller treats it differently. The numbers travel in ERROR frames
 * (schemas/wire.md): never reuse one.
 */
typedef enum {
  QFU_ERROR_INTERNAL = 1,
  QFU_ERROR_USAGE = 2,
  QFU_ERROR_IO = 3,
  QFU_ERROR_UNREACHABLE = 4,
  QFU_ERROR_PROTOCOL = 5,
  QFU_ERROR_LIMIT = 6,
  QFU_ERROR_FORMAT = 7,
  QFU_ERROR_MISMATCH = 8,
  QFU_ERROR_SIGNATURE = 9,
  QFU_ERROR_NOT_FOUND = 10,
  QFU_ERROR_NOTHING = 11,
  QFU_ERROR_UNSUPPORTED = 12,
  QFU_ERROR_PREDICTION = 13,
  QFU_ERROR_BUSY = 14,
  QFU_ERROR_STALE = 15,
  QFU_ERROR_SANDBOX = 16,
  QFU_ERROR_REFUSED = 17,
  QFU_ERROR_CLOCK = 18,
  QFU_ERROR_METERED = 19,
  QFU_ERROR_OFFLINE = 20,
  QFU_ERROR_NOT_RUNNING = 21,
  QFU_ERROR_LAST = QFU_ERROR_NOT_RUNNING
} QfuError;

GQuark qfu_error_quark (void);

/**
 * qfu_error_name:
 * @code: a #QfuError
 *
 * Returns: (transfer none): a stable lower-case word for @code, as `--json` prints it; "internal"
 * for unknown codes
 */
const char *qfu_error_name (int code);

/* Sets @error. Always %FALSE, so that callers can `return qfu_error_set (…)`. */
gboolean qfu_error_set (GError **error, QfuError code, const char *message);

/* Sets a #QFU_ERROR_REFUSED. Always %FALSE, as above. */
gboolean qfu_error_refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/**
 * qfu_error_errno:
 * @error: return location
 * @saved_errno: errno as the failed call left it
 * @format: what failed, to what
 *
 * Sets a #QFU_ERROR_IO with the system's text for @saved_errno behind the message.
 *
 * Returns: always %FALSE, so that callers can `return qfu_error_errno (…)`
 */
gboolean qfu_error_errno (GError **error, int saved_errno, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
