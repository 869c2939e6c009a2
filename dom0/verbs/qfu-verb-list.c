/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* get-remotes and get-devices: what fwupd knows. */

#include "qfu-clock.h"
#include "qfu-device-show.h"
#include "qfu-fwupd-calls.h"
#include "qfu-plugin-builds.h"
#include "qfu-print.h"
#include "qfu-remote-show.h"
#include "qfu-tree.h"
#include "qfu-verbs.h"

gboolean
qfu_verb_get_remotes (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (GPtrArray) remotes = qfu_fwupd_remotes (config, error);
  JsonBuilder *builder;
  gint64 now = 0;

  if (remotes == NULL)
    return FALSE;
  /* what there is can be listed by a machine whose clock is wrong, too */
  if (!qfu_clock_now (config, &now, NULL))
    now = 0;
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "remotes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < remotes->len; i++)
    qfu_remote_show (config, options, g_ptr_array_index (remotes, i), now, builder);
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

static void
say_tree (const QfuOptions *options, const GPtrArray *devices)
{
  g_autoptr (GPtrArray) rows = qfu_tree_rows (devices);

  for (guint i = 0; i < rows->len; i++) {
    const QfuTreeRow *row = g_ptr_array_index (rows, i);

    qfu_print_margin (row->first, row->rest);
    qfu_device_say (options, row->device);
  }
  qfu_print_margin (NULL, NULL);
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
    qfu_device_json (builder, g_ptr_array_index (machine->devices, i));
  json_builder_end_array (builder);
  say_tree (options, machine->devices);
  warn_of_plugin (config, builder, machine->fwupd_version);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  if (machine->devices->len == 0)
    qfu_say (options, "fwupd knows no device");
  return TRUE;
}
