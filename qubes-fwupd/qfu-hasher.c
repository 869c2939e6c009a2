/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-hasher.h"

#include "qfu-error.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (128 * 1024)

struct _QfuHasher {
  QfuHash hash;
  gnutls_hash_hd_t handle;
};

static const struct {
  QfuHash hash;
  gnutls_digest_algorithm_t gnutls;
} algorithms[] = {
    {QFU_HASH_SHA1, GNUTLS_DIG_SHA1},
    {QFU_HASH_SHA256, GNUTLS_DIG_SHA256},
    {QFU_HASH_SHA384, GNUTLS_DIG_SHA384},
    {QFU_HASH_SHA512, GNUTLS_DIG_SHA512},
};

QfuHasher *
qfu_hasher_new (QfuHash hash)
{
  QfuHasher *hasher = g_new0 (QfuHasher, 1);

  hasher->hash = hash;
  for (gsize i = 0; i < G_N_ELEMENTS (algorithms); i++) {
    if (algorithms[i].hash == hash && gnutls_hash_init (&hasher->handle, algorithms[i].gnutls) == 0)
      return hasher;
  }
  g_error ("GnuTLS has no hash %#x", (guint)hash);
}

void
qfu_hasher_update (QfuHasher *hasher, const void *data, gsize size)
{
  if (size > 0 && gnutls_hash (hasher->handle, data, size) != 0)
    g_error ("GnuTLS failed to hash");
}

void
qfu_hasher_finish (QfuHasher *hasher, QfuDigest *out)
{
  memset (out, 0, sizeof *out);
  out->hash = hasher->hash;
  out->size = qfu_hash_size (hasher->hash);
  gnutls_hash_deinit (hasher->handle, out->data);
  g_free (hasher);
}

void
qfu_hasher_free (QfuHasher *hasher)
{
  if (hasher == NULL)
    return;
  gnutls_hash_deinit (hasher->handle, NULL);
  g_free (hasher);
}

void
qfu_digest_compute (QfuHash hash, const void *data, gsize size, QfuDigest *out)
{
  QfuHasher *hasher = qfu_hasher_new (hash);

  qfu_hasher_update (hasher, data, size);
  qfu_hasher_finish (hasher, out);
}

gboolean
qfu_digest_compute_fd (QfuHash hash, int fd, guint64 max, QfuDigest *out, GError **error)
{
  g_autoptr (QfuHasher) hasher = qfu_hasher_new (hash);
  g_autofree guint8 *chunk = g_malloc (CHUNK);

  for (;;) {
    gssize n = read (fd, chunk, CHUNK);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return qfu_error_errno (error, errno, "reading");
    if (n == 0)
      break;
    if ((guint64)n > max) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "larger than allowed");
      return FALSE;
    }
    max -= (guint64)n;
    qfu_hasher_update (hasher, chunk, (gsize)n);
  }
  qfu_hasher_finish (g_steal_pointer (&hasher), out);
  return TRUE;
}
