/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* How qfu-cbmem reaches the machine's memory, and what a person can do when it may not. */

/**
 * qfu_cbmem_access_open:
 * @path: /dev/mem, or a file of the same shape
 * @fd: (out): open for reading
 * @error: #QFU_ERROR_NOT_FOUND, #QFU_ERROR_UNREACHABLE
 */
gboolean
qfu_cbmem_access_open (const char *path, int *fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_cbmem_access_read:
 * @path: for messages
 * @address: first byte
 * @size: bytes that are wanted
 * @error: #QFU_ERROR_UNREACHABLE when not even the first page is given
 *
 * Returns: (transfer full): the bytes up to the first page that is not given; none behind the end
 */
GByteArray *qfu_cbmem_access_read (int fd,
                                   const char *path,
                                   guint64 address,
                                   gsize size,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets @error to what @code (an errno) means at @path: at opening it, or at reading @address. */
void qfu_cbmem_access_set_open_error (const char *path, int code, GError **error);
void qfu_cbmem_access_set_read_error (const char *path, guint64 address, int code, GError **error);
