/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cargo.h"
#include "qfu-inventory.h"

/**
 * qfu_obtain:
 * @inventory: whose VMs are asked
 * @offer: what verified metadata offers
 * @error: as from qfu_fetch_cab(), qfu_cab_verify() and qfu_cab_extract_rom()
 *
 * Fetches the cab of a release through the UpdateVM, or takes the file at hand, and checks size,
 * SHA-256, payload and version against the signed metadata. Says so.
 *
 * Returns: (transfer full): the cab with its payload; it must not outlive @inventory
 */
QfuCargo *qfu_obtain (QfuInventory *inventory,
                      const QfuOptions *options,
                      const QfuOffer *offer,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
