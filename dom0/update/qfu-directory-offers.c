/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-directory-offers.h"

#include "qfu-cab-check.h"
#include "qfu-error.h"
#include "qfu-fit.h"
#include "qfu-limits.h"
#include "qfu-print.h"

typedef struct {
  const QfuInventory *inventory;
  const QfuOptions *options;
  const GPtrArray *devices;
  gint64 now;
  JsonBuilder *builder;
  guint count;
} Show;

QfuPolicy
qfu_directory_offers_policy (const QfuInventory *inventory,
                             const QfuOptions *options,
                             const QfuRemote *remote)
{
  QfuPolicy policy = qfu_inventory_policy (inventory, options, NULL, NULL);

  if (remote != NULL) {
    policy.remote = remote->id;
    policy.rules = qfu_config_remote (inventory->config, remote->id);
  }
  return policy;
}

static void
show_offer (Show *show,
            const QfuRemote *remote,
            const char *file,
            const QfuDevice *device,
            const QfuComponentRelease *release)
{
  show->count++;
  qfu_say (show->options, "%s: %s -> %s", device->name,
           device->version == NULL ? "unknown" : device->version, release->version);
  qfu_say_fact (show->options, "remote", "%s", remote->id);
  qfu_say_fact (show->options, "file", "%s", file);
  qfu_say_whole (show->options, "  qubes-fwupdmgr install --local %s", file);
  json_builder_begin_object (show->builder);
  qfu_json_text (show->builder, "deviceId", device->id);
  qfu_json_text (show->builder, "deviceName", device->name);
  qfu_json_text (show->builder, "versionFrom", device->version);
  qfu_json_text (show->builder, "versionTo", release->version);
  qfu_json_text (show->builder, "remote", remote->id);
  qfu_json_text (show->builder, "file", file);
  json_builder_end_object (show->builder);
}

static gboolean
show_cab (Show *show, const QfuRemote *remote, const char *file, GError **error)
{
  const QfuConfig *config = show->inventory->config;
  const QfuPolicy policy = qfu_directory_offers_policy (show->inventory, show->options, remote);
  g_autoptr (QfuUntrustedBlob) blob =
      qfu_untrusted_blob_load (file, QFU_CAB_SIZE_MAX, FALSE, error);
  g_autoptr (QfuCabReport) report =
      blob == NULL ? NULL
                   : qfu_cab_check (config, blob, policy.rules.firmware_keys, show->now, error);
  const QfuComponent *component;

  if (report == NULL)
    return FALSE;
  if (report->content == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED, "%s", report->reasons[0]);
    return FALSE;
  }
  component = qfu_cab_content_component (report->content);
  for (guint i = 0; i < show->devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (show->devices, i);
    const QfuComponentRelease *release = qfu_cab_content_release (report->content);
    g_autofree char *objection = NULL;

    /* a USB qube gets only what metadata names */
    if (device->domain != NULL || !qfu_fit_guids (component, (const char *const *)device->guids))
      continue;
    objection = qfu_fit_objection (component, release, device, &policy);
    if (objection == NULL)
      show_offer (show, remote, file, device, release);
    else
      g_debug ("%s: %s: %s", file, device->name, objection);
  }
  return TRUE;
}

static void
show_remote (Show *show, const QfuRemote *remote)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) cabs = qfu_directory_cabs (remote, &error);

  if (cabs == NULL)
    qfu_warn ("warning: %s", error->message);
  for (guint i = 0; cabs != NULL && i < cabs->len; i++) {
    const char *file = g_ptr_array_index (cabs, i);
    g_autoptr (GError) local = NULL;

    if (!show_cab (show, remote, file, &local))
      qfu_warn ("warning: remote %s: %s is left out: %s", remote->id, file, local->message);
  }
}

guint
qfu_directory_offers_show (const QfuInventory *inventory,
                           const QfuOptions *options,
                           const GPtrArray *devices,
                           gint64 now,
                           JsonBuilder *builder)
{
  Show show = {inventory, options, devices, now, builder, 0};

  json_builder_set_member_name (builder, "local");
  json_builder_begin_array (builder);
  for (guint i = 0; i < inventory->remotes->len; i++) {
    const QfuRemote *remote = g_ptr_array_index (inventory->remotes, i);

    if (qfu_directory_is (remote))
      show_remote (&show, remote);
  }
  json_builder_end_array (builder);
  return show.count;
}
