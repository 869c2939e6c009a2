/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-inventory.h"
#include "qfu-options.h"
#include "qfu-rebuild.h"

#include <json-glib/json-glib.h>

/**
 * qfu_update_run:
 * @inventory: this machine's devices and what verified metadata offers
 * @device: what to update
 * @offer: the release to bring it to
 * @builder: inside an array, gets an object about what was done
 * @error: #QFU_ERROR_NOTHING when the device holds that firmware already
 *
 * The main path: fetch, verify, forecast, ask, record, install. Until the plugin's first erase
 * every failure leaves the chip as it was and no record that still counts.
 */
gboolean qfu_update_run (QfuInventory *inventory,
                         const QfuOptions *options,
                         const QfuDevice *device,
                         const QfuOffer *offer,
                         JsonBuilder *builder,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_update_local:
 * @inventory: this machine's devices
 * @device: what to update
 * @cab: (transfer full): the firmware
 * @builder: inside an array, gets an object about what was done
 * @error: #QFU_ERROR_NOTHING when the device holds that firmware already
 *
 * The same way for a cab that no metadata names, from the forecast on; a person is asked.
 */
gboolean qfu_update_local (QfuInventory *inventory,
                           const QfuOptions *options,
                           const QfuDevice *device,
                           QfuRebuiltCab *cab,
                           JsonBuilder *builder,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
