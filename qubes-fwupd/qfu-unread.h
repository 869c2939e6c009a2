/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-layout.h"

/**
 * qfu_unread_ranges:
 * @layout: the rules
 * @regions: (element-type QfuRomRegion): of a chip; only those that a descriptor names count
 *
 * Which parts of a chip no program of ours reads or writes: the descriptor's regions with the rule
 * `never`, except for SI_DESC, which tells where they lie, and SI_BIOS, without which nothing can
 * be done.
 *
 * Returns: (transfer full) (element-type QfuRange): ascending, not touching each other
 */
GArray *qfu_unread_ranges (const QfuLayout *layout, const GArray *regions);
