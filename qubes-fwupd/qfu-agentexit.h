/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

/**
 * qfu_agentexit_explain:
 * @config: which transport
 * @vm: (nullable): the VM that was called; %NULL where the transport has no names
 * @service: the agent that was called
 * @status: with which the client ended before the agent was done
 * @error: #QFU_ERROR_UNREACHABLE; #QFU_ERROR_NOT_FOUND when the agent is not installed there
 *
 * Says what that status means, and what to do about it. When the agent is missing, qubesd is asked
 * for the template that has to have it, and for its distribution.
 *
 * Returns: always %FALSE
 */
gboolean qfu_agentexit_explain (
    const QfuConfig *config, const char *vm, const char *service, int status, GError **error);
