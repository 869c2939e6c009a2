/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-outcome.h"

#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-text.h"

#include <string.h>

#define FILE_NAME "attestation.json"

gboolean
qfu_outcome_save (const QfuConfig *config, JsonNode *document, GError **error)
{
  g_autofree char *text = json_to_string (document, TRUE);
  g_autofree char *clean = qfu_text_json (text);
  g_autofree char *lines = g_strconcat (clean, "\n", NULL);
  return qfu_durable_write (config->state, FILE_NAME, lines, error);
}

static gboolean
has_value (JsonObject *object, const char *name, GType type)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

static gboolean
is_outcome (JsonNode *root)
{
  static const char *const texts[] = {"schema", "result", "bootId", "log"};
  JsonObject *object =
      root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;

  for (gsize i = 0; object != NULL && i < G_N_ELEMENTS (texts); i++) {
    if (!has_value (object, texts[i], G_TYPE_STRING))
      return FALSE;
  }
  return object != NULL && has_value (object, "time", G_TYPE_INT64) &&
         strcmp (json_object_get_string_member (object, "schema"), QFU_OUTCOME_SCHEMA) == 0;
}

JsonNode *
qfu_outcome_load (const QfuConfig *config, GError **error)
{
  g_autofree char *text =
      qfu_durable_read (config->state, FILE_NAME, QFU_REFSTORE_ENTRY_MAX, error);
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) local = NULL;

  if (text == NULL)
    return NULL;
  root = json_from_string (text, &local);
  if (is_outcome (root))
    return g_steal_pointer (&root);
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT,
               "%s/%s is damaged: %s; `qubes-fwupdmgr attest` writes it anew", config->state,
               FILE_NAME, local != NULL ? local->message : "it is no outcome");
  return NULL;
}
