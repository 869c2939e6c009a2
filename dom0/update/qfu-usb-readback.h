/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cargo.h"
#include "qfu-config.h"
#include "qfu-device.h"
#include "qfu-options.h"

/**
 * qfu_usb_readback:
 * @device: of a USB qube, as it was before it was written
 * @cargo: what was written, by the qube's word
 * @error: #QFU_ERROR_MISMATCH: it reports another version; #QFU_ERROR_NOT_FOUND: it has not come
 * back; as from qfu_usb_listing_finish()
 *
 * Asks the qube once more what it has, until the device is there again, for at most half a minute;
 * what it reports then is kept (qfu-usbmarks.h). Of a device whose update takes effect later
 * nothing is asked.
 */
gboolean qfu_usb_readback (const QfuConfig *config,
                           const QfuOptions *options,
                           const QfuDevice *device,
                           const QfuCargo *cargo,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
