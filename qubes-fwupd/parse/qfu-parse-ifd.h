/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

/**
 * qfu_ifd_send:
 * @image: what a chip begins with, or all of it
 * @error: #QFU_ERROR_FORMAT for a descriptor whose registers cannot lie where it says
 *
 * Sends DESCRIPTOR when the image begins with an Intel flash descriptor, and nothing otherwise.
 */
gboolean qfu_ifd_send (const QfuParseInput *image,
                       const QfuParseSink *sink,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
