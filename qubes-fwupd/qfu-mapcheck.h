/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-segment.h"

/**
 * qfu_mapcheck:
 * @maps: chip and image
 * @error: #QFU_ERROR_REFUSED naming the region
 *
 * Whether the image's flash map can take the place of the chip's. A region that the layout keeps
 * has to be there with its size; it may lie elsewhere, unless a descriptor names it or the layout
 * never touches it. Another map than the chip's has to be written.
 */
gboolean qfu_mapcheck (const QfuMaps *maps, GError **error) G_GNUC_WARN_UNUSED_RESULT;
