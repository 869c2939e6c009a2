/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-inventory.h"
#include "qfu-options.h"

#include <json-glib/json-glib.h>

/**
 * qfu_usb_update_run:
 * @inventory: with the USB qubes
 * @device: of one of them
 * @offer: the release to bring it to
 * @builder: inside an array, gets an object about what was done
 * @error: as from qfu_usb_check(), qfu_obtain(), qfu_usb_check_cab() and qfu_usb_push();
 * #QFU_ERROR_MISMATCH: the qube reports success and another version; #QFU_ERROR_NOT_FOUND: and no
 * such device
 *
 * qfu_update_run() for a device of a USB qube, which this machine does not boot from: fetch,
 * verify, ask, hand the cab over, read the version back. Until the last bytes of the cab go to the
 * qube nothing was written, and a signal ends it; from then on neither a signal nor a failure here
 * stops the qube.
 */
gboolean qfu_usb_update_run (QfuInventory *inventory,
                             const QfuOptions *options,
                             const QfuDevice *device,
                             const QfuOffer *offer,
                             JsonBuilder *builder,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
