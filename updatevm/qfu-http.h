/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-agent-config.h"
#include "qfu-request.h"
#include "qfu-wire.h"

/**
 * qfu_http_fetch:
 * @config: the agent's settings
 * @request: what dom0 wants
 * @wire: where SIZE, DATA and END go
 * @status: (out): the last HTTP status, 0 when there was none
 * @error: #QFU_ERROR_UNREACHABLE, #QFU_ERROR_NOT_FOUND, #QFU_ERROR_SIGNATURE (TLS),
 * #QFU_ERROR_REFUSED (redirect), #QFU_ERROR_LIMIT (size), #QFU_ERROR_MISMATCH, or what the wire
 * says
 *
 * Gets one file over https and streams it. Ends early when standard input ends (dom0 has gone away)
 * or the reader of standard output does.
 */
gboolean qfu_http_fetch (const QfuAgentConfig *config,
                         const QfuRequest *request,
                         QfuWire *wire,
                         guint *status,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
