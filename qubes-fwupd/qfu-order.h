/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-segment.h"

/**
 * qfu_order_steps:
 * @maps: chip and image
 * @changed: (element-type QfuRange): the erase blocks to write
 *
 * Puts every block to write into one step. The layout's steps follow one another; each is divided
 * so that as little as can be is written while nothing boots:
 *
 * 1. blocks without which everything boots;
 * 2. blocks that are free space of the old image: it boots until the next part begins;
 * 3. blocks that boot needs before or after: the window;
 * 4. of those, what the layout names last;
 * 5. blocks that are free space of the new image, which boots already.
 *
 * A block that parts of several of the layout's steps share is in the window of the last of them:
 * one of these parts has to be whole at any time.
 *
 * Trust: the maps and free spaces are a worker's claim. They choose the order, never what is
 * written.
 *
 * Returns: (transfer full) (element-type QfuStep): none of them empty
 */
GPtrArray *qfu_order_steps (const QfuMaps *maps, const GArray *changed);
