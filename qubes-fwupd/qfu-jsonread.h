/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/* What our own JSON files hold, of which anything may be damaged. The texts belong to the node. */

/* Returns: (transfer none) (nullable): @node as a text; %NULL when it is none, or is missing. */
const char *qfu_json_node_text (JsonNode *node);
/* Returns: @node as a number; -1 when it is none, is below zero, or is missing. */
gint64 qfu_json_node_number (JsonNode *node);
/* The same of the member @name. */
const char *qfu_json_member_text (JsonObject *object, const char *name);
gint64 qfu_json_member_number (JsonObject *object, const char *name);
