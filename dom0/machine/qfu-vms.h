/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-options.h"
#include "qfu-route.h"

/**
 * qfu_vms_route:
 * @route: (out) (transfer full) (nullable): the VMs to ask; %NULL when the UpdateVM is asked as
 * always, which only a fetch that is not in the cache needs to know
 * @error: #QFU_ERROR_USAGE: --whonix, and no VM or command is configured for Tor
 *
 * Which VMs the command line wants files from. A person is told of one that is passed over. With
 * --whonix no other VM is ever asked.
 */
gboolean qfu_vms_route (const QfuConfig *config,
                        const QfuOptions *options,
                        QfuRoute **route,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
