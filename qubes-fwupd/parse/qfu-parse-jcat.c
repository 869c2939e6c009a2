/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A jcat file: gzip around JSON, a list of items (files), each with blobs (checksums and
 * signatures). Read with json-glib: libjcat keeps one blob of a kind per item, and an item may hold
 * several signatures, of which any may be the good one. */
#include "qfu-error.h"
#include "qfu-parse-json.h"

#include <gio/gio.h>
#include <string.h>

#define FLAG_TEXT 1 /* the data is text, not base64 */

static const QfuJsonForm jcat_form = {"jcat file", QFU_JCAT_DEPTH_MAX, QFU_JCAT_VALUES_MAX};

static gboolean
fail_limit (GError **error, const char *what, guint64 max)
{
  return qfu_json_fail_limit (&jcat_form, what, max, error);
}

static gboolean
fail_format (GError **error, const char *what)
{
  return qfu_json_fail (&jcat_form, what, error);
}

/* Stops at the end of the first gzip member: files of the LVFS have eight more bytes behind it. */
static GByteArray *
decompress (const QfuParseInput *input, GError **error)
{
  g_autoptr (GZlibDecompressor) gzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GByteArray) json = g_byte_array_new ();
  g_autofree guint8 *chunk = g_malloc (16 * 1024);
  GConverterResult result = G_CONVERTER_CONVERTED;
  gsize pos = 0;

  while (result != G_CONVERTER_FINISHED) {
    gsize used;
    gsize made;
    g_autoptr (GError) local = NULL;

    result = g_converter_convert (G_CONVERTER (gzip), input->data + pos, input->size - pos, chunk,
                                  16 * 1024, G_CONVERTER_INPUT_AT_END, &used, &made, &local);
    if (result == G_CONVERTER_ERROR) {
      fail_format (error, "the gzip data is broken or cut");
      return NULL;
    }
    if (made > QFU_JCAT_JSON_MAX - json->len) {
      fail_limit (error, "bytes", QFU_JCAT_JSON_MAX);
      return NULL;
    }
    g_byte_array_append (json, chunk, (guint)made);
    pos += used;
  }
  return g_steal_pointer (&json);
}

static gboolean
emit_blob (JsonObject *object, const QfuParseSink *sink, GError **error)
{
  gint64 kind = qfu_json_member_int (object, "Kind", QFU_JCAT_KIND_MAX);
  gint64 flags = qfu_json_member_int (object, "Flags", G_MAXINT32);
  gint64 time = qfu_json_member_int (object, "Timestamp", G_MAXINT64);
  const char *text = qfu_json_member_string (object, "Data");
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_JCAT_BLOB);
  g_autofree guint8 *decoded = NULL;
  gsize size;

  if (kind < 0 || flags < 0 || text == NULL)
    return fail_format (error, "a blob without Kind, Flags or Data");
  size = strlen (text);
  if ((flags & FLAG_TEXT) == 0)
    decoded = g_base64_decode (text, &size);
  if (size > QFU_JCAT_BLOB_MAX)
    return fail_limit (error, "bytes in a blob", QFU_JCAT_BLOB_MAX);
  qfu_message_add_number (message, QFU_FIELD_KIND, (guint64)kind);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, (guint64)flags);
  if (time >= 0)
    qfu_message_add_number (message, QFU_FIELD_TIME, (guint64)time);
  qfu_message_add_bytes (message, QFU_FIELD_BLOB,
                         decoded != NULL ? (const void *)decoded : (const void *)text, size);
  return qfu_parse_emit (sink, message, error);
}

static gboolean
add_name (QfuMessage *message, QfuField field, const char *name, GError **error)
{
  if (name == NULL)
    return fail_format (error, "an item without a name");
  if (strlen (name) > QFU_JCAT_NAME_MAX)
    return fail_limit (error, "bytes in a name", QFU_JCAT_NAME_MAX);
  qfu_message_add_text (message, field, name);
  return TRUE;
}

static gboolean
emit_item (JsonObject *object, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_JCAT_ITEM);
  const char *id = qfu_json_member_string (object, "Id");
  JsonArray *aliases = qfu_json_member_array (object, "AliasIds");
  JsonArray *blobs = qfu_json_member_array (object, "Blobs");
  guint n_aliases = aliases == NULL ? 0 : json_array_get_length (aliases);
  guint n_blobs = blobs == NULL ? 0 : json_array_get_length (blobs);

  if (n_aliases > QFU_JCAT_ALIASES_MAX)
    return fail_limit (error, "aliases of an item", QFU_JCAT_ALIASES_MAX);
  if (n_blobs > QFU_JCAT_BLOBS_MAX)
    return fail_limit (error, "blobs of an item", QFU_JCAT_BLOBS_MAX);
  if (!add_name (message, QFU_FIELD_ID, id, error))
    return FALSE;
  for (guint i = 0; i < n_aliases; i++) {
    const char *alias = qfu_json_string (json_array_get_element (aliases, i));

    if (!add_name (message, QFU_FIELD_ALIAS, alias, error))
      return FALSE;
  }
  if (!qfu_parse_emit (sink, message, error))
    return FALSE;
  for (guint i = 0; i < n_blobs; i++) {
    JsonObject *blob = qfu_json_object (json_array_get_element (blobs, i));

    if (blob == NULL)
      return fail_format (error, "a blob that is no object");
    if (!emit_blob (blob, sink, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
emit_items (JsonNode *root, const QfuParseSink *sink, GError **error)
{
  JsonArray *items = qfu_json_member_array (qfu_json_object (root), "Items");

  if (items == NULL)
    return fail_format (error, "no Items");
  if (json_array_get_length (items) > QFU_JCAT_ITEMS_MAX)
    return fail_limit (error, "items", QFU_JCAT_ITEMS_MAX);
  for (guint i = 0; i < json_array_get_length (items); i++) {
    JsonObject *item = qfu_json_object (json_array_get_element (items, i));

    if (item == NULL)
      return fail_format (error, "an item that is no object");
    if (!emit_item (item, sink, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_parse_jcat (const QfuMessage *arguments,
                const QfuParseInput *inputs,
                gsize n_inputs,
                const QfuParseSink *sink,
                GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GByteArray) json = NULL;

  if (inputs[0].size == 0)
    return fail_format (error, "it is empty");
  if (inputs[0].size > QFU_JCAT_SIZE_MAX)
    return fail_limit (error, "compressed bytes", QFU_JCAT_SIZE_MAX);
  json = decompress (&inputs[0], error);
  parser = json == NULL ? NULL : qfu_json_read (&jcat_form, json->data, json->len, error);
  return parser != NULL && emit_items (json_parser_get_root (parser), sink, error);
}
