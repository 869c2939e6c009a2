/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-layout.h"

/**
 * qfu_portion_cut:
 * @chip: what a chip holds
 * @updatable: (element-type QfuRange): the ranges that updates write, as in #QfuComposed
 * @error: #QFU_ERROR_LIMIT unless the ranges ascend and lie inside of @chip
 *
 * The part of a chip's contents that is firmware: the bytes of @updatable, and 0xFF everywhere
 * else. Two chips with the same firmware give the same bytes, whatever settings, training data and
 * addresses they keep beside it.
 */
QfuUntrustedBlob *qfu_portion_cut (const QfuUntrustedBlob *chip,
                                   const GArray *updatable,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_portion_read:
 * @config: layout, and where workers are
 * @chip: what a chip holds
 * @error: as qfu_rom_read(), qfu_layout_load() and qfu_layout_compose() have it
 *
 * The same by the configured layout, for a chip whose map a worker reads.
 *
 * Trust: the worker's map chooses which bytes are part of it.
 */
QfuUntrustedBlob *qfu_portion_read (const QfuConfig *config,
                                    const QfuUntrustedBlob *chip,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
