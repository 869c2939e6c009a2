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

/**
 * qfu_config_build_info:
 * @image: the image
 * @file: the CBFS file `build_info`, stored as it is
 * @region: number of the region that holds it
 *
 * Sends a SETTING for each line that names the version or the board, with BUILD_ before its name. A
 * line with a value that is no printable ASCII, or too long, is left out, and so is a file of
 * another size or compression than coreboot's build makes.
 */
gboolean qfu_config_build_info (const QfuParseInput *image,
                                const QfuCbfsFile *file,
                                guint region,
                                const QfuParseSink *sink,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
