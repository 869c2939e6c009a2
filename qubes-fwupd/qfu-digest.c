/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-digest.h"

#include <string.h>

static const struct {
  QfuHash hash;
  const char *name;
  gsize size;
} algorithms[] = {
    {QFU_HASH_SHA1, "sha1", 20},
    {QFU_HASH_SHA256, "sha256", 32},
    {QFU_HASH_SHA384, "sha384", 48},
    {QFU_HASH_SHA512, "sha512", 64},
};

gsize
qfu_hash_size (guint hash)
{
  for (gsize i = 0; i < G_N_ELEMENTS (algorithms); i++) {
    if (algorithms[i].hash == hash)
      return algorithms[i].size;
  }
  return 0;
}

const char *
qfu_hash_name (guint hash)
{
  for (gsize i = 0; i < G_N_ELEMENTS (algorithms); i++) {
    if (algorithms[i].hash == hash)
      return algorithms[i].name;
  }
  return NULL;
}

guint
qfu_hash_from_name (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (algorithms); i++) {
    if (strcmp (algorithms[i].name, name) == 0)
      return algorithms[i].hash;
  }
  return 0;
}

gboolean
qfu_digest_set (QfuDigest *out, guint hash, const guint8 *data, gsize size)
{
  if (size == 0 || qfu_hash_size (hash) != size)
    return FALSE;
  memset (out, 0, sizeof *out);
  out->hash = (QfuHash)hash;
  out->size = size;
  memcpy (out->data, data, size);
  return TRUE;
}

/* As g_ascii_xdigit_value(), which is three calls: metadata holds a million digits. */
static int
digit_value (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

gboolean
qfu_digest_from_hex (QfuDigest *out, guint hash, const char *hex)
{
  gsize size = qfu_hash_size (hash);
  guint8 data[QFU_DIGEST_MAX];

  if (size == 0 || strnlen (hex, 2 * size + 1) != 2 * size)
    return FALSE;
  for (gsize i = 0; i < size; i++) {
    int high = digit_value (hex[2 * i]);
    int low = digit_value (hex[2 * i + 1]);

    if (high < 0 || low < 0)
      return FALSE;
    data[i] = (guint8)(high << 4 | low);
  }
  return qfu_digest_set (out, hash, data, size);
}

char *
qfu_digest_to_hex (const QfuDigest *digest)
{
  GString *hex = g_string_sized_new (2 * digest->size);

  for (gsize i = 0; i < digest->size; i++)
    g_string_append_printf (hex, "%02x", digest->data[i]);
  return g_string_free (hex, FALSE);
}

gboolean
qfu_digest_equal (const QfuDigest *a, const QfuDigest *b)
{
  return a->hash == b->hash && a->size == b->size && memcmp (a->data, b->data, a->size) == 0;
}
