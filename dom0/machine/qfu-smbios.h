/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

/**
 * QfuSmbios:
 * @bios_vendor: (nullable): who made the firmware
 * @bios_version: (nullable): its version
 * @manufacturer: (nullable): who made the machine
 * @product: (nullable): what it is called
 * @family: (nullable): and the series that it belongs to
 *
 * How the firmware that runs names itself and the machine: printable ASCII.
 *
 * Trust: the firmware's own word.
 */
typedef struct {
  char *bios_vendor;
  char *bios_version;
  char *manufacturer;
  char *product;
  char *family;
} QfuSmbios;

/* Reads what the kernel shows of it; what is empty or not there stays %NULL. */
void qfu_smbios_read (const QfuConfig *config, QfuSmbios *smbios);
void qfu_smbios_clear (QfuSmbios *smbios);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuSmbios, qfu_smbios_clear)
