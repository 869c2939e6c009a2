/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse-fmap.h"

/**
 * qfu_vboot_area:
 * @image: the image
 * @area: an area of its flash map
 * @region: its number
 *
 * Sends a HWID for an area GBB and a VBLOCK for an area VBLOCK_A or VBLOCK_B, if it holds what its
 * name says; any other area, and one that is empty or broken, sends nothing: what vboot does with
 * that cannot be forecast.
 */
gboolean qfu_vboot_area (const QfuParseInput *image,
                         const QfuFmapArea *area,
                         guint region,
                         const QfuParseSink *sink,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
