/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cab.h"
#include "qfu-device.h"
#include "qfu-usb-kind.h"

/**
 * QfuUsbPush:
 * @device: one of a USB qube (@domain is not %NULL)
 * @flags: QFU_INSTALL_…
 * @cab: what to install on it
 */
typedef struct {
  const QfuDevice *device;
  guint flags;
  const QfuVerifiedCab *cab;
} QfuUsbPush;

/**
 * QfuUsbWatch:
 * @progress: (nullable): how far the VM says that it is: 0 to 100, and (nullable) what it does, in
 * words of ours
 * @action: (nullable): somebody has to do something at the device
 * @committed: (nullable): called once, before the last bytes go: from here on the VM may write, and
 * does not stop when the call ends
 * @user: for all of them
 *
 * Who is told what goes on.
 */
typedef struct {
  void (*progress) (guint percent, const char *doing, gpointer user);
  void (*action) (QfuUsbAction action, gpointer user);
  void (*committed) (gpointer user);
  gpointer user;
} QfuUsbWatch;

/**
 * qfu_usb_push:
 * @config: how VMs are reached, and the deadlines
 * @push: what goes where
 * @watch: who is told
 * @error: before @committed nothing was written, and the codes are those of
 * qfu_usb_listing_finish(), or #QFU_ERROR_BUSY, #QFU_ERROR_REFUSED, #QFU_ERROR_SIGNATURE,
 * #QFU_ERROR_FORMAT and #QFU_ERROR_IO as the VM's fwupd says. After it, #QFU_ERROR_LIMIT,
 * #QFU_ERROR_UNREACHABLE and #QFU_ERROR_PROTOCOL say that nobody knows whether the VM still writes,
 * and what to do. The texts do not name the VM
 *
 * Hands a verified cab to the VM, which installs it with its own fwupd. Success is the VM's word:
 * what the device runs then is to be asked with another listing. Nothing that happens here stops
 * the VM once it writes.
 */
gboolean qfu_usb_push (const QfuConfig *config,
                       const QfuUsbPush *push,
                       const QfuUsbWatch *watch,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
