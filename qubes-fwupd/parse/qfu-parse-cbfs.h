/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

/* A file of a CBFS; offsets count from the start of the image. */
typedef struct {
  char name[QFU_CBFS_NAME_MAX];
  guint32 type;
  gsize offset; /* of the data as stored */
  gsize size;
  gboolean unused;     /* an empty file without attributes: free space */
  gsize header;        /* bytes from the file's start to its data */
  guint32 compression; /* 0 none, 1 LZMA, 2 LZ4, 3 ZSTD: of the file's data as a whole */
  guint32 plain_size;  /* bytes after decompression */
  gboolean has_load_address;
  guint64 load_address; /* of a stage: it is not among the measured bytes */
} QfuCbfsFile;

/* Called for every file that is in use, and for free space; %FALSE with @error ends the walk. */
typedef gboolean (*QfuCbfsFunc) (gpointer user, const QfuCbfsFile *file, GError **error);

/* Whether the @size bytes at @offset begin with a CBFS file. */
gboolean qfu_cbfs_here (const QfuParseInput *image, gsize offset, gsize size);

/**
 * qfu_cbfs_walk:
 * @image: the image
 * @offset: first byte of the region, inside the image
 * @size: bytes of the region
 * @error: #QFU_ERROR_FORMAT when a header contradicts itself or a file leaves the region
 *
 * Walks the headers the way firmware does: from one file's end to the next 64-byte boundary that
 * holds a header. What lies inside a file's data is not a file.
 */
gboolean qfu_cbfs_walk (const QfuParseInput *image,
                        gsize offset,
                        gsize size,
                        QfuCbfsFunc func,
                        gpointer user,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
