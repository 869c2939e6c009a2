/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* get-releases: every version that verified metadata has for a device. */

#include "qfu-clock.h"
#include "qfu-domain-show.h"
#include "qfu-error.h"
#include "qfu-print.h"
#include "qfu-releases.h"
#include "qfu-verbs.h"

/* (transfer full): "urgency high, 1.2 MB, fixes CVE-1, CVE-2"; may be empty. */
static char *
describe (const QfuListed *listed)
{
  const QfuComponentRelease *data = qfu_release_data (listed->release);
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *cves = g_strjoinv (", ", data->cves);
  const char *branch = qfu_release_component (listed->release)->branch;

  if (branch != NULL)
    g_ptr_array_add (parts, g_strdup_printf ("branch %s", branch));
  if (data->urgency != NULL)
    g_ptr_array_add (parts, g_strdup_printf ("urgency %s", data->urgency));
  if (data->size > 0)
    g_ptr_array_add (parts, g_format_size (data->size));
  if (cves[0] != '\0')
    g_ptr_array_add (parts, g_strdup_printf ("fixes %s", cves));
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (", ", (char **)parts->pdata);
}

static void
say_release (const QfuOptions *options, const QfuListed *listed)
{
  const QfuComponentRelease *data = qfu_release_data (listed->release);
  g_autofree char *details = describe (listed);
  g_autofree char *date = data->time == 0 ? NULL : qfu_time_text ((gint64)data->time);

  qfu_say (options, "  %s  %s, %s%s%.10s", data->version, qfu_listed_order (listed),
           listed->source->remote, date == NULL ? "" : ", ", date == NULL ? "" : date);
  if (details[0] != '\0')
    qfu_say (options, "    %s", details);
  if (listed->reason != NULL)
    qfu_say (options, "    cannot be installed: %s", listed->reason);
  if (options->verbose && data->description != NULL)
    qfu_say_prose (options, data->description);
}

static void
show_release (const QfuOptions *options, JsonBuilder *builder, const QfuListed *listed)
{
  const QfuComponentRelease *data = qfu_release_data (listed->release);

  say_release (options, listed);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "version", data->version);
  qfu_json_text (builder, "order", qfu_listed_order (listed));
  qfu_json_flag (builder, "installable", listed->reason == NULL);
  qfu_json_text (builder, "reason", listed->reason);
  qfu_json_text (builder, "remote", listed->source->remote);
  qfu_json_text (builder, "component", qfu_release_component (listed->release)->id);
  qfu_json_text (builder, "branch", qfu_release_component (listed->release)->branch);
  qfu_json_number (builder, "time", (gint64)data->time);
  qfu_json_text (builder, "urgency", data->urgency);
  qfu_json_number (builder, "size", (gint64)data->size);
  qfu_json_digest (builder, "sha256", &data->sha256);
  qfu_json_text (builder, "location", data->location);
  qfu_json_texts (builder, "cves", (const char *const *)data->cves);
  qfu_json_text (builder, "description", data->description);
  json_builder_end_object (builder);
}

static guint
show_device (const QfuInventory *inventory,
             const QfuOptions *options,
             const QfuDevice *device,
             JsonBuilder *builder)
{
  QfuOptions all = *options;
  g_autoptr (GPtrArray) releases = NULL;
  g_autofree char *whose = NULL;

  /* that it is older or the same is said beside; it is no reason here */
  all.allow_older = TRUE;
  all.allow_reinstall = TRUE;
  releases = qfu_releases_list (inventory, &all, device);
  if (device->domain != NULL)
    whose = g_strdup_printf (" (as reported by %s)", device->domain);
  qfu_say_as (options, QFU_STYLE_BOLD, "%s: %s%s%s", device->name,
              device->version == NULL ? "unknown" : device->version, whose == NULL ? "" : whose,
              releases->len == 0 ? ", the metadata has nothing for it" : "");
  json_builder_begin_object (builder);
  qfu_json_text (builder, "domain", qfu_device_domain (device));
  qfu_json_text (builder, "deviceId", device->id);
  qfu_json_text (builder, "deviceName", device->name);
  qfu_json_text (builder, "version", device->version);
  json_builder_set_member_name (builder, "releases");
  json_builder_begin_array (builder);
  for (guint i = 0; i < releases->len; i++)
    show_release (options, builder, g_ptr_array_index (releases, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return releases->len;
}

gboolean
qfu_verb_get_releases (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuInventory) inventory = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  guint n = 0;
  gint64 now;

  if (!qfu_clock_now (config, &now, error))
    return FALSE;
  inventory = qfu_inventory_load_domains (config, qfu_options_device (options), now, error);
  devices = inventory == NULL
                ? NULL
                : qfu_inventory_select (inventory, qfu_options_device (options), error);
  if (devices == NULL)
    return FALSE;
  json_builder_begin_object (builder);
  qfu_sources_json (config, inventory->sources, builder);
  json_builder_set_member_name (builder, "devices");
  json_builder_begin_array (builder);
  for (guint i = 0; i < devices->len; i++)
    n += show_device (inventory, options, g_ptr_array_index (devices, i), builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
  if (qfu_options_device (options) == NULL) {
    qfu_domains_say_left (options, inventory->domains);
    if (!qfu_domains_end (inventory->domains, inventory->domains_problem, NULL, error))
      return FALSE;
  }
  if (n > 0)
    return TRUE;
  return qfu_error_set (error, QFU_ERROR_NOTHING,
                        "the metadata has no release for this machine's devices");
}
