/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-remote-rules.h"

#include "qfu-error.h"
#include "qfu-limits.h"

#include <string.h>

#define GROUP_PREFIX "Remote "
#define SYSTEM_REMOTE "lvfs" /* may offer system firmware when nothing is said */

typedef enum { SYSTEM_UNSET, SYSTEM_NO, SYSTEM_YES } System;

struct _QfuRemoteGroup {
  char *id;
  char *metadata_keys;
  char *firmware_keys;
  char **devices;
  System system;
};

void
qfu_remote_group_free (QfuRemoteGroup *group)
{
  if (group == NULL)
    return;
  g_free (group->id);
  g_free (group->metadata_keys);
  g_free (group->firmware_keys);
  g_strfreev (group->devices);
  g_free (group);
}

const char *
qfu_remote_group_id (const QfuRemoteGroup *group)
{
  return group->id;
}

QfuRemoteGroup *
qfu_remote_group_new (const char *name, GError **error)
{
  const char *id = g_str_has_prefix (name, GROUP_PREFIX) ? name + strlen (GROUP_PREFIX) : "";
  QfuRemoteGroup *group;

  if (id[0] == '\0' || strlen (id) > QFU_CACHE_ID_MAX ||
      strspn (id, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-") != strlen (id)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "[%s]: [Remote ID] with an id of [A-Za-z0-9._-] as `qubes-fwupdmgr get-remotes` "
                 "shows it is allowed",
                 name);
    return NULL;
  }
  group = g_new0 (QfuRemoteGroup, 1);
  group->id = g_strdup (id);
  group->metadata_keys = g_strdup ("");
  group->firmware_keys = g_strdup ("");
  group->devices = g_new0 (char *, 1);
  return group;
}

static gboolean
refuse (const QfuRemoteGroup *group,
        const char *key,
        const char *value,
        const char *allowed,
        GError **error)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "[Remote %s] %s=%s: %s", group->id, key, value,
               allowed);
  return FALSE;
}

/* 8-4-4-4-12 hexadecimal digits of either case. */
static gboolean
is_guid (const char *text)
{
  return strlen (text) == 36 && g_uuid_string_is_valid (text);
}

/* Such as USB:0x273F or DMI:coreboot: a kind in capitals, a colon, and something behind it. */
static gboolean
is_vendor_id (const char *text)
{
  gsize kind = strspn (text, G_CSET_A_2_Z G_CSET_DIGITS "_");

  return kind > 0 && text[kind] == ':' && text[kind + 1] != '\0' &&
         strlen (text) <= QFU_CONFIG_VENDOR_ID_MAX;
}

static gboolean
set_devices (QfuRemoteGroup *group, const char *key, const char *value, GError **error)
{
  g_auto (GStrv) words = g_strsplit (value, ";", QFU_CONFIG_DEVICES_MAX + 1);
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_free);

  if (g_strv_length (words) > QFU_CONFIG_DEVICES_MAX)
    return refuse (group, key, "…", "at most 256 GUIDs and vendor ids are allowed", error);
  for (gsize i = 0; words[i] != NULL; i++) {
    const char *word = g_strstrip (words[i]);

    if (is_guid (word))
      g_ptr_array_add (devices, g_ascii_strdown (word, -1));
    else if (is_vendor_id (word))
      g_ptr_array_add (devices, g_strdup (word));
    else if (word[0] != '\0')
      return refuse (group, key, word,
                     "GUIDs (8-4-4-4-12 hexadecimal digits) and vendor ids (such as USB:0x273F), "
                     "';' between them, are allowed",
                     error);
  }
  if (devices->len == 0 && value[strspn (value, " \t")] != '\0')
    return refuse (group, key, value, "it is not empty, but names no device", error);
  g_ptr_array_add (devices, NULL);
  g_strfreev (group->devices);
  group->devices = (char **)g_ptr_array_free (g_steal_pointer (&devices), FALSE);
  return TRUE;
}

static gboolean
set_system (QfuRemoteGroup *group, const char *key, const char *value, GError **error)
{
  if (strcmp (value, "true") == 0)
    group->system = SYSTEM_YES;
  else if (strcmp (value, "false") == 0)
    group->system = SYSTEM_NO;
  else if (value[0] == '\0')
    group->system = SYSTEM_UNSET;
  else
    return refuse (group, key, value, "true, false or nothing is allowed", error);
  return TRUE;
}

static gboolean
set_keys (QfuRemoteGroup *group, const char *key, const char *value, GError **error)
{
  char **keys = strcmp (key, "MetadataKeys") == 0 ? &group->metadata_keys : &group->firmware_keys;

  if (value[0] != '\0' && !g_path_is_absolute (value))
    return refuse (group, key, value, "an absolute path or nothing is allowed", error);
  g_free (*keys);
  *keys = g_strdup (value);
  return TRUE;
}

static const struct {
  const char *key;
  gboolean (*set) (QfuRemoteGroup *group, const char *key, const char *value, GError **error);
} rows[] = {
    {"MetadataKeys", set_keys},
    {"FirmwareKeys", set_keys},
    {"Devices", set_devices},
    {"SystemFirmware", set_system},
};

gboolean
qfu_remote_group_set (QfuRemoteGroup *group, const char *key, const char *value, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (strcmp (rows[i].key, key) == 0)
      return rows[i].set (group, key, value, error);
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
               "[Remote %s] %s=%s: there is no such key; allowed are MetadataKeys, FirmwareKeys, "
               "Devices, SystemFirmware",
               group->id, key, value);
  return FALSE;
}

QfuRemoteRules
qfu_remote_rules (const QfuRemoteGroup *group,
                  const char *id,
                  const char *metadata_keys,
                  const char *firmware_keys)
{
  static const char *const any[] = {NULL};
  QfuRemoteRules rules = {metadata_keys, any, strcmp (id, SYSTEM_REMOTE) == 0, firmware_keys};

  if (group == NULL)
    return rules;
  if (group->metadata_keys[0] != '\0')
    rules.metadata_keys = group->metadata_keys;
  if (group->firmware_keys[0] != '\0')
    rules.firmware_keys = group->firmware_keys;
  if (group->system != SYSTEM_UNSET)
    rules.system_firmware = group->system == SYSTEM_YES;
  rules.devices = (const char *const *)group->devices;
  return rules;
}
