/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-inventory.h"

/**
 * qfu_inventory_unled:
 * @device: one of a USB qube
 * @offer: what qfu_inventory_offer() would choose for it
 * @error: #QFU_ERROR_REFUSED, with the command by which a person chooses it
 *
 * Whether the choice is the metadata's alone. What a device runs, and what it can do, is its qube's
 * word; by that word nothing is left out that is newer, unless a person has asked for older
 * firmware.
 */
gboolean qfu_inventory_unled (const QfuInventory *inventory,
                              const QfuOptions *options,
                              const QfuDevice *device,
                              const QfuOffer *offer,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
