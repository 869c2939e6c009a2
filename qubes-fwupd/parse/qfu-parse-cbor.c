/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CBOR by libcbor's decoder of single items, which neither allocates nor recurses; its reader of
 * whole documents does both, as deep and as much as the bytes say. */
#include "qfu-parse-cbor.h"

#include "qfu-error.h"

#include <cbor.h>

#define SMALL 24 /* the first number that does not fit into an item's first byte */

typedef struct {
  QfuCborKind kind;
  guint64 value; /* number, tag, or how many elements */
  const guint8 *data;
  gsize size;
} Item;

static void
take_number (void *context, uint64_t value)
{
  *(Item *)context = (Item){.kind = QFU_CBOR_UINT, .value = value};
}

static void
take_uint8 (void *context, uint8_t value)
{
  take_number (context, value);
}

static void
take_uint16 (void *context, uint16_t value)
{
  take_number (context, value);
}

static void
take_uint32 (void *context, uint32_t value)
{
  take_number (context, value);
}

static void
take_bytes (void *context, cbor_data data, size_t size)
{
  *(Item *)context = (Item){QFU_CBOR_BYTES, size, data, size};
}

static void
take_text (void *context, cbor_data data, size_t size)
{
  *(Item *)context = (Item){QFU_CBOR_TEXT, size, data, size};
}

static void
take_array (void *context, size_t count)
{
  *(Item *)context = (Item){.kind = QFU_CBOR_ARRAY, .value = count};
}

static void
take_map (void *context, size_t count)
{
  *(Item *)context = (Item){.kind = QFU_CBOR_MAP, .value = count};
}

static void
take_tag (void *context, uint64_t value)
{
  *(Item *)context = (Item){.kind = QFU_CBOR_TAG, .value = value};
}

static gsize
head_size (guint64 value)
{
  if (value < SMALL)
    return 1;
  if (value <= G_MAXUINT8)
    return 2;
  if (value <= G_MAXUINT16)
    return 3;
  return value <= G_MAXUINT32 ? 5 : 9;
}

/* Bytes of the next item's head and, of text and bytes, of its contents; 0: it is not taken. */
static gsize
next (const QfuCbor *cbor, Item *item)
{
  struct cbor_callbacks callbacks = cbor_empty_callbacks;
  struct cbor_decoder_result result;

  *item = (Item){.kind = QFU_CBOR_NOTHING};
  if (cbor->size == 0)
    return 0;
  callbacks.uint8 = take_uint8;
  callbacks.uint16 = take_uint16;
  callbacks.uint32 = take_uint32;
  callbacks.uint64 = take_number;
  callbacks.byte_string = take_bytes;
  callbacks.string = take_text;
  callbacks.array_start = take_array;
  callbacks.map_start = take_map;
  callbacks.tag = take_tag;
  result = cbor_stream_decode (cbor->data, cbor->size, &callbacks, item);
  if (result.status == CBOR_DECODER_FINISHED && result.read == head_size (item->value) + item->size)
    return result.read;
  *item = (Item){.kind = QFU_CBOR_NOTHING};
  return 0;
}

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "CBOR: %s", what);
  return FALSE;
}

QfuCborKind
qfu_cbor_peek (const QfuCbor *cbor)
{
  Item item;

  (void)next (cbor, &item);
  return item.kind;
}

static gboolean
take (QfuCbor *cbor, QfuCborKind kind, Item *item, GError **error)
{
  static const char *const names[] = {
      [QFU_CBOR_UINT] = "a number is missing",     [QFU_CBOR_BYTES] = "bytes are missing",
      [QFU_CBOR_TEXT] = "a text is missing",       [QFU_CBOR_ARRAY] = "an array is missing",
      [QFU_CBOR_MAP] = "a map is missing",         [QFU_CBOR_TAG] = "a tag is missing",
      [QFU_CBOR_NOTHING] = "something is missing",
  };
  gsize size = next (cbor, item);

  if (size == 0 || item->kind != kind)
    return fail (error, names[kind]);
  cbor->data += size;
  cbor->size -= size;
  return TRUE;
}

gboolean
qfu_cbor_uint (QfuCbor *cbor, guint64 *value, GError **error)
{
  Item item;

  if (!take (cbor, QFU_CBOR_UINT, &item, error))
    return FALSE;
  *value = item.value;
  return TRUE;
}

gboolean
qfu_cbor_key (QfuCbor *cbor, guint64 value, GError **error)
{
  guint64 key;

  if (!qfu_cbor_uint (cbor, &key, error))
    return FALSE;
  return key == value || fail (error, "another key than the format has");
}

gboolean
qfu_cbor_has_key (QfuCbor *cbor, guint64 value)
{
  QfuCbor ahead = *cbor;

  if (!qfu_cbor_key (&ahead, value, NULL))
    return FALSE;
  *cbor = ahead;
  return TRUE;
}

gboolean
qfu_cbor_tag (QfuCbor *cbor, guint64 value, GError **error)
{
  Item item;

  if (!take (cbor, QFU_CBOR_TAG, &item, error))
    return FALSE;
  return item.value == value || fail (error, "another tag than the format has");
}

static gboolean
take_count (QfuCbor *cbor, QfuCborKind kind, guint64 max, guint64 *count, GError **error)
{
  Item item;

  if (!take (cbor, kind, &item, error))
    return FALSE;
  if (item.value > max) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT,
                 "CBOR: more than %" G_GUINT64_FORMAT " elements", max);
    return FALSE;
  }
  *count = item.value;
  return TRUE;
}

gboolean
qfu_cbor_array (QfuCbor *cbor, guint64 max, guint64 *count, GError **error)
{
  return take_count (cbor, QFU_CBOR_ARRAY, max, count, error);
}

gboolean
qfu_cbor_map (QfuCbor *cbor, guint64 max, guint64 *count, GError **error)
{
  return take_count (cbor, QFU_CBOR_MAP, max, count, error);
}

char *
qfu_cbor_text (QfuCbor *cbor, gsize max, GError **error)
{
  Item item;

  if (!take (cbor, QFU_CBOR_TEXT, &item, error))
    return NULL;
  if (item.size > max) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "CBOR: a text of more than %zu bytes", max);
    return NULL;
  }
  for (gsize i = 0; i < item.size; i++) {
    if (item.data[i] < 0x20 || item.data[i] > 0x7e) {
      fail (error, "a text that is not printable ASCII");
      return NULL;
    }
  }
  return g_strndup ((const char *)item.data, item.size);
}

gboolean
qfu_cbor_bytes (QfuCbor *cbor, QfuCbor *out, GError **error)
{
  Item item;

  if (!take (cbor, QFU_CBOR_BYTES, &item, error))
    return FALSE;
  *out = (QfuCbor){item.data, item.size};
  return TRUE;
}

gboolean
qfu_cbor_end (const QfuCbor *cbor, GError **error)
{
  return cbor->size == 0 || fail (error, "something follows the end");
}
