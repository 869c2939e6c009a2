/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-device-flags.h"
#include "qfu-message.h"

#define QFU_DOM0 "dom0" /* what the machine's own domain is called */

/**
 * QfuDevice:
 * @id: fwupd's device id, 40 lower-case hexadecimal digits
 * @parent: (nullable): id of the device that it is a part of; it need not be listed
 * @name: what to call it; the id when it has no name
 * @summary: (nullable): a line about it
 * @vendor: (nullable): who made it
 * @vendor_ids: (array zero-terminated): such as `DMI:coreboot`
 * @plugin: (nullable): fwupd's plugin for it
 * @branch: (nullable): the firmware branch that it runs
 * @version: (nullable): the firmware version that it runs
 * @version_format: how to compare it, "unknown" when not said
 * @version_lowest: (nullable): the oldest version that it accepts
 * @protocols: (array zero-terminated): update protocols, such as `org.uefi.capsule`
 * @guids: (array zero-terminated): lower-case GUIDs
 * @flags: #QfuDeviceFlags
 * @problem: (nullable): why fwupd would not update it now, or how its last update failed
 * @domain: (nullable): name of the USB qube that it is in, by whose word all else is known; %NULL:
 * this machine's own
 *
 * A device as fwupd describes it.
 *
 * Trust: fwupd's word; every value is within its range.
 */
typedef struct {
  char *id;
  char *parent;
  char *name;
  char *summary;
  char *vendor;
  char **vendor_ids;
  char *plugin;
  char *branch;
  char *version;
  char *version_format;
  char *version_lowest;
  char **protocols;
  char **guids;
  guint flags;
  char *problem;
  char *domain;
} QfuDevice;

/**
 * qfu_device_new:
 * @message: a DEVICE frame
 * @error: #QFU_ERROR_PROTOCOL naming the value that is out of range
 *
 * Returns: (transfer full): the device, one of this machine's own, or %NULL
 */
QfuDevice *qfu_device_new (const QfuMessage *message, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_device_free (QfuDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuDevice, qfu_device_free)

/* %TRUE when @guid (lower case) is one of the device's. */
gboolean qfu_device_has_guid (const QfuDevice *device, const char *guid);

/* (transfer none): the name of the device's domain; %QFU_DOM0 for one of this machine's own. */
const char *qfu_device_domain (const QfuDevice *device);
/* (transfer full): the words that mean this device and no other: its id, for a USB qube's behind
 * the name of the qube. */
char *qfu_device_address (const QfuDevice *device);

/* %TRUE when @text is an id of a device: 40 lower-case hexadecimal digits. */
gboolean qfu_device_id_ok (const char *text);

/* %TRUE when @text is a GUID in lower case: 8-4-4-4-12 hexadecimal digits. */
gboolean qfu_guid_ok (const char *text);

/**
 * qfu_message_text_array:
 *
 * Returns: (transfer full) (array zero-terminated): copies of all texts of @field
 */
char **qfu_message_text_array (const QfuMessage *message, QfuField field);
