/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* get-remotes and get-devices: what fwupd knows. */

#include "qfu-fwupd-calls.h"
#include "qfu-verbs.h"
#include "qfu-plugin-builds.h"
#include "qfu-print.h"

static void
show_remote (const QfuOptions *options, JsonBuilder *builder, const QfuRemote *remote)
{
  qfu_say (options, "%s%s%s", remote->id, remote->title == NULL ? "" : ": ",
           remote->title == NULL ? "" : remote->title);
  qfu_say (options, "  %s", remote->enabled ? "enabled" : "disabled");
  if (remote->url != NULL)
    qfu_say (options, "  %s", remote->url);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "id", remote->id);
  qfu_json_text (builder, "title", remote->title);
  qfu_json_text (builder, "url", remote->url);
  qfu_json_flag (builder, "enabled", remote->enabled);
  qfu_json_flag (builder, "download", remote->download);
  json_builder_end_object (builder);
}

static void
show_device (const QfuOptions *options, JsonBuilder *builder, const QfuDevice *device)
{
  qfu_say (options, "%s", device->name);
  qfu_say (options, "  id       %s", device->id);
  if (device->vendor != NULL)
    qfu_say (options, "  vendor   %s", device->vendor);
  if (device->version != NULL)
    qfu_say (options, "  version  %s", device->version);
  qfu_say (options, "  %s", device->flags & QFU_DEVICE_UPDATABLE ? "updatable" : "not updatable");
  for (gsize i = 0; options->verbose && device->guids[i] != NULL; i++)
    qfu_say (options, "  guid     %s", device->guids[i]);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "id", device->id);
  qfu_json_text (builder, "name", device->name);
  qfu_json_text (builder, "vendor", device->vendor);
  qfu_json_text (builder, "summary", device->summary);
  qfu_json_text (builder, "plugin", device->plugin);
  qfu_json_text (builder, "version", device->version);
  qfu_json_text (builder, "versionFormat", device->version_format);
  qfu_json_text (builder, "versionLowest", device->version_lowest);
  qfu_json_flag (builder, "updatable", (device->flags & QFU_DEVICE_UPDATABLE) != 0);
  qfu_json_flag (builder, "needsReboot", (device->flags & QFU_DEVICE_NEEDS_REBOOT) != 0);
  qfu_json_texts (builder, "guids", (const char *const *)device->guids);
  json_builder_end_object (builder);
}

gboolean
qfu_verb_get_remotes (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (GPtrArray) remotes = qfu_fwupd_remotes (config, error);
  JsonBuilder *builder;

  if (remotes == NULL)
    return FALSE;
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "remotes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < remotes->len; i++)
    show_remote (options, builder, g_ptr_array_index (remotes, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  return TRUE;
}

/* An update of fwupd leaves the plugin behind, and the device is gone without a word. */
static void
warn_of_plugin (const QfuConfig *config, JsonBuilder *builder, const char *fwupd_version)
{
  g_autoptr (GPtrArray) builds = qfu_plugin_builds (config);
  g_autofree char *trouble =
      fwupd_version == NULL ? NULL : qfu_plugin_builds_trouble (builds, fwupd_version);

  qfu_json_text (builder, "pluginTrouble", trouble);
  if (trouble != NULL)
    qfu_warn ("warning: %s", trouble);
}

gboolean
qfu_verb_get_devices (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuMachine) machine = qfu_fwupd_machine (config, error);
  JsonBuilder *builder;

  if (machine == NULL)
    return FALSE;
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "devices");
  json_builder_begin_array (builder);
  for (guint i = 0; i < machine->devices->len; i++)
    show_device (options, builder, g_ptr_array_index (machine->devices, i));
  json_builder_end_array (builder);
  warn_of_plugin (config, builder, machine->fwupd_version);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  if (machine->devices->len == 0)
    qfu_say (options, "fwupd knows no device");
  return TRUE;
}
