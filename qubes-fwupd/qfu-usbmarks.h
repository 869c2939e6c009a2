/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-device.h"

/**
 * QfuUsbMark:
 * @domain: the VM that has the device
 * @device: fwupd's id of it there
 * @guid: one of its GUIDs, for which the firmware was
 * @version: what it reported once it was written
 * @format: how its versions compare
 * @time: when that was, seconds since 1970
 *
 * The version that an update from here brought to a device of a VM.
 *
 * Kept in State/usb-versions.json (schemas/usb-versions.schema.json), which `clean` never touches.
 *
 * Trust: our own store, written by root; @version is what signed metadata name, and what the VM
 * said as well.
 */
typedef struct {
  char *domain;
  char *device;
  char *guid;
  char *version;
  char *format;
  gint64 time;
} QfuUsbMark;

/**
 * qfu_usbmarks_load:
 * @error: #QFU_ERROR_FORMAT: the file is damaged, #QFU_ERROR_REFUSED: it is a link or somebody
 * else's, both with the way out; never to be taken for none
 *
 * Returns: (transfer container) (element-type QfuUsbMark): the oldest first; empty when there is no
 * file
 */
GPtrArray *qfu_usbmarks_load (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_usbmarks_check:
 * @device: of a VM, as that describes it now
 * @version: (nullable): what may not be less than what was read back: what it claims; of a device
 * in its bootloader, which says nothing of the firmware, what it is to get
 * @format: (nullable): how its versions compare
 * @error: #QFU_ERROR_REFUSED: it claims less than what was read back from it; or as
 * qfu_usbmarks_load()
 *
 * A VM that says that its device holds older firmware than it does would get firmware as newer that
 * is older. What was once seen here is not believed to have gone back by itself.
 */
gboolean qfu_usbmarks_check (const QfuConfig *config,
                             const QfuDevice *device,
                             const char *version,
                             const char *format,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_usbmarks_keep:
 * @mark: (transfer none): every text of it is set
 * @error: as from qfu_usbmarks_load(), #QFU_ERROR_IO
 *
 * Takes the place of what is kept of that device, durably; of more than %QFU_USBMARKS_MAX devices
 * those that were written longest ago are forgotten. The caller holds the machine's lock.
 */
gboolean qfu_usbmarks_keep (const QfuConfig *config,
                            const QfuUsbMark *mark,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
