/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-rom.h"

#include "fu-qubes-coreboot-compat.h"

/* What the chip holds. @progress: (nullable). */
QfuUntrustedBlob *
fu_qubes_coreboot_read_chip (const QfuConfig *config, FuProgress *progress, GError **error);

/* The same of what the chip holds, after reading it. @progress: (nullable). */
QfuRom *
fu_qubes_coreboot_read_chip_rom (const QfuConfig *config, FuProgress *progress, GError **error);

/* (transfer full): what the chip holds, every byte that can be read; the others are 0xFF. */
GBytes *fu_qubes_coreboot_dump_firmware (FuDevice *device, FuProgress *progress, GError **error);

/* (transfer full): the same without what updates leave alone, which a running machine writes, so
 * that the digest stays as long as the firmware does. Forgets the checksums of an earlier look. */
FuFirmware *
fu_qubes_coreboot_read_firmware (FuDevice *device, FuProgress *progress, GError **error);
