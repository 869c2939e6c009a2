/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

/**
 * qfu_volumes_parse:
 * @image: the image
 * @error: #QFU_ERROR_FORMAT without any, #QFU_ERROR_LIMIT
 *
 * Sends a VOLUME for each firmware volume of UEFI whose header is whole; what lies inside of one is
 * not looked at.
 */
gboolean qfu_volumes_parse (const QfuParseInput *image,
                            const QfuParseSink *sink,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
