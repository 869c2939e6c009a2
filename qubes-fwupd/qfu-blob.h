/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-hasher.h"
#include "qfu-wire.h"

/**
 * QfuUntrustedBlob:
 *
 * Bytes that came from a VM, a worker, a chip or a file of unknown origin, in a sealed memfd.
 * Privileged code can size them, hash them, cut them into other blobs and pass them on; there is no
 * accessor for the bytes.
 *
 * Trust: the contents are anybody's; size and digests are facts that this process measured.
 */
typedef struct _QfuUntrustedBlob QfuUntrustedBlob;

/* Gives up one owner's share; the last one frees the blob. */
void qfu_untrusted_blob_free (QfuUntrustedBlob *blob);
/* (transfer full): the same sealed bytes for one more owner, who frees them, too. Not for several
 * threads. */
QfuUntrustedBlob *qfu_untrusted_blob_ref (const QfuUntrustedBlob *blob);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuUntrustedBlob, qfu_untrusted_blob_free)

/* Size in bytes. */
guint64 qfu_untrusted_blob_size (const QfuUntrustedBlob *blob);
/* (transfer none): SHA-256 of all bytes, computed when it is first asked for. */
const QfuDigest *qfu_untrusted_blob_sha256 (const QfuUntrustedBlob *blob);
/* (transfer none): the sealed memfd, to be inherited by a worker or sent to another program of
 * ours; its offset is undefined. */
int qfu_untrusted_blob_fd (const QfuUntrustedBlob *blob);

/**
 * qfu_untrusted_blob_hash_range:
 * @blob: a blob
 * @hash: the algorithm
 * @offset: first byte
 * @length: number of bytes
 * @out: (out): the digest
 * @error: #QFU_ERROR_LIMIT when the range leaves the blob
 */
gboolean qfu_untrusted_blob_hash_range (const QfuUntrustedBlob *blob,
                                        QfuHash hash,
                                        guint64 offset,
                                        guint64 length,
                                        QfuDigest *out,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* %TRUE when both ranges lie inside their blobs and hold the same bytes. */
gboolean qfu_untrusted_blob_equal_range (const QfuUntrustedBlob *a,
                                         guint64 a_offset,
                                         const QfuUntrustedBlob *b,
                                         guint64 b_offset,
                                         guint64 length);

/* %TRUE when the range lies inside both blobs, and every bit that is set in it in @b is set in @a,
 * too. */
gboolean qfu_untrusted_blob_covers (const QfuUntrustedBlob *a,
                                    const QfuUntrustedBlob *b,
                                    guint64 offset,
                                    guint64 length);

/* %TRUE when the @size bytes at @offset are those at @data: proves a claim about a few bytes
 * without reading them. */
gboolean qfu_untrusted_blob_holds (const QfuUntrustedBlob *blob,
                                   guint64 offset,
                                   const void *data,
                                   gsize size);

/* %TRUE when the range lies inside the blob and all its bytes are 0xff, as an erased chip has them.
 */
gboolean
qfu_untrusted_blob_is_erased (const QfuUntrustedBlob *blob, guint64 offset, guint64 length);

/* Writes all bytes to @fd, for a file of our own cache or a program of ours. */
gboolean qfu_untrusted_blob_write_to (const QfuUntrustedBlob *blob,
                                      int fd,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sends @length bytes at @offset as DATA frames, unread; @error: #QFU_ERROR_LIMIT when the range
 * leaves the blob, or as from qfu_wire_send_data(). */
gboolean qfu_untrusted_blob_send (const QfuUntrustedBlob *blob,
                                  QfuWire *wire,
                                  guint64 offset,
                                  guint64 length,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * QfuBlobBuilder:
 *
 * Collects bytes for a blob; refuses what goes beyond the maximum that it was made with.
 */
typedef struct _QfuBlobBuilder QfuBlobBuilder;

/* @max: the largest size in bytes; @error: #QFU_ERROR_IO when the kernel gives no memfd. */
QfuBlobBuilder *qfu_blob_builder_new (guint64 max, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_blob_builder_free (QfuBlobBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuBlobBuilder, qfu_blob_builder_free)

/* Bytes collected so far. */
guint64 qfu_blob_builder_size (const QfuBlobBuilder *builder);
/* #QFU_ERROR_LIMIT when there would be more than the maximum. */
gboolean qfu_blob_builder_append (QfuBlobBuilder *builder,
                                  const void *data,
                                  gsize size,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Appends @length bytes of 0xff. */
gboolean qfu_blob_builder_append_erased (QfuBlobBuilder *builder,
                                         guint64 length,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Appends the payload of a DATA frame whose header was received, unread, from pipe to memfd without
 * a copy between; all of it or nothing. */
gboolean qfu_blob_builder_receive (QfuBlobBuilder *builder,
                                   QfuWire *wire,
                                   gsize length,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Appends bytes of another blob, unread. */
gboolean qfu_blob_builder_append_range (QfuBlobBuilder *builder,
                                        const QfuUntrustedBlob *blob,
                                        guint64 offset,
                                        guint64 length,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Appends everything that @fd still gives, until its end. */
gboolean qfu_blob_builder_append_fd (QfuBlobBuilder *builder,
                                     int fd,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_blob_builder_finish:
 * @builder: (transfer full): freed in any case
 *
 * Seals the memfd against every change. The only constructor of #QfuUntrustedBlob.
 */
QfuUntrustedBlob *qfu_blob_builder_finish (QfuBlobBuilder *builder,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A blob of bytes that this process holds, for a worker or a program of ours; #QFU_ERROR_LIMIT when
 * they are more than @max. */
QfuUntrustedBlob *
qfu_untrusted_blob_new (GBytes *bytes, guint64 max, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A blob of @size bytes of 0xff: what an erased chip holds. */
QfuUntrustedBlob *qfu_untrusted_blob_blank (guint64 size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A blob of the contents of the file at @path, at most @max bytes; follows no symbolic link when
 * @nofollow. */
QfuUntrustedBlob *qfu_untrusted_blob_load (const char *path,
                                           guint64 max,
                                           gboolean nofollow,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
