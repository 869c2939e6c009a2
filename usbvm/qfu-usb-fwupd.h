/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-usb-talk.h"

#include <fwupd.h>

/**
 * qfu_usb_fwupd_connect:
 * @cancellable: (nullable): ends the waiting
 * @error: #QFU_ERROR_UNSUPPORTED when the VM has no fwupd
 *
 * Returns: (transfer full): a client whose daemon answers, and whose signals come in the default
 * main context while one of its calls is waited for
 */
FwupdClient *qfu_usb_fwupd_connect (QfuUsbTalk *talk,
                                    GCancellable *cancellable,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) (element-type FwupdDevice): all devices; none is no error. */
GPtrArray *qfu_usb_fwupd_devices (QfuUsbTalk *talk,
                                  FwupdClient *client,
                                  GCancellable *cancellable,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets @error from what libfwupd says, by the codes of schemas/wire.md, and the number that goes
 * with it in @talk. Always %FALSE. */
gboolean qfu_usb_fwupd_fail (QfuUsbTalk *talk, const GError *problem, GError **error);
