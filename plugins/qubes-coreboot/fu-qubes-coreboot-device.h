/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fu-qubes-coreboot-compat.h"

#define FU_TYPE_QUBES_COREBOOT_DEVICE (fu_qubes_coreboot_device_get_type ())
G_DECLARE_FINAL_TYPE (
    FuQubesCorebootDevice, fu_qubes_coreboot_device, FU, QUBES_COREBOOT_DEVICE, FuDevice)

/**
 * fu_qubes_coreboot_device_new:
 * @ctx: holds what the firmware says of the machine
 *
 * The flash chip with coreboot of this machine, described without a look at the chip.
 */
FuDevice *fu_qubes_coreboot_device_new (FuContext *ctx);
