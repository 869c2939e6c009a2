/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"

/**
 * QfuZipMember:
 * @name: printable ASCII, one path component
 * @bytes: what it holds
 *
 * A file in an archive.
 */
typedef struct {
  const char *name;
  const QfuUntrustedBlob *bytes;
} QfuZipMember;

#define QFU_ZIP_MEMBERS 16

/**
 * qfu_zip_write:
 * @fd: a file, open for writing
 * @members: what to put into it, at most #QFU_ZIP_MEMBERS
 * @n: how many
 * @error: #QFU_ERROR_LIMIT when it does not fit the format, #QFU_ERROR_IO
 *
 * Writes a ZIP archive of uncompressed members without dates: equal members give equal bytes. That
 * is for programs that take nothing else; this one reads no archive.
 *
 * Trust: the bytes are copied and go into a checksum, and are not looked at.
 */
gboolean qfu_zip_write (int fd, const QfuZipMember *members, gsize n, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Bytes of the archive of these members. */
guint64 qfu_zip_size (const QfuZipMember *members, gsize n);
