/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-digest.h"

/**
 * QfuHasher:
 *
 * A running digest by GnuTLS. A failure inside GnuTLS (it can only be a defect or lack of memory)
 * aborts.
 */
typedef struct _QfuHasher QfuHasher;
QfuHasher *qfu_hasher_new (QfuHash hash);
void qfu_hasher_update (QfuHasher *hasher, const void *data, gsize size);
/* Stores the digest of everything so far and frees @hasher. */
void qfu_hasher_finish (QfuHasher *hasher, QfuDigest *out);
void qfu_hasher_free (QfuHasher *hasher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuHasher, qfu_hasher_free)

/* The digest of @size bytes at @data. */
void qfu_digest_compute (QfuHash hash, const void *data, gsize size, QfuDigest *out);

/**
 * qfu_digest_compute_fd:
 * @hash: the algorithm
 * @fd: a file, open for reading
 * @max: the most bytes that it may have
 * @out: (out): the digest of what lies between its offset and its end
 * @error: #QFU_ERROR_LIMIT when there is more, #QFU_ERROR_IO
 *
 * Takes the memory of one piece of it, however large the file is.
 */
gboolean qfu_digest_compute_fd (QfuHash hash, int fd, guint64 max, QfuDigest *out, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
