/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON of strangers, made safe before json-glib sees it. */
#include "qfu-parse-json.h"

#include "qfu-error.h"

#include <string.h>

gboolean
qfu_json_fail (const QfuJsonForm *form, const char *what, GError **error)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "not a %s: %s", form->name, what);
  return FALSE;
}

gboolean
qfu_json_fail_limit (const QfuJsonForm *form, const char *what, guint64 max, GError **error)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "%s in the %s: more than %" G_GUINT64_FORMAT,
               what, form->name, max);
  return FALSE;
}

/* The bytes that JSON has outside of strings; json-glib would take comments and more. */
static gboolean
plain_byte_ok (guint8 byte)
{
  return byte != 0 && strchr ("[]{}:,+-.0123456789eEtrufalsn\" \t\r\n", byte) != NULL;
}

/* An escaped NUL would end the string for json-glib, and hide what follows. */
static gboolean
is_escaped_nul (const guint8 *data, gsize left)
{
  return left >= 6 && memcmp (data, "\\u0000", 6) == 0;
}

static gboolean
is_space (const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++) {
    if (data[i] == 0 || strchr (" \t\r\n", data[i]) == NULL)
      return FALSE;
  }
  return TRUE;
}

/* json-glib recurses as deep as the text goes: the depth is measured before it sees the text. It
 * would also take several values in a row, and lose the first ones. */
static gboolean
scan (const QfuJsonForm *form, const guint8 *data, gsize size, GError **error)
{
  gboolean in_string = FALSE;
  guint depth = 0;
  guint values = 0;

  for (gsize i = 0; i < size; i++) {
    guint8 byte = data[i];

    if (in_string && byte == '\\' && is_escaped_nul (data + i, size - i))
      return qfu_json_fail (form, "a text with a NUL", error);
    if (byte < 0x20 ? in_string || !plain_byte_ok (byte) : !in_string && !plain_byte_ok (byte))
      return qfu_json_fail (form, "a byte that JSON does not have", error);
    if (depth == 0 && strchr ("[{ \t\r\n", byte) == NULL)
      return qfu_json_fail (form, "it begins with something else than an object", error);
    if (byte == '"')
      in_string = !in_string;
    else if (in_string)
      i += byte == '\\'; /* whatever is escaped ends no string */
    else if (byte == '[' || byte == '{')
      depth++;
    else if ((byte == ']' || byte == '}') && --depth == 0)
      return is_space (data + i + 1, size - i - 1) ||
             qfu_json_fail (form, "something follows its end", error);
    else
      values += byte == ',';
    if (depth > form->depth_max)
      return qfu_json_fail_limit (form, "nested arrays", form->depth_max, error);
    if (values > form->values_max)
      return qfu_json_fail_limit (form, "values", form->values_max, error);
  }
  return qfu_json_fail (form, "it is cut", error);
}

JsonParser *
qfu_json_read (const QfuJsonForm *form, const guint8 *data, gsize size, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();

  if (!scan (form, data, size, error))
    return NULL;
  if (!json_parser_load_from_data (parser, (const char *)data, (gssize)size, NULL) ||
      json_parser_get_root (parser) == NULL) {
    qfu_json_fail (form, "its JSON is broken", error);
    return NULL;
  }
  return g_steal_pointer (&parser);
}

JsonObject *
qfu_json_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
qfu_json_array (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

const char *
qfu_json_string (JsonNode *node)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

gint64
qfu_json_int (JsonNode *node, gint64 max)
{
  gint64 number;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_INT64)
    return -1;
  number = json_node_get_int (node);
  return number >= 0 && number <= max ? number : -1;
}

static JsonNode *
member (JsonObject *object, const char *name)
{
  return object != NULL ? json_object_get_member (object, name) : NULL;
}

JsonObject *
qfu_json_member_object (JsonObject *object, const char *name)
{
  return qfu_json_object (member (object, name));
}

JsonArray *
qfu_json_member_array (JsonObject *object, const char *name)
{
  return qfu_json_array (member (object, name));
}

const char *
qfu_json_member_string (JsonObject *object, const char *name)
{
  return qfu_json_string (member (object, name));
}

gint64
qfu_json_member_int (JsonObject *object, const char *name, gint64 max)
{
  return qfu_json_int (member (object, name), max);
}
