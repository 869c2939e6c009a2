/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fu-qubes-coreboot-compat.h"

/* (transfer full): the image, once it is known to be one for this machine. The chip is not opened
 * unless image and SMBIOS name the machine differently. */
FuFirmware *fu_qubes_coreboot_prepare_firmware (FuDevice *device,
                                                GInputStream *stream,
                                                FuProgress *progress,
                                                FuFirmwareParseFlags flags,
                                                GError **error);
