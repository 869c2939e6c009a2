/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define QFU_DIGEST_MAX 64 /* bytes of the longest digest, SHA-512 */
#define QFU_SHA256_SIZE 32

/**
 * QfuHash:
 *
 * Hash algorithms by their TPM_ALG_ID (TCG Algorithm Registry), which is also how event logs and
 * PCR banks name them.
 */
typedef enum {
  QFU_HASH_SHA1 = 0x0004,
  QFU_HASH_SHA256 = 0x000b,
  QFU_HASH_SHA384 = 0x000c,
  QFU_HASH_SHA512 = 0x000d,
} QfuHash;

/**
 * QfuDigest:
 * @hash: the algorithm
 * @size: length in bytes, as the algorithm says
 * @data: the first @size bytes count, the others are zero
 *
 * A digest by value.
 */
typedef struct {
  QfuHash hash;
  gsize size;
  guint8 data[QFU_DIGEST_MAX];
} QfuDigest;

/* Length in bytes of a digest of @hash; 0 when @hash is none of the four. Safe on any number. */
gsize qfu_hash_size (guint hash);
/* "sha1", "sha256", …; %NULL when unknown. */
const char *qfu_hash_name (guint hash);
/* The algorithm called @name (lower case); 0 when unknown. */
guint qfu_hash_from_name (const char *name);

/* Sets @out from raw bytes: %FALSE when @size is not the length of a digest of @hash. */
gboolean qfu_digest_set (QfuDigest *out, guint hash, const guint8 *data, gsize size)
    G_GNUC_WARN_UNUSED_RESULT;
/* Sets @out from hexadecimal digits in either case: %FALSE when they are not exactly a digest of
 * @hash. */
gboolean
qfu_digest_from_hex (QfuDigest *out, guint hash, const char *hex) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full): lower-case hexadecimal digits. */
char *qfu_digest_to_hex (const QfuDigest *digest);
/* %TRUE when algorithm and bytes are the same. */
gboolean qfu_digest_equal (const QfuDigest *a, const QfuDigest *b);
