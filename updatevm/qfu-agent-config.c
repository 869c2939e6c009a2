/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-agent-config.h"

#include "qfu-error.h"

#include <string.h>

#define GROUP "Agent"

static const struct {
  const char *key;
  gsize offset;
  guint max; /* of a number of seconds, which is at least 1; 0: a string */
} keys[] = {
    {"CAFile", G_STRUCT_OFFSET (QfuAgentConfig, ca_file), 0},
    {"Proxy", G_STRUCT_OFFSET (QfuAgentConfig, proxy), 0},
    {"Metered", G_STRUCT_OFFSET (QfuAgentConfig, metered), 0},
    {"ConnectSeconds", G_STRUCT_OFFSET (QfuAgentConfig, connect_seconds), 3600},
    {"IdleSeconds", G_STRUCT_OFFSET (QfuAgentConfig, idle_seconds), 3600},
    {"TotalSeconds", G_STRUCT_OFFSET (QfuAgentConfig, total_seconds), 86400},
};

static gboolean
load_key (QfuAgentConfig *config, GKeyFile *file, const char *key, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_autofree char *value = NULL;
    gpointer member = G_STRUCT_MEMBER_P (config, keys[i].offset);
    guint64 number;

    if (strcmp (keys[i].key, key) != 0)
      continue;
    value = g_key_file_get_string (file, GROUP, key, error);
    if (value == NULL)
      return FALSE;
    g_strstrip (value);
    if (keys[i].max == 0) {
      g_free (*(char **)member);
      *(char **)member = g_steal_pointer (&value);
      return TRUE;
    }
    if (!g_ascii_string_to_unsigned (value, 10, 1, keys[i].max, &number, error))
      return FALSE;
    *(guint *)member = (guint)number;
    return TRUE;
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "there is no such key");
  return FALSE;
}

static gboolean
load_groups (QfuAgentConfig *config, GKeyFile *file, GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  g_auto (GStrv) names = NULL;

  for (gsize i = 0; groups[i] != NULL; i++) {
    if (strcmp (groups[i], GROUP) != 0) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "there is no group [%s]", groups[i]);
      return FALSE;
    }
  }
  names = g_key_file_get_keys (file, GROUP, NULL, NULL);
  for (gsize i = 0; names != NULL && names[i] != NULL; i++) {
    if (!load_key (config, file, names[i], error)) {
      g_prefix_error (error, "[" GROUP "] %s: ", names[i]);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
check_words (const QfuAgentConfig *config, GError **error)
{
  static const char *const words[] = {"auto", "yes", "no", NULL};

  if (g_strv_contains (words, config->metered))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
               "[" GROUP "] Metered=%s: one of auto, yes, no is allowed", config->metered);
  return FALSE;
}

QfuAgentConfig *
qfu_agent_config_load (const char *path, GError **error)
{
  g_autoptr (QfuAgentConfig) config = g_new0 (QfuAgentConfig, 1);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) local = NULL;
  const char *name = path != NULL ? path : QFU_AGENT_CONFIG;

  config->ca_file = g_strdup ("");
  config->proxy = g_strdup ("");
  config->metered = g_strdup ("auto");
  config->connect_seconds = 30;
  config->idle_seconds = 30;
  config->total_seconds = 3600;
  if (!g_key_file_load_from_file (file, name, G_KEY_FILE_NONE, &local)) {
    if (path == NULL && g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
      return g_steal_pointer (&config);
  } else if (load_groups (config, file, &local) && check_words (config, &local)) {
    return g_steal_pointer (&config);
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s: %s", name, local->message);
  return NULL;
}

void
qfu_agent_config_free (QfuAgentConfig *config)
{
  if (config == NULL)
    return;
  g_free (config->ca_file);
  g_free (config->proxy);
  g_free (config->metered);
  g_free (config);
}
