/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* get-remotes and get-devices: what fwupd knows. */

#include "qfu-clock.h"
#include "qfu-device-show.h"
#include "qfu-domain-show.h"
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

/* @below: whether there is a line about their domain before them. */
static void
say_tree (const QfuOptions *options, const GPtrArray *devices, gboolean below)
{
  g_autoptr (GPtrArray) rows = qfu_tree_rows (devices);

  if (below)
    qfu_tree_rows_below (rows);
  for (guint i = 0; i < rows->len; i++) {
    const QfuTreeRow *row = g_ptr_array_index (rows, i);

    qfu_print_margin (row->first, row->rest);
    qfu_device_say (options, row->device);
  }
  qfu_print_margin (NULL, NULL);
}

static void
say_below (const QfuOptions *options, const GPtrArray *devices)
{
  say_tree (options, devices, TRUE);
  if (devices->len == 0)
    qfu_say (options, "  no device");
}

/* One after the other, each below a line about it; without a USB qube there is no such line. */
static void
say_domains (const QfuOptions *options, const QfuMachine *machine, const GPtrArray *domains)
{
  if (domains->len == 0) {
    say_tree (options, machine->devices, FALSE);
    return;
  }
  qfu_domain_say (options, NULL);
  say_below (options, machine->devices);
  for (guint i = 0; i < domains->len; i++) {
    const QfuDomain *domain = g_ptr_array_index (domains, i);

    qfu_domain_say (options, domain);
    if (domain->qube != NULL)
      say_below (options, domain->qube->devices);
  }
}

static void
devices_json (JsonBuilder *builder, const QfuMachine *machine, const GPtrArray *domains)
{
  json_builder_set_member_name (builder, "devices");
  json_builder_begin_array (builder);
  for (guint i = 0; i < machine->devices->len; i++)
    qfu_device_json (builder, g_ptr_array_index (machine->devices, i));
  for (guint i = 0; i < domains->len; i++) {
    const QfuDomain *domain = g_ptr_array_index (domains, i);

    for (guint j = 0; domain->qube != NULL && j < domain->qube->devices->len; j++)
      qfu_device_json (builder, g_ptr_array_index (domain->qube->devices, j));
  }
  json_builder_end_array (builder);
  qfu_domains_json (builder, domains);
}

gboolean
qfu_verb_get_devices (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (GError) unknown = NULL;
  g_autoptr (GPtrArray) domains = qfu_domains_start (config, &unknown);
  g_autoptr (QfuMachine) machine = qfu_fwupd_machine (config, error);
  JsonBuilder *builder;

  if (machine == NULL)
    return FALSE;
  qfu_domains_finish (domains, machine);
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  devices_json (builder, machine, domains);
  say_domains (options, machine, domains);
  warn_of_plugin (config, builder, machine->fwupd_version);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  if (machine->devices->len == 0 && domains->len == 0)
    qfu_say (options, "fwupd knows no device");
  return qfu_domains_end (domains, unknown, NULL, error);
}
