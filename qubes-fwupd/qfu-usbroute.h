/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

/**
 * qfu_usb_qubes:
 * @config: [Usb] Qubes=, and which transport
 * @error: as from qfu_usbowner_find()
 *
 * Returns: (transfer full) (array zero-terminated): the names of the USB qubes, each once; empty
 * when there are none
 */
char **qfu_usb_qubes (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a person named them, so that each has to be there. */
gboolean qfu_usb_qubes_named (const QfuConfig *config);

/**
 * qfu_usb_argv:
 * @config: which transport
 * @vm: one of qfu_usb_qubes()
 * @service: the name of the agent, such as `qubes.FwupdDevices`
 * @error: #QFU_ERROR_USAGE: [Usb] Command= is missing or wrong
 *
 * Returns: (transfer full): the command line that reaches the agent @service in @vm; its program is
 * an absolute path, or as configured
 */
char **qfu_usb_argv (const QfuConfig *config, const char *vm, const char *service, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_usb_running:
 * @vm: one of qfu_usb_qubes()
 * @running: (out): whether it runs; %TRUE where the transport cannot tell
 * @error: as from qfu_qubesd_running()
 *
 * A USB qube is never started for its devices' firmware: those that are plugged in are not there
 * while it is off.
 */
gboolean qfu_usb_running (const QfuConfig *config,
                          const char *vm,
                          gboolean *running,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
