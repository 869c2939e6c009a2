/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define QFU_USB_SYSFS "/sys/bus/usb/devices"

/**
 * QfuUsbNode:
 * @name: the kernel's: `1-2` is at port 2 of bus 1, `1-2.4` at port 4 of the hub there
 * @vendor: of its descriptor, as @product and @revision
 * @keyboard: somebody can type on it here
 * @elsewhere: attached to another qube
 *
 * A USB device that the kernel of this VM sees, hubs included. One that is attached to another qube
 * still is on the bus here, but its driver only passes it on.
 */
typedef struct {
  char *name;
  guint vendor;
  guint product;
  guint revision;
  gboolean keyboard;
  gboolean elsewhere;
} QfuUsbNode;

/**
 * qfu_usb_sysfs_read:
 * @root: #QFU_USB_SYSFS, or a folder made like it
 *
 * Returns: (transfer full) (element-type QfuUsbNode): all USB devices, none when there is no such
 * folder; %NULL and a #QFU_ERROR_IO when it cannot be read
 */
GPtrArray *qfu_usb_sysfs_read (const char *root, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How many of @nodes are keyboards. */
guint qfu_usb_sysfs_keyboards (GPtrArray *nodes);

/**
 * qfu_usb_sysfs_flags:
 * @guids: (array zero-terminated): of a device of fwupd
 * @vendor_ids: (array zero-terminated): of the same
 *
 * fwupd does not tell which USB device its device is; its GUIDs are digests of the numbers in the
 * descriptor. Of two devices with the same numbers none is known better than the other, so what one
 * of them is counts for both. A device without such a GUID is taken for each one of its vendor: it
 * is better to refuse an update than to write to what another qube uses.
 *
 * Returns: %QFU_DEVICE_KEYBOARD when it, or one behind it, is a keyboard; %QFU_DEVICE_ELSEWHERE
 */
guint
qfu_usb_sysfs_flags (GPtrArray *nodes, const char *const *guids, const char *const *vendor_ids);
