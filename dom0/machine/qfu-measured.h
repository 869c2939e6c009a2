/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-eventlog.h"

/* What the verbs of measured boot read from files. */

/**
 * qfu_measured_pcrs:
 * @path: lines of `BANK INDEX HEX`, as sysfs and tpm2-tools name banks; `#` begins a comment
 * @error: #QFU_ERROR_FORMAT naming the line
 *
 * Trust: the person who gave the path; the values are what the forecast is checked against.
 */
gboolean
qfu_measured_pcrs (const char *path, QfuPcrSet *pcrs, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_measured_logs:
 * @paths: (array zero-terminated) (nullable): %NULL: the machine's own
 *
 * Returns: (transfer full) (element-type QfuEventLog): the logs that are not empty, at least one
 */
GPtrArray *
qfu_measured_logs (const QfuConfig *config, char **paths, GError **error) G_GNUC_WARN_UNUSED_RESULT;
