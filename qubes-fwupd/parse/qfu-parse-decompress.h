/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

/**
 * QfuPlainFunc:
 * @user: as given to qfu_decompress()
 * @data: the next bytes of what was compressed
 * @size: how many, at least one
 * @error: why it ends here
 *
 * Takes decompressed bytes as they come.
 */
typedef gboolean (*QfuPlainFunc) (gpointer user, const guint8 *data, gsize size, GError **error);

/**
 * qfu_decompress:
 * @input: one zstd frame, one xz stream or one gzip member, told apart by its first bytes
 * @max: bytes of output that are taken
 * @plain: who gets the output
 * @user: passed to @plain
 * @error: #QFU_ERROR_FORMAT: none of the three, damaged, cut short, or more behind its end;
 * #QFU_ERROR_LIMIT: more than @max bytes, or a window of more than QFU_DECOMPRESS_WINDOW_MAX; and
 * what @plain says
 *
 * Takes one layer of compression off, as a stream: memory is that of the format's window.
 *
 * Trust: made for untrusted bytes.
 */
gboolean qfu_decompress (const QfuParseInput *input,
                         guint64 max,
                         QfuPlainFunc plain,
                         gpointer user,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
