/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A machine of many devices for the packaged fwupd: each group of etc/many.conf is one. Nothing can
 * be written to them; they are there to be offered firmware. */

#include "fu-qubes-coreboot-compat.h"

static void
add_guids (FuDevice *device, GKeyFile *file, const char *group)
{
  g_auto (GStrv) guids = g_key_file_get_string_list (file, group, "Guids", NULL, NULL);
  g_auto (GStrv) vendors = g_key_file_get_string_list (file, group, "VendorIds", NULL, NULL);

  for (gsize i = 0; guids != NULL && guids[i] != NULL; i++)
    fu_device_add_instance_id (device, guids[i]);
  for (gsize i = 0; vendors != NULL && vendors[i] != NULL; i++)
    fu_device_add_vendor_id (device, vendors[i]);
}

static void
add_flags (FuDevice *device, GKeyFile *file, const char *group)
{
  g_auto (GStrv) flags = g_key_file_get_string_list (file, group, "Flags", NULL, NULL);

  for (gsize i = 0; flags != NULL && flags[i] != NULL; i++)
    fu_device_add_flag (device, fwupd_device_flag_from_string (flags[i]));
}

static FuDevice *
device_new (FuContext *ctx, GKeyFile *file, const char *group)
{
  FuDevice *device = fu_device_new (ctx);
  g_autofree char *version = g_key_file_get_string (file, group, "Version", NULL);
  g_autofree char *format = g_key_file_get_string (file, group, "Format", NULL);
  g_autofree char *lowest = g_key_file_get_string (file, group, "Lowest", NULL);
  g_autofree char *branch = g_key_file_get_string (file, group, "Branch", NULL);
  g_autofree char *protocol = g_key_file_get_string (file, group, "Protocol", NULL);

  fu_device_set_id (device, group);
  fu_device_set_physical_id (device, group);
  fu_device_set_name (device, group);
  fu_device_set_vendor (device, "Many");
  if (format != NULL)
    fu_device_set_version_format (device, fwupd_version_format_from_string (format));
  if (version != NULL)
    fu_device_set_version (device, version);
  if (lowest != NULL)
    fu_device_set_version_lowest (device, lowest);
  if (branch != NULL)
    fu_device_set_branch (device, branch);
  if (protocol != NULL)
    fu_device_add_protocol (device, protocol);
  add_guids (device, file, group);
  add_flags (device, file, group);
  return device;
}

static gboolean
many_coldplug (FuPlugin *plugin, FuProgress *progress, GError **error)
{
  g_autofree char *path = g_build_filename (g_getenv ("FWUPD_SYSCONFDIR"), "many.conf", NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) groups = NULL;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, error))
    return FALSE;
  groups = g_key_file_get_groups (file, NULL);
  for (gsize i = 0; groups[i] != NULL; i++) {
    g_autoptr (FuDevice) device = device_new (fu_plugin_get_context (plugin), file, groups[i]);

    if (!fu_device_setup (device, error))
      return FALSE;
    fu_compat_plugin_add_device (plugin, device);
  }
  return TRUE;
}

G_MODULE_EXPORT void
fu_plugin_init_vfuncs (FuPluginVfuncs *vfuncs)
{
  vfuncs->coldplug = many_coldplug;
}
