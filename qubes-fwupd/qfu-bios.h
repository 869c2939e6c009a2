/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_bios_version:
 * @text: SMBIOS BIOS version, as the firmware wrote it
 *
 * The version inside of coreboot's BIOS version string, in the form that LVFS metadata uses. The
 * words around it differ: Lenovo boards carry an EC's tag (`CBET4000 4.21-12-gabcdef`),
 * distributions their name (`Dasharo (coreboot+UEFI) v1.7.2`, `MrChromebox-2408.1`). What counts is
 * the first run of two to four numbers with dots between; a string without one is a plain version
 * if it is one word.
 *
 * Returns: (transfer full) (nullable): printable ASCII without spaces, %NULL when there is none
 */
char *qfu_bios_version (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_bios_release:
 * @major: (nullable): SMBIOS BIOS major release, a decimal number
 * @minor: (nullable): the minor one
 *
 * Returns: (transfer full) (nullable): the two as a version; %NULL when one is missing, and for 0.0
 * and 255.255, by which firmware says that it has none
 */
char *qfu_bios_release (const char *major, const char *minor) G_GNUC_WARN_UNUSED_RESULT;
