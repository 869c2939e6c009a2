/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-agent-config.h"

#include "qfu-keyfile.h"

#include <string.h>

#define GROUP "Agent"
#define KEYS "CAFile, Proxy, Metered, ConnectSeconds, IdleSeconds, TotalSeconds"

static const struct {
  const char *key;
  gsize offset;
  guint max;         /* of a number of seconds, which is at least 1; 0: a string */
  const char *words; /* of a string, when it is one of a list: they, `;` between them */
} keys[] = {
    {"CAFile", G_STRUCT_OFFSET (QfuAgentConfig, ca_file), 0, NULL},
    {"Proxy", G_STRUCT_OFFSET (QfuAgentConfig, proxy), 0, NULL},
    {"Metered", G_STRUCT_OFFSET (QfuAgentConfig, metered), 0, "auto;yes;no"},
    {"ConnectSeconds", G_STRUCT_OFFSET (QfuAgentConfig, connect_seconds), 3600, NULL},
    {"IdleSeconds", G_STRUCT_OFFSET (QfuAgentConfig, idle_seconds), 3600, NULL},
    {"TotalSeconds", G_STRUCT_OFFSET (QfuAgentConfig, total_seconds), 86400, NULL},
};

static gboolean
take_text (const QfuKeyfileLine *line, const char *words, char **member, GError **error)
{
  g_auto (GStrv) all = words == NULL ? NULL : g_strsplit (words, ";", -1);
  g_autofree char *listed = all == NULL ? NULL : g_strjoinv (", ", all);
  g_autofree char *allowed = g_strdup_printf ("one of %s is allowed", listed);

  if (all != NULL && !g_strv_contains ((const char *const *)all, line->value))
    return qfu_keyfile_refuse (line, allowed, error);
  g_free (*member);
  *member = g_strdup (line->value);
  return TRUE;
}

static gboolean
take_seconds (const QfuKeyfileLine *line, guint max, guint *member, GError **error)
{
  g_autofree char *allowed = g_strdup_printf ("a number from 1 to %u is allowed", max);
  guint64 number;

  if (!g_ascii_string_to_unsigned (line->value, 10, 1, max, &number, NULL))
    return qfu_keyfile_refuse (line, allowed, error);
  *member = (guint)number;
  return TRUE;
}

static gboolean
take_line (QfuAgentConfig *config, const QfuKeyfileLine *line, GError **error)
{
  if (strcmp (line->group, GROUP) != 0)
    return qfu_keyfile_refuse (line, "there is no such group; allowed is " GROUP, error);
  if (line->key == NULL)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    gpointer member = G_STRUCT_MEMBER_P (config, keys[i].offset);

    if (strcmp (keys[i].key, line->key) != 0)
      continue;
    return keys[i].max == 0 ? take_text (line, keys[i].words, member, error)
                            : take_seconds (line, keys[i].max, member, error);
  }
  return qfu_keyfile_refuse (line, "there is no such key; allowed are " KEYS, error);
}

QfuAgentConfig *
qfu_agent_config_load (const char *path, GError **error)
{
  g_autoptr (QfuAgentConfig) config = g_new0 (QfuAgentConfig, 1);
  g_autoptr (QfuKeyfile) file =
      qfu_keyfile_read (path != NULL ? path : QFU_AGENT_CONFIG, path == NULL, error);

  config->ca_file = g_strdup ("");
  config->proxy = g_strdup ("");
  config->metered = g_strdup ("auto");
  config->connect_seconds = 30;
  config->idle_seconds = 30;
  config->total_seconds = 3600;
  if (file == NULL)
    return NULL;
  for (guint i = 0; i < file->lines->len; i++) {
    if (!take_line (config, g_ptr_array_index (file->lines, i), error))
      return NULL;
  }
  return g_steal_pointer (&config);
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
