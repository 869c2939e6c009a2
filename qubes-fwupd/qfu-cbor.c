/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cbor.h"

#include <string.h>

/* The major types of RFC 8949, 3.1. */
enum { UINT = 0, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6 };

#define IN_FIRST_BYTE 24 /* numbers below it take no byte of their own */

static void
put_head (GByteArray *out, guint type, guint64 value)
{
  guint log2 = value <= G_MAXUINT8 ? 0 : value <= G_MAXUINT16 ? 1 : value <= G_MAXUINT32 ? 2 : 3;
  guint8 bytes[1 + sizeof value];
  guint size = 1u << log2;

  if (value < IN_FIRST_BYTE) {
    bytes[0] = (guint8)(type << 5 | value);
    g_byte_array_append (out, bytes, 1);
    return;
  }
  bytes[0] = (guint8)(type << 5 | (IN_FIRST_BYTE + log2));
  for (guint i = 0; i < size; i++)
    bytes[1 + i] = (guint8)(value >> 8 * (size - 1 - i));
  g_byte_array_append (out, bytes, 1 + size);
}

void
qfu_cbor_put_uint (GByteArray *out, guint64 value)
{
  put_head (out, UINT, value);
}

void
qfu_cbor_put_text (GByteArray *out, const char *text)
{
  gsize size = strlen (text);

  put_head (out, TEXT, size);
  g_byte_array_append (out, (const guint8 *)text, (guint)size);
}

void
qfu_cbor_put_bytes (GByteArray *out, const void *data, gsize size)
{
  put_head (out, BYTES, size);
  g_byte_array_append (out, data, (guint)size);
}

void
qfu_cbor_put_array (GByteArray *out, guint64 count)
{
  put_head (out, ARRAY, count);
}

void
qfu_cbor_put_map (GByteArray *out, guint64 count)
{
  put_head (out, MAP, count);
}

void
qfu_cbor_put_tag (GByteArray *out, guint64 tag)
{
  put_head (out, TAG, tag);
}
