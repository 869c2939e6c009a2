/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-config-value.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-qubesd.h"

#include <string.h>

static gboolean
refuse (const QfuConfigKey *key, const char *value, const char *allowed, GError **error)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "[%s] %s=%s: %s", key->group, key->key, value,
               allowed);
  return FALSE;
}

static gboolean
set_number (const QfuConfigKey *key, guint *member, const char *value, GError **error)
{
  g_autofree char *allowed =
      g_strdup_printf ("a number from %u to %u is allowed", key->min, key->max);
  guint64 number;

  if (!g_ascii_string_to_unsigned (value, 10, key->min, key->max, &number, NULL))
    return refuse (key, value, allowed, error);
  *member = (guint)number;
  return TRUE;
}

static gboolean
set_flag (const QfuConfigKey *key, gboolean *member, const char *value, GError **error)
{
  *member = strcmp (value, "true") == 0;
  if (!*member && strcmp (value, "false") != 0)
    return refuse (key, value, "true or false is allowed", error);
  return TRUE;
}

static gboolean
set_choice (const QfuConfigKey *key, guint *member, const char *value, GError **error)
{
  g_auto (GStrv) words = g_strsplit (key->words, ";", -1);
  g_autofree char *listed = g_strjoinv (", ", words);
  g_autofree char *allowed = g_strdup_printf ("one of %s is allowed", listed);

  for (guint i = 0; words[i] != NULL; i++) {
    *member = i;
    if (strcmp (words[i], value) == 0)
      return TRUE;
  }
  return refuse (key, value, allowed, error);
}

/* A serial number that means nothing here would be one that still counts. */
static gboolean
set_serials (const QfuConfigKey *key, char ***member, const char *value, GError **error)
{
  g_auto (GStrv) words = g_strsplit (value, ";", QFU_CONFIG_SERIALS_MAX + 1);
  g_autoptr (GPtrArray) serials = g_ptr_array_new_with_free_func (g_free);

  if (g_strv_length (words) > QFU_CONFIG_SERIALS_MAX)
    return refuse (key, "…", "at most 1024 serial numbers are allowed", error);
  for (gsize i = 0; words[i] != NULL; i++) {
    const char *word = g_strstrip (words[i]);
    gsize length = strlen (word);

    if (length == 0)
      continue;
    if (strspn (word, "0123456789abcdefABCDEF") != length || length > 2 * QFU_SIGNATURE_SERIAL_MAX)
      return refuse (
          key, word,
          "serial numbers of up to 128 hexadecimal digits, ';' between them, are allowed", error);
    g_ptr_array_add (serials, g_ascii_strdown (word + strspn (word, "0"), -1));
  }
  g_ptr_array_add (serials, NULL);
  g_strfreev (*member);
  *member = (char **)g_ptr_array_free (g_steal_pointer (&serials), FALSE);
  return TRUE;
}

/* A word that is neither would be a source that is silently never there. */
static gboolean
set_paths (const QfuConfigKey *key, char ***member, const char *value, GError **error)
{
  g_auto (GStrv) words = g_strsplit (value, ";", QFU_CONFIG_SOURCES_MAX + 1);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  gboolean sources_too = key->kind == QFU_CONFIG_SOURCES;

  if (g_strv_length (words) > QFU_CONFIG_SOURCES_MAX)
    return refuse (key, "…", "at most 16 paths are allowed", error);
  for (gsize i = 0; words[i] != NULL; i++) {
    const char *word = g_strstrip (words[i]);

    if (*word == '\0')
      continue;
    if (!g_path_is_absolute (word) && (!sources_too || strcmp (word, QFU_CONFIG_CBMEM) != 0))
      return refuse (key, word,
                     sources_too
                         ? "absolute paths and the word cbmem, ';' between them, are allowed"
                         : "absolute paths, ';' between them, are allowed",
                     error);
    g_ptr_array_add (paths, g_strdup (word));
  }
  g_ptr_array_add (paths, NULL);
  g_strfreev (*member);
  *member = (char **)g_ptr_array_free (g_steal_pointer (&paths), FALSE);
  return TRUE;
}

static gboolean
set_vms (const QfuConfigKey *key, char ***member, const char *value, GError **error)
{
  g_auto (GStrv) words = g_strsplit (value, ";", QFU_CONFIG_VMS_MAX + 1);
  g_autoptr (GPtrArray) vms = g_ptr_array_new_with_free_func (g_free);

  if (g_strv_length (words) > QFU_CONFIG_VMS_MAX)
    return refuse (key, "…", "at most 16 names of VMs are allowed", error);
  for (gsize i = 0; words[i] != NULL; i++) {
    const char *word = g_strstrip (words[i]);

    if (*word == '\0')
      continue;
    if (!qfu_qubesd_vm_name_ok (word))
      return refuse (key, word, "names of VMs other than dom0, ';' between them, are allowed",
                     error);
    g_ptr_array_add (vms, g_strdup (word));
  }
  g_ptr_array_add (vms, NULL);
  g_strfreev (*member);
  *member = (char **)g_ptr_array_free (g_steal_pointer (&vms), FALSE);
  return TRUE;
}

gboolean
qfu_config_value_set (QfuConfig *config, const QfuConfigKey *key, const char *text, GError **error)
{
  gpointer member = G_STRUCT_MEMBER_P (config, key->offset);
  g_autofree char *value = g_strstrip (g_strdup (text));

  switch (key->kind) {
  case QFU_CONFIG_NUMBER:
    return set_number (key, member, value, error);
  case QFU_CONFIG_FLAG:
    return set_flag (key, member, value, error);
  case QFU_CONFIG_CHOICE:
    return set_choice (key, member, value, error);
  case QFU_CONFIG_SERIALS:
    return set_serials (key, member, value, error);
  case QFU_CONFIG_SOURCES:
  case QFU_CONFIG_PATHS:
    return set_paths (key, member, value, error);
  case QFU_CONFIG_VMS:
    return set_vms (key, member, value, error);
  case QFU_CONFIG_PATH:
    /* another one would mean another folder with each working directory */
    if (!g_path_is_absolute (value))
      return refuse (key, value, "an absolute path is allowed", error);
    G_GNUC_FALLTHROUGH;
  case QFU_CONFIG_STRING:
  default:
    g_free (*(char **)member);
    *(char **)member = g_steal_pointer (&value);
    return TRUE;
  }
}
