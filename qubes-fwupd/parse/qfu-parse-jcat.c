/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A jcat file: gzip around JSON, a list of items (files), each with blobs (checksums and
 * signatures). Read with json-glib: libjcat keeps one blob of a kind per item, and an item may hold
 * several signatures, of which any may be the good one. */
#include "qfu-error.h"
#include "qfu-parse.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#define FLAG_TEXT 1 /* the data is text, not base64 */

static gboolean
fail_limit (GError **error, const char *what, guint64 max)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "%s: more than %" G_GUINT64_FORMAT, what, max);
  return FALSE;
}

static gboolean
fail_format (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "not a jcat file: %s", what);
  return FALSE;
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
      fail_limit (error, "bytes in the jcat file", QFU_JCAT_JSON_MAX);
      return NULL;
    }
    g_byte_array_append (json, chunk, (guint)made);
    pos += used;
  }
  return g_steal_pointer (&json);
}

/* The bytes that JSON has outside of strings; json-glib would take comments and more. */
static gboolean
plain_byte_ok (guint8 byte)
{
  return byte != 0 && strchr ("[]{}:,+-.0123456789eEtrufalsn\" \t\r\n", byte) != NULL;
}

/* An escaped NUL would end the string for json-glib, and hide what follows. */
static gboolean
is_escaped_nul (const GByteArray *json, guint at)
{
  return json->len - at >= 6 && memcmp (json->data + at, "\\u0000", 6) == 0;
}

static gboolean
is_space (const GByteArray *json, guint start)
{
  for (guint i = start; i < json->len; i++) {
    if (json->data[i] == 0 || strchr (" \t\r\n", json->data[i]) == NULL)
      return FALSE;
  }
  return TRUE;
}

/* json-glib recurses as deep as the text goes: the depth is measured before it sees the text. It
 * would also take several values in a row, and lose the first ones. */
static gboolean
scan (const GByteArray *json, GError **error)
{
  gboolean in_string = FALSE;
  guint depth = 0;
  guint values = 0;

  for (guint i = 0; i < json->len; i++) {
    guint8 byte = json->data[i];

    if (in_string && byte == '\\' && is_escaped_nul (json, i))
      return fail_format (error, "a text with a NUL");
    if (byte < 0x20 ? in_string || !plain_byte_ok (byte) : !in_string && !plain_byte_ok (byte))
      return fail_format (error, "a byte that JSON does not have");
    if (depth == 0 && strchr ("[{ \t\r\n", byte) == NULL)
      return fail_format (error, "it begins with something else than an object");
    if (byte == '"')
      in_string = !in_string;
    else if (in_string)
      i += byte == '\\'; /* whatever is escaped ends no string */
    else if (byte == '[' || byte == '{')
      depth++;
    else if ((byte == ']' || byte == '}') && --depth == 0)
      return is_space (json, i + 1) || fail_format (error, "something follows its end");
    else
      values += byte == ',';
    if (depth > QFU_JCAT_DEPTH_MAX)
      return fail_limit (error, "nested arrays in the jcat file", QFU_JCAT_DEPTH_MAX);
    if (values > QFU_JCAT_VALUES_MAX)
      return fail_limit (error, "values in the jcat file", QFU_JCAT_VALUES_MAX);
  }
  return fail_format (error, "it is cut");
}

/* The member's array, %NULL when there is none. */
static JsonArray *
member_array (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static const char *
node_string (JsonNode *node)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

/* The member's number when it is in 0..@max, else -1. */
static gint64
member_number (JsonObject *object, const char *name, gint64 max)
{
  JsonNode *node = json_object_get_member (object, name);
  gint64 number;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_INT64)
    return -1;
  number = json_node_get_int (node);
  return number >= 0 && number <= max ? number : -1;
}

static JsonObject *
element_object (JsonArray *array, guint index)
{
  JsonNode *node = json_array_get_element (array, index);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static gboolean
emit_blob (JsonObject *object, const QfuParseSink *sink, GError **error)
{
  gint64 kind = member_number (object, "Kind", QFU_JCAT_KIND_MAX);
  gint64 flags = member_number (object, "Flags", G_MAXINT32);
  gint64 time = member_number (object, "Timestamp", G_MAXINT64);
  const char *text = node_string (json_object_get_member (object, "Data"));
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_JCAT_BLOB);
  g_autofree guint8 *decoded = NULL;
  gsize size;

  if (kind < 0 || flags < 0 || text == NULL)
    return fail_format (error, "a blob without Kind, Flags or Data");
  size = strlen (text);
  if ((flags & FLAG_TEXT) == 0)
    decoded = g_base64_decode (text, &size);
  if (size > QFU_JCAT_BLOB_MAX)
    return fail_limit (error, "bytes in a blob of the jcat file", QFU_JCAT_BLOB_MAX);
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
    return fail_limit (error, "bytes in a name of the jcat file", QFU_JCAT_NAME_MAX);
  qfu_message_add_text (message, field, name);
  return TRUE;
}

static gboolean
emit_item (JsonObject *object, const QfuParseSink *sink, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_JCAT_ITEM);
  const char *id = node_string (json_object_get_member (object, "Id"));
  JsonArray *aliases = member_array (object, "AliasIds");
  JsonArray *blobs = member_array (object, "Blobs");
  guint n_aliases = aliases == NULL ? 0 : json_array_get_length (aliases);
  guint n_blobs = blobs == NULL ? 0 : json_array_get_length (blobs);

  if (n_aliases > QFU_JCAT_ALIASES_MAX)
    return fail_limit (error, "aliases of an item in the jcat file", QFU_JCAT_ALIASES_MAX);
  if (n_blobs > QFU_JCAT_BLOBS_MAX)
    return fail_limit (error, "blobs of an item in the jcat file", QFU_JCAT_BLOBS_MAX);
  if (!add_name (message, QFU_FIELD_ID, id, error))
    return FALSE;
  for (guint i = 0; i < n_aliases; i++) {
    const char *alias = node_string (json_array_get_element (aliases, i));

    if (!add_name (message, QFU_FIELD_ALIAS, alias, error))
      return FALSE;
  }
  if (!qfu_parse_emit (sink, message, error))
    return FALSE;
  for (guint i = 0; i < n_blobs; i++) {
    JsonObject *blob = element_object (blobs, i);

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
  JsonArray *items = root != NULL && JSON_NODE_HOLDS_OBJECT (root)
                         ? member_array (json_node_get_object (root), "Items")
                         : NULL;

  if (items == NULL)
    return fail_format (error, "no Items");
  if (json_array_get_length (items) > QFU_JCAT_ITEMS_MAX)
    return fail_limit (error, "items in the jcat file", QFU_JCAT_ITEMS_MAX);
  for (guint i = 0; i < json_array_get_length (items); i++) {
    JsonObject *item = element_object (items, i);

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
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GByteArray) json = NULL;

  if (inputs[0].size == 0)
    return fail_format (error, "it is empty");
  if (inputs[0].size > QFU_JCAT_SIZE_MAX)
    return fail_limit (error, "compressed bytes in the jcat file", QFU_JCAT_SIZE_MAX);
  json = decompress (&inputs[0], error);
  if (json == NULL || !scan (json, error))
    return FALSE;
  if (!json_parser_load_from_data (parser, (const char *)json->data, json->len, NULL))
    return fail_format (error, "its JSON is broken");
  return emit_items (json_parser_get_root (parser), sink, error);
}
