/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-rom.h"

/**
 * qfu_sameboard_check:
 * @old_rom: what the chip holds
 * @new_rom: the image to install
 * @error: #QFU_ERROR_REFUSED when the two name different boards, when only one of them names one,
 * or when parts of one of them name several
 *
 * Compares the board (vendor and part number) in the files `config` of all regions.
 */
gboolean qfu_sameboard_check (const QfuRom *old_rom,
                              const QfuRom *new_rom,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
