/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

#include <json-glib/json-glib.h>

/**
 * QfuJsonForm:
 * @name: what such a file is called in messages, such as "jcat file"
 * @depth_max: nested arrays and objects
 * @values_max: values in arrays and objects
 *
 * A kind of JSON file, and how much of it is taken.
 */
typedef struct {
  const char *name;
  guint depth_max;
  guint values_max;
} QfuJsonForm;

/**
 * qfu_json_read:
 * @form: what it shall be
 * @data: the text
 * @size: its size in bytes, which the caller has compared with a maximum
 * @error: #QFU_ERROR_FORMAT, #QFU_ERROR_LIMIT
 *
 * Measures depth and number of the values before json-glib sees the text, and refuses what
 * json-glib would take although it is no JSON: comments, several roots, an escaped NUL that would
 * end a string.
 *
 * Returns: (transfer full): the parser that owns the document, whose root is an array or object
 */
JsonParser *qfu_json_read (const QfuJsonForm *form, const guint8 *data, gsize size, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* #QFU_ERROR_FORMAT and #QFU_ERROR_LIMIT about such a file; always %FALSE. */
gboolean qfu_json_fail (const QfuJsonForm *form, const char *what, GError **error);
gboolean
qfu_json_fail_limit (const QfuJsonForm *form, const char *what, guint64 max, GError **error);

/* (transfer none) (nullable): the node as an object, a text or an array; %NULL for %NULL and for
 * what is something else. */
JsonObject *qfu_json_object (JsonNode *node);
JsonArray *qfu_json_array (JsonNode *node);
const char *qfu_json_string (JsonNode *node);
/* The whole number when it is in 0..@max, else -1. */
gint64 qfu_json_int (JsonNode *node, gint64 max);

/* The same for a member of @object, which may be %NULL. */
JsonObject *qfu_json_member_object (JsonObject *object, const char *name);
JsonArray *qfu_json_member_array (JsonObject *object, const char *name);
const char *qfu_json_member_string (JsonObject *object, const char *name);
gint64 qfu_json_member_int (JsonObject *object, const char *name, gint64 max);
