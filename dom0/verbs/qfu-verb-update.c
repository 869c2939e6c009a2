/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* get-updates and update: which devices, which releases, one after the other. */

#include "qfu-clock.h"
#include "qfu-device-show.h"
#include "qfu-directory-offers.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-lock.h"
#include "qfu-print.h"
#include "qfu-recovery.h"
#include "qfu-release-show.h"
#include "qfu-update.h"
#include "qfu-verbs.h"

typedef gboolean (*OfferFunc) (QfuInventory *inventory,
                               const QfuOptions *options,
                               const QfuDevice *device,
                               const QfuOffer *offer,
                               JsonBuilder *builder,
                               GError **error);

static void
keep_failure (const QfuDevice *device, JsonBuilder *builder, GError *problem, GError **failure)
{
  json_builder_begin_object (builder);
  qfu_json_text (builder, "deviceId", device->id);
  qfu_json_text (builder, "deviceName", device->name);
  qfu_json_error (builder, problem);
  json_builder_end_object (builder);
  if (*failure != NULL) {
    qfu_warn ("qubes-fwupdmgr: %s", problem->message);
    g_error_free (problem);
  } else {
    *failure = problem;
  }
}

/* Calls @func for every selected device that has an offer. Goes on after a failure and reports the
 * first at the end. */
static guint
each_offer (QfuInventory *inventory,
            const QfuOptions *options,
            const GPtrArray *devices,
            OfferFunc func,
            JsonBuilder *builder,
            GError **failure)
{
  guint done = 0;

  for (guint i = 0; i < devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (devices, i);
    g_autoptr (GError) local = NULL;
    QfuOffer offer;

    if (qfu_inventory_offer (inventory, options, device, &offer, &local) &&
        func (inventory, options, device, &offer, builder, &local)) {
      done++;
      continue;
    }
    if (g_error_matches (local, QFU_ERROR, QFU_ERROR_NOTHING))
      qfu_say (options, "%s", local->message);
    else
      keep_failure (device, builder, g_steal_pointer (&local), failure);
  }
  return done;
}

static gboolean
show_offer (QfuInventory *inventory,
            const QfuOptions *options,
            const QfuDevice *device,
            const QfuOffer *offer,
            JsonBuilder *builder,
            GError **error)
{
  const QfuRelease *release = offer->release;
  const QfuComponentRelease *data = qfu_release_data (release);

  qfu_say_as (options, QFU_STYLE_BOLD, "%s: %s -> %s", device->name, qfu_device_version (device),
              qfu_release_version (release));
  qfu_say_fact (options, "remote", "%s", offer->source->remote);
  qfu_release_say (options, data);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "deviceId", device->id);
  qfu_json_text (builder, "deviceName", device->name);
  qfu_json_text (builder, "versionFrom", device->version);
  qfu_json_text (builder, "versionTo", qfu_release_version (release));
  qfu_json_text (builder, "remote", offer->source->remote);
  qfu_release_json (builder, data);
  json_builder_end_object (builder);
  return TRUE;
}

static gboolean
run_offers (QfuInventory *inventory,
            const QfuOptions *options,
            const char *member,
            OfferFunc func,
            gint64 now,
            GError **error)
{
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) failure = NULL;
  guint done;

  devices = qfu_inventory_select (inventory, qfu_options_device (options), error);
  if (devices == NULL)
    return FALSE;
  json_builder_begin_object (builder);
  qfu_sources_json (inventory->config, inventory->sources, builder);
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  done = each_offer (inventory, options, devices, func, builder, &failure);
  json_builder_end_array (builder);
  if (func == show_offer)
    done += qfu_directory_offers_show (inventory, options, devices, now, builder);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
  /* who asks what there is has an answer, whatever else cannot be installed */
  if (failure != NULL && done > 0 && func == show_offer) {
    qfu_warn ("warning: %s", failure->message);
    return TRUE;
  }
  if (failure != NULL) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  if (done == 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOTHING,
                         devices->len > 0
                             ? "there is nothing to update"
                             : "no device can be updated now; `qubes-fwupdmgr get-devices` lists "
                               "them (one that was just written waits for a reboot)");
    return FALSE;
  }
  return TRUE;
}

gboolean
qfu_verb_get_updates (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuInventory) inventory = NULL;
  gint64 now;

  if (!qfu_clock_now (config, &now, error))
    return FALSE;
  inventory = qfu_inventory_load (config, now, error);
  return inventory != NULL && run_offers (inventory, options, "updates", show_offer, now, error);
}

gboolean
qfu_verb_update (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (QfuFd) lock = -1;
  g_autoptr (QfuInventory) inventory = NULL;
  gint64 now;

  if (!qfu_lock_take (config, options, &lock, error) ||
      !qfu_recovery_before (config, options, error) || !qfu_clock_start (config, &now, error))
    return FALSE;
  inventory = qfu_inventory_load (config, now, error);
  return inventory != NULL && qfu_inventory_check_fresh (inventory, options, error) &&
         run_offers (inventory, options, "updated", qfu_update_run, now, error);
}
