/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-blob.h"

#include "qfu-error.h"
#include "qfu-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#define CHUNK (128 * 1024)

struct _QfuUntrustedBlob {
  guint refs;
  QfuFd fd;
  guint64 size;
  QfuDigest sha256;  /* of no size until somebody asks for it */
  const guint8 *map; /* %NULL when empty; private to this file */
};

struct _QfuBlobBuilder {
  QfuFd fd;
  guint64 size;
  guint64 max;
  gboolean failed; /* a write stopped half-way: the memfd and @size disagree */
};

QfuUntrustedBlob *
qfu_untrusted_blob_ref (const QfuUntrustedBlob *blob)
{
  QfuUntrustedBlob *shared = (QfuUntrustedBlob *)blob; /* the count is no part of what is sealed */

  shared->refs++;
  return shared;
}

void
qfu_untrusted_blob_free (QfuUntrustedBlob *blob)
{
  if (blob == NULL || --blob->refs > 0)
    return;
  if (blob->map != NULL)
    (void)munmap ((void *)blob->map, blob->size);
  qfu_fd_clear (&blob->fd);
  g_free (blob);
}

guint64
qfu_untrusted_blob_size (const QfuUntrustedBlob *blob)
{
  return blob->size;
}

const QfuDigest *
qfu_untrusted_blob_sha256 (const QfuUntrustedBlob *blob)
{
  /* the bytes are sealed, so that it is the same at any time */
  if (blob->sha256.size == 0)
    qfu_digest_compute (QFU_HASH_SHA256, blob->map, blob->size,
                        &((QfuUntrustedBlob *)blob)->sha256);
  return &blob->sha256;
}

int
qfu_untrusted_blob_fd (const QfuUntrustedBlob *blob)
{
  return blob->fd;
}

static gboolean
range_inside (const QfuUntrustedBlob *blob, guint64 offset, guint64 length)
{
  return offset <= blob->size && length <= blob->size - offset;
}

static gboolean
check_range (const QfuUntrustedBlob *blob, guint64 offset, guint64 length, GError **error)
{
  if (range_inside (blob, offset, length))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT,
               "%" G_GUINT64_FORMAT " bytes at %#" G_GINT64_MODIFIER
               "x lie outside of %" G_GUINT64_FORMAT " bytes",
               length, offset, blob->size);
  return FALSE;
}

gboolean
qfu_untrusted_blob_hash_range (const QfuUntrustedBlob *blob,
                               QfuHash hash,
                               guint64 offset,
                               guint64 length,
                               QfuDigest *out,
                               GError **error)
{
  if (!check_range (blob, offset, length, error))
    return FALSE;
  qfu_digest_compute (hash, length == 0 ? NULL : blob->map + offset, length, out);
  return TRUE;
}

gboolean
qfu_untrusted_blob_equal_range (const QfuUntrustedBlob *a,
                                guint64 a_offset,
                                const QfuUntrustedBlob *b,
                                guint64 b_offset,
                                guint64 length)
{
  if (!range_inside (a, a_offset, length) || !range_inside (b, b_offset, length))
    return FALSE;
  return length == 0 || memcmp (a->map + a_offset, b->map + b_offset, length) == 0;
}

gboolean
qfu_untrusted_blob_covers (const QfuUntrustedBlob *a,
                           const QfuUntrustedBlob *b,
                           guint64 offset,
                           guint64 length)
{
  guint8 missing = 0;

  if (!range_inside (a, offset, length) || !range_inside (b, offset, length))
    return FALSE;
  for (guint64 at = offset; at < offset + length; at++)
    missing |= b->map[at] & (guint8)~a->map[at];
  return missing == 0;
}

gboolean
qfu_untrusted_blob_holds (const QfuUntrustedBlob *blob,
                          guint64 offset,
                          const void *data,
                          gsize size)
{
  return range_inside (blob, offset, size) &&
         (size == 0 || memcmp (blob->map + offset, data, size) == 0);
}

gboolean
qfu_untrusted_blob_is_erased (const QfuUntrustedBlob *blob, guint64 offset, guint64 length)
{
  guint8 bits = 0xff;

  if (!range_inside (blob, offset, length))
    return FALSE;
  for (guint64 at = offset; at < offset + length && bits == 0xff; at++)
    bits = blob->map[at];
  return bits == 0xff;
}

static gboolean
write_all (int fd, const guint8 *data, gsize size, GError **error)
{
  while (size > 0) {
    gssize n = write (fd, data, size);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return qfu_error_errno (error, errno, "writing %zu bytes", size);
    data += n;
    size -= (gsize)n;
  }
  return TRUE;
}

gboolean
qfu_untrusted_blob_write_to (const QfuUntrustedBlob *blob, int fd, GError **error)
{
  return write_all (fd, blob->map, blob->size, error);
}

gboolean
qfu_untrusted_blob_send (
    const QfuUntrustedBlob *blob, QfuWire *wire, guint64 offset, guint64 length, GError **error)
{
  return check_range (blob, offset, length, error) &&
         (length == 0 || qfu_wire_send_data (wire, blob->map + offset, length, error));
}

QfuBlobBuilder *
qfu_blob_builder_new (guint64 max, GError **error)
{
  QfuBlobBuilder *builder;
  int fd = memfd_create ("qfu-untrusted", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd < 0) {
    qfu_error_errno (error, errno, "making memory for received bytes");
    return NULL;
  }
  builder = g_new0 (QfuBlobBuilder, 1);
  builder->fd = fd;
  builder->max = max;
  return builder;
}

void
qfu_blob_builder_free (QfuBlobBuilder *builder)
{
  if (builder == NULL)
    return;
  qfu_fd_clear (&builder->fd);
  g_free (builder);
}

guint64
qfu_blob_builder_size (const QfuBlobBuilder *builder)
{
  return builder->size;
}

static gboolean
builder_usable (const QfuBlobBuilder *builder, GError **error)
{
  if (builder->failed)
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_IO, "an earlier write to memory failed");
  return !builder->failed;
}

static gboolean
builder_takes (const QfuBlobBuilder *builder, gsize size, GError **error)
{
  if (size > builder->max - builder->size) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT,
                 "more than the allowed %" G_GUINT64_FORMAT " bytes", builder->max);
    return FALSE;
  }
  return builder_usable (builder, error);
}

gboolean
qfu_blob_builder_append (QfuBlobBuilder *builder, const void *data, gsize size, GError **error)
{
  if (!builder_takes (builder, size, error))
    return FALSE;
  if (!write_all (builder->fd, data, size, error)) {
    builder->failed = TRUE;
    return FALSE;
  }
  builder->size += size;
  return TRUE;
}

gboolean
qfu_blob_builder_append_erased (QfuBlobBuilder *builder, guint64 length, GError **error)
{
  guint8 erased[4096];

  memset (erased, 0xff, sizeof erased);
  while (length > 0) {
    gsize some = (gsize)MIN (length, sizeof erased);

    if (!qfu_blob_builder_append (builder, erased, some, error))
      return FALSE;
    length -= some;
  }
  return TRUE;
}

gboolean
qfu_blob_builder_receive (QfuBlobBuilder *builder, QfuWire *wire, gsize length, GError **error)
{
  if (!builder_takes (builder, length, error))
    return FALSE;
  if (qfu_wire_receive_to (wire, builder->fd, length, error)) {
    builder->size += length;
    return TRUE;
  }
  /* of a frame that was cut nothing stays */
  if (ftruncate (builder->fd, (off_t)builder->size) != 0 ||
      lseek (builder->fd, (off_t)builder->size, SEEK_SET) < 0)
    builder->failed = TRUE;
  return FALSE;
}

gboolean
qfu_blob_builder_append_range (QfuBlobBuilder *builder,
                               const QfuUntrustedBlob *blob,
                               guint64 offset,
                               guint64 length,
                               GError **error)
{
  if (!check_range (blob, offset, length, error))
    return FALSE;
  return length == 0 || qfu_blob_builder_append (builder, blob->map + offset, length, error);
}

/* Takes from a file what fits, without a copy in between; what is left, and what is no file, is
 * read. */
static void
append_in_kernel (QfuBlobBuilder *builder, int fd)
{
  while (builder->size < builder->max) {
    gssize n = sendfile (builder->fd, fd, NULL, builder->max - builder->size);

    if (n <= 0)
      return;
    builder->size += (guint64)n;
  }
}

gboolean
qfu_blob_builder_append_fd (QfuBlobBuilder *builder, int fd, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK);

  if (!builder_usable (builder, error))
    return FALSE;
  append_in_kernel (builder, fd);
  for (;;) {
    gssize n = read (fd, chunk, CHUNK);

    if (n == 0)
      return TRUE;
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return qfu_error_errno (error, errno, "reading");
    if (!qfu_blob_builder_append (builder, chunk, (gsize)n, error))
      return FALSE;
  }
}

QfuUntrustedBlob *
qfu_blob_builder_finish (QfuBlobBuilder *builder, GError **error)
{
  g_autoptr (QfuBlobBuilder) owned = builder;
  g_autoptr (QfuUntrustedBlob) blob = g_new0 (QfuUntrustedBlob, 1);

  blob->refs = 1;
  blob->fd = -1;
  if (!builder_usable (owned, error))
    return NULL;
  if (fcntl (owned->fd, F_ADD_SEALS, QFU_FD_SEALS | F_SEAL_SEAL) != 0) {
    qfu_error_errno (error, errno, "sealing received bytes");
    return NULL;
  }
  if (owned->size > 0) {
    /* private: before Linux 6.7 a shared mapping of a write-sealed memfd is refused */
    void *map = mmap (NULL, owned->size, PROT_READ, MAP_PRIVATE, owned->fd, 0);

    if (map == MAP_FAILED) {
      qfu_error_errno (error, errno, "mapping received bytes");
      return NULL;
    }
    blob->map = map;
  }
  blob->size = owned->size;
  blob->fd = qfu_fd_steal (&owned->fd);
  return g_steal_pointer (&blob);
}

QfuUntrustedBlob *
qfu_untrusted_blob_new (GBytes *bytes, guint64 max, GError **error)
{
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (max, error);
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  if (builder == NULL || !qfu_blob_builder_append (builder, data, size, error))
    return NULL;
  return qfu_blob_builder_finish (g_steal_pointer (&builder), error);
}

QfuUntrustedBlob *
qfu_untrusted_blob_blank (guint64 size, GError **error)
{
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (size, error);

  if (builder == NULL || !qfu_blob_builder_append_erased (builder, size, error))
    return NULL;
  return qfu_blob_builder_finish (g_steal_pointer (&builder), error);
}

QfuUntrustedBlob *
qfu_untrusted_blob_load (const char *path, guint64 max, gboolean nofollow, GError **error)
{
  g_auto (QfuFd) fd =
      open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (nofollow ? O_NOFOLLOW : 0));
  g_autoptr (QfuBlobBuilder) builder = NULL;
  struct stat st;

  if (fd < 0 || fstat (fd, &st) != 0) {
    qfu_error_errno (error, errno, "%s cannot be opened", path);
    return NULL;
  }
  if (!S_ISREG (st.st_mode)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s is not a regular file", path);
    return NULL;
  }
  builder = qfu_blob_builder_new (max, error);
  if (builder == NULL || !qfu_blob_builder_append_fd (builder, fd, error)) {
    g_prefix_error (error, "%s: ", path);
    return NULL;
  }
  return qfu_blob_builder_finish (g_steal_pointer (&builder), error);
}
