/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-message.h"

#include <fwupd.h>

/**
 * qfu_usb_devices_pick:
 * @devices: (element-type FwupdDevice): all of the VM's fwupd
 *
 * Returns: (transfer full) (element-type FwupdDevice): those that dom0 is told of, each behind the
 * one that it is a part of: not what is a part of a machine, and not what has no GUID or an id that
 * dom0 would not take
 */
GPtrArray *qfu_usb_devices_pick (GPtrArray *devices);

/* (transfer none) (nullable): the one of @devices with @id. */
FwupdDevice *qfu_usb_devices_find (GPtrArray *devices, const char *id);

/* #QfuDeviceFlags of one of the devices that qfu_usb_devices_pick() returned: fwupd's own, and
 * those of the USB devices of @nodes (qfu_usb_sysfs_read()) that it is, or is behind. */
guint qfu_usb_device_flags (FwupdDevice *device, GPtrArray *picked, GPtrArray *nodes);

/* (transfer full): the USB_DEVICE of one of @picked. */
QfuMessage *qfu_usb_device_message (FwupdDevice *device, GPtrArray *picked, GPtrArray *nodes);

/* Whether the one of @devices with @id is there and can be written: #QFU_ERROR_NOT_FOUND,
 * #QFU_ERROR_REFUSED (locked, attached to another qube, a part of a machine, a problem of the
 * moment), #QFU_ERROR_UNSUPPORTED (not updatable). */
gboolean qfu_usb_device_writable (GPtrArray *devices,
                                  GPtrArray *nodes,
                                  const char *id,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): a version as it may travel: %NULL when it has other characters than `A-Z a-z 0-9
 * . _ + ~ -`, or more than 64. */
char *qfu_usb_version (const char *version);
