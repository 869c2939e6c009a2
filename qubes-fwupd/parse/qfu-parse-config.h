/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse-cbfs.h"

/**
 * qfu_config_settings:
 * @image: the image
 * @file: the CBFS file `config`
 * @region: number of the region that holds it
 * @error: #QFU_ERROR_FORMAT when it does not decompress to the size that its attribute states
 *
 * Sends a SETTING for each line `CONFIG_…=…` that matters to measured boot or names the board. A
 * file in a compression other than LZMA is left out.
 */
gboolean qfu_config_settings (const QfuParseInput *image,
                              const QfuCbfsFile *file,
                              guint region,
                              const QfuParseSink *sink,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
