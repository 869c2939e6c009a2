/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* get-details: what a cab at hand holds, who signed it, and what it is for. */

#include "qfu-clock.h"
#include "qfu-domain-show.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-print.h"
#include "qfu-releases.h"
#include "qfu-verbs.h"
#include "qfu-verify-show.h"

static void
show_name (const QfuOptions *options,
           JsonBuilder *builder,
           const QfuDevice *device,
           const QfuListed *listed)
{
  const char *version = qfu_release_version (listed->release);
  g_autofree char *where =
      device->domain == NULL ? NULL : g_strdup_printf (" in %s", device->domain);

  qfu_say (options, "  remote %s, as version %s of %s%s%s%s", listed->source->remote, version,
           device->name, where == NULL ? "" : where, listed->reason == NULL ? "" : ": ",
           listed->reason == NULL ? "" : listed->reason);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "remote", listed->source->remote);
  qfu_json_text (builder, "domain", qfu_device_domain (device));
  qfu_json_text (builder, "deviceId", device->id);
  qfu_json_text (builder, "deviceName", device->name);
  qfu_json_text (builder, "version", version);
  qfu_json_flag (builder, "installable", listed->reason == NULL);
  qfu_json_text (builder, "reason", listed->reason);
  json_builder_end_object (builder);
}

static guint
show_names (const QfuInventory *inventory,
            const QfuOptions *options,
            JsonBuilder *builder,
            const QfuDevice *device,
            const QfuDigest *sha256)
{
  g_autoptr (GPtrArray) releases = qfu_releases_list (inventory, options, device);
  guint n = 0;

  for (guint i = 0; i < releases->len; i++) {
    const QfuListed *listed = g_ptr_array_index (releases, i);
    const QfuComponentRelease *data = qfu_release_data (listed->release);

    if (!data->has_sha256 || !qfu_digest_equal (&data->sha256, sha256))
      continue;
    show_name (options, builder, device, listed);
    n++;
  }
  return n;
}

/* Which verified metadata name it for a device of this machine: what `install` takes without a
 * person's word. */
static void
show_metadata (const QfuConfig *config,
               const QfuOptions *options,
               JsonBuilder *builder,
               const QfuDigest *sha256,
               gint64 now)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (QfuInventory) inventory = qfu_inventory_load_domains (config, NULL, now, &problem);
  guint n = 0;

  json_builder_set_member_name (builder, "namedBy");
  if (inventory == NULL) {
    qfu_say (options, "whether verified metadata name it is not known: %s", problem->message);
    json_builder_add_null_value (builder);
    return;
  }
  qfu_say (options, "verified metadata that name it for a device of this machine:");
  json_builder_begin_array (builder);
  for (guint i = 0; i < inventory->devices->len; i++)
    n +=
        show_names (inventory, options, builder, g_ptr_array_index (inventory->devices, i), sha256);
  json_builder_end_array (builder);
  qfu_domains_warn (options, inventory->domains, inventory->domains_problem);
  if (n == 0)
    qfu_say (options, "  none; a person may install it by `install --local` all the same, as far "
                      "as its own signatures are good");
}

static void
show_reasons (const QfuOptions *options, JsonBuilder *builder, const QfuCabReport *report)
{
  for (gsize i = 0; report->reasons[i] != NULL; i++)
    qfu_say (options, "rejected: %s", report->reasons[i]);
  qfu_json_texts (builder, "reasons", (const char *const *)report->reasons);
}

gboolean
qfu_verb_get_details (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  const char *path = options->arguments[0];
  g_autoptr (QfuUntrustedBlob) cab = NULL;
  g_autoptr (QfuCabReport) report = NULL;
  JsonBuilder *builder;
  gint64 now;

  if (path == NULL)
    return qfu_error_set (error, QFU_ERROR_USAGE, "get-details needs the path of a cab");
  cab = qfu_untrusted_blob_load (path, QFU_CAB_SIZE_MAX, FALSE, error);
  if (cab == NULL || !qfu_clock_now (config, &now, error))
    return FALSE;
  report = qfu_cab_check (config, cab, config->firmware_keys, now, error);
  if (report == NULL)
    return FALSE;
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  qfu_json_digest (builder, "sha256", qfu_untrusted_blob_sha256 (cab));
  qfu_json_number (builder, "size", (gint64)qfu_untrusted_blob_size (cab));
  qfu_verify_show_items (options, builder, report->items);
  qfu_verify_show_component (options, builder, report);
  qfu_verify_show_devices (config, options, builder, report);
  show_metadata (config, options, builder, qfu_untrusted_blob_sha256 (cab), now);
  show_reasons (options, builder, report);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
  if (report->items->len > 0)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "%s holds nothing that can be read: %s", path,
               report->reasons[0] == NULL ? "it is empty" : report->reasons[0]);
  return FALSE;
}
