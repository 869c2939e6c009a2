/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-usb-fwupd.h"
#include "qfu-usb-order.h"

/**
 * qfu_usb_write_check:
 * @sysfs: #QFU_USB_SYSFS, or a folder made like it
 * @error: as from qfu_usb_device_writable()
 *
 * Whether the device of @order is there and can be written.
 */
gboolean qfu_usb_write_check (QfuUsbTalk *talk,
                              FwupdClient *client,
                              const char *sysfs,
                              const QfuUsbOrder *order,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_usb_write:
 * @cab: what qfu_usb_order_receive() returned
 *
 * Has fwupd install @cab, and waits until the device is back. The caller hears of it while it
 * listens; that it stops listening changes nothing.
 */
gboolean qfu_usb_write (QfuUsbTalk *talk,
                        FwupdClient *client,
                        const QfuUsbOrder *order,
                        int cab,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* KIND of the ACTION for one of fwupd's requests (%NULL: of an unknown one). */
guint qfu_usb_write_action (const char *request_id);
