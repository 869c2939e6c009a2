/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-flash-lock.h"

struct flashrom_flashctx;

/**
 * qfu_flash_wp_note:
 * @chip: libflashrom's, not being read or written
 * @locks: (element-type QfuFlashLock): gets what the chip's own write protection keeps
 *
 * Programmers that do not let the chip's status register be read, and chips whose register
 * libflashrom does not know, add nothing; a debug line says so.
 */
void qfu_flash_wp_note (struct flashrom_flashctx *chip, GArray *locks);
