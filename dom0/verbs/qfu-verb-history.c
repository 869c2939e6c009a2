/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* get-history and get-results: what fwupd remembers of updates. */

#include "qfu-error.h"
#include "qfu-fwupd-calls.h"
#include "qfu-fwupd-history.h"
#include "qfu-print.h"
#include "qfu-select.h"
#include "qfu-verbs.h"

static const char *
or_unknown (const char *text)
{
  return text == NULL ? "unknown" : text;
}

static void
say_update (const QfuOptions *options, const QfuUpdateHistory *update)
{
  g_autofree char *time = update->time == 0 ? NULL : qfu_time_text (update->time);

  qfu_say_as (options, QFU_STYLE_BOLD, "%s: %s -> %s", update->device_name,
              or_unknown (update->version_from), or_unknown (update->version_to));
  qfu_say_fact (options, "id", "%s", update->device_id);
  qfu_say_fact (options, "result", "%s", qfu_update_state_name (update->state));
  if (update->failure != NULL)
    qfu_say_fact (options, "because", "%s", update->failure);
  if (time != NULL)
    qfu_say_fact (options, "time", "%s", time);
}

static void
show_update (const QfuOptions *options, JsonBuilder *builder, const QfuUpdateHistory *update)
{
  say_update (options, update);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "deviceId", update->device_id);
  qfu_json_text (builder, "deviceName", update->device_name);
  qfu_json_text (builder, "plugin", update->plugin);
  qfu_json_text (builder, "versionFrom", update->version_from);
  qfu_json_text (builder, "versionTo", update->version_to);
  qfu_json_text (builder, "result", qfu_update_state_name (update->state));
  qfu_json_text (builder, "failure", update->failure);
  qfu_json_number (builder, "time", update->time);
  json_builder_set_member_name (builder, "reports");
  json_builder_begin_array (builder);
  for (guint i = 0; i < update->reports->len; i++) {
    const QfuUpdateReport *report = g_ptr_array_index (update->reports, i);

    if (options->verbose)
      qfu_say (options, "  %s=%s", report->name, report->value);
    json_builder_begin_object (builder);
    qfu_json_text (builder, "name", report->name);
    qfu_json_text (builder, "value", report->value);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static gboolean
show (const QfuOptions *options, const char *member, const GPtrArray *updates, GError **error)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; i < updates->len; i++)
    show_update (options, builder, g_ptr_array_index (updates, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  return updates->len > 0 || qfu_error_set (error, QFU_ERROR_NOTHING, "fwupd remembers no update");
}

gboolean
qfu_verb_get_history (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (GPtrArray) updates = qfu_fwupd_history (config, error);

  return updates != NULL && show (options, "history", updates, error);
}

gboolean
qfu_verb_get_results (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  const char *wanted = qfu_options_device (options);
  g_autoptr (QfuMachine) machine = qfu_fwupd_machine (config, error);
  g_autoptr (GPtrArray) all = NULL;

  if (machine == NULL)
    return FALSE;
  all = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  g_autoptr (GPtrArray) updates = g_ptr_array_new ();
  for (guint i = 0; i < machine->devices->len; i++) {
    const QfuChoice choice = {.devices = machine->devices};
    const QfuDevice *device = g_ptr_array_index (machine->devices, i);
    GPtrArray *found = NULL;

    if (wanted != NULL)
      device = qfu_select_device (&choice, wanted, error);
    found = device == NULL ? NULL : qfu_fwupd_results (config, device->id, error);
    if (found == NULL)
      return FALSE;
    g_ptr_array_add (all, found);
    g_ptr_array_extend (updates, found, NULL, NULL);
    if (wanted != NULL)
      break;
  }
  return show (options, "results", updates, error);
}
