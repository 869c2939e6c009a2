/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-jsonread.h"

static gboolean
holds (JsonNode *node, GType type)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

const char *
qfu_json_node_text (JsonNode *node)
{
  return holds (node, G_TYPE_STRING) ? json_node_get_string (node) : NULL;
}

gint64
qfu_json_node_number (JsonNode *node)
{
  return holds (node, G_TYPE_INT64) ? MAX (json_node_get_int (node), -1) : -1;
}

const char *
qfu_json_member_text (JsonObject *object, const char *name)
{
  return qfu_json_node_text (json_object_get_member (object, name));
}

gint64
qfu_json_member_number (JsonObject *object, const char *name)
{
  return qfu_json_node_number (json_object_get_member (object, name));
}
