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

/* One more than the value of a hexadecimal digit, 0 for what is none. Metadata holds a million
 * digits, and where branches depend on them, half are guessed wrong. */
static const guint8 digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

gboolean
qfu_digest_from_hex (QfuDigest *out, guint hash, const char *hex)
{
  gsize size = qfu_hash_size (hash);
  guint8 data[QFU_DIGEST_MAX];

  if (size == 0 || strnlen (hex, 2 * size + 1) != 2 * size)
    return FALSE;
  for (gsize i = 0; i < size; i++) {
    guint high = digits[(guint8)hex[2 * i]];
    guint low = digits[(guint8)hex[2 * i + 1]];

    if (high == 0 || low == 0)
      return FALSE;
    data[i] = (guint8)((high - 1) << 4 | (low - 1));
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
