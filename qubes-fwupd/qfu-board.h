/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-rom.h"

/**
 * QfuBoard:
 * @manufacturer: (nullable): how SMBIOS names the machine's manufacturer
 * @product: (nullable): and the machine
 *
 * A machine as firmware names it, or as an image says that it would.
 */
typedef struct {
  const char *manufacturer;
  const char *product;
} QfuBoard;

/**
 * qfu_board_of:
 * @rom: of an image
 *
 * The names that coreboot of this image puts into SMBIOS, unless its code computes others: from
 * the file `config`, else from `build_info`.
 *
 * Returns: strings of @rom, without quotes where the file has none
 */
QfuBoard qfu_board_of (const QfuRom *rom);

/* Whether no name that both know differs; quotes do not count. */
gboolean qfu_board_agrees (const QfuBoard *a, const QfuBoard *b);

/**
 * qfu_board_check:
 * @machine: what SMBIOS says
 * @present: (nullable): the image that the machine runs; asked for only when the names differ
 * @image: what is to be installed
 * @error: #QFU_ERROR_REFUSED when @image is for another board
 *
 * An image is for this machine when it names itself as SMBIOS does. Some boards compute their names
 * when they start: then what the chip holds differs from SMBIOS as well, and has to have the same
 * names as @image.
 *
 * Trust: the images are untrusted; a forged name gets no further than a right one.
 */
gboolean qfu_board_check (const QfuBoard *machine,
                          const QfuRom *present,
                          const QfuRom *image,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) (nullable): the version of coreboot in @rom, in the form of qfu_bios_version().
 */
char *qfu_board_version (const QfuRom *rom);
