/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cargo.h"
#include "qfu-inventory.h"

/**
 * qfu_usb_check:
 * @inventory: with the USB qubes
 * @options: --allow-older, --force
 * @device: of a USB qube
 * @component: the firmware that it is to get a version of
 * @version: which
 * @error: #QFU_ERROR_REFUSED and the reason; or as from qfu_usbmarks_check()
 *
 * What stands in the way of an update before anything is fetched: the device is attached to another
 * qube, it is the only keyboard, the machine may lose its power, or it claims less than was read
 * back from it.
 */
gboolean qfu_usb_check (const QfuInventory *inventory,
                        const QfuOptions *options,
                        const QfuDevice *device,
                        const QfuComponent *component,
                        const char *version,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_usb_check_cab:
 * @cargo: whose cab signed metadata name
 * @error: #QFU_ERROR_SIGNATURE: metainfo and payload have no good signatures of one authority whose
 * firmware counts for the remote; what keeps that from being found out
 *
 * The cab is going to leave dom0, and what installs it is the qube's: only what the same fwupd
 * would have to accept here goes there.
 */
gboolean qfu_usb_check_cab (const QfuConfig *config,
                            const QfuCargo *cargo,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
