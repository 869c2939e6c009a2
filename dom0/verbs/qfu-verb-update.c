/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* get-updates and update: which devices, which releases, one after the other. */

#include "qfu-clock.h"
#include "qfu-device-show.h"
#include "qfu-directory-offers.h"
#include "qfu-domain-show.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-lock.h"
#include "qfu-print.h"
#include "qfu-recovery.h"
#include "qfu-release-show.h"
#include "qfu-update.h"
#include "qfu-verbs.h"

#include <string.h>

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
  qfu_json_text (builder, "domain", qfu_device_domain (device));
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
  qfu_json_text (builder, "domain", qfu_device_domain (device));
  qfu_json_text (builder, "deviceId", device->id);
  qfu_json_text (builder, "deviceName", device->name);
  qfu_json_text (builder, "versionFrom", device->version);
  qfu_json_text (builder, "versionTo", qfu_release_version (release));
  qfu_json_text (builder, "remote", offer->source->remote);
  qfu_release_json (builder, data);
  json_builder_end_object (builder);
  return TRUE;
}

/* @domain: (nullable): to say before it, so that a qube's name for its device does not begin a row.
 */
static void
say_nothing (const QfuOptions *options, const char *domain, const char *message)
{
  if (domain == NULL)
    qfu_say (options, "%s", message);
  else
    qfu_say (options, "%s: %s", domain, message);
}

/* Calls @func when there is an offer for @device. */
static gboolean
try_offer (QfuInventory *inventory,
           const QfuOptions *options,
           const QfuDevice *device,
           OfferFunc func,
           JsonBuilder *builder,
           GError **error)
{
  QfuOffer offer;
  GError *local = NULL;

  if (qfu_inventory_offer (inventory, options, device, &offer, &local))
    return func (inventory, options, device, &offer, builder, error);
  /* why there is none begins with the name, which is a qube's word */
  if (device->domain != NULL && !g_error_matches (local, QFU_ERROR, QFU_ERROR_NOTHING))
    g_prefix_error (&local, "%s: ", device->domain);
  g_propagate_error (error, local);
  return FALSE;
}

/* Calls @func for every one of @devices that has an offer. Goes on after a failure and reports the
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

    if (try_offer (inventory, options, device, func, builder, &local)) {
      done++;
      continue;
    }
    if (g_error_matches (local, QFU_ERROR, QFU_ERROR_NOTHING))
      say_nothing (options, func == show_offer ? NULL : device->domain, local->message);
    else
      keep_failure (device, builder, g_steal_pointer (&local), failure);
  }
  return done;
}

/* (transfer container) */
static GPtrArray *
devices_of (const GPtrArray *devices, const char *domain)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (devices, i);

    if (strcmp (qfu_device_domain (device), domain) == 0)
      g_ptr_array_add (found, (gpointer)device);
  }
  return found;
}

/* get-updates for those of @devices that are in one domain; @domain: (nullable): %NULL: dom0. */
static guint
show_domain (QfuInventory *inventory,
             const QfuOptions *options,
             const GPtrArray *devices,
             const QfuDomain *domain,
             JsonBuilder *builder,
             GError **failure)
{
  g_autoptr (GPtrArray) own = devices_of (devices, domain == NULL ? QFU_DOM0 : domain->name);
  guint done;

  if (own->len == 0 && qfu_options_device (options) != NULL)
    return 0;
  qfu_domain_say (options, domain);
  qfu_print_margin ("  ", "  ");
  done = each_offer (inventory, options, own, show_offer, builder, failure);
  if (own->len == 0 && (domain == NULL || domain->qube != NULL))
    qfu_say (options, "no device can be updated now");
  qfu_print_margin (NULL, NULL);
  return done;
}

/* get-updates of a machine with USB qubes: one domain after the other, below a line about it. */
static guint
show_domains (QfuInventory *inventory,
              const QfuOptions *options,
              const GPtrArray *devices,
              JsonBuilder *builder,
              GError **failure)
{
  guint done = show_domain (inventory, options, devices, NULL, builder, failure);

  for (guint i = 0; i < inventory->domains->len; i++)
    done += show_domain (inventory, options, devices, g_ptr_array_index (inventory->domains, i),
                         builder, failure);
  return done;
}

/* How it ends: with @failure (transfer full) (nullable), with what keeps a qube from being looked
 * at, or with nothing done. A person who names a device asks for no other. */
static gboolean
conclude (const QfuInventory *inventory,
          const QfuOptions *options,
          guint n_devices,
          guint done,
          GError *failure,
          GError **error)
{
  gboolean all = qfu_options_device (options) == NULL;

  if (!qfu_domains_end (all ? inventory->domains : NULL, all ? inventory->domains_problem : NULL,
                        failure, error))
    return FALSE;
  if (done > 0)
    return TRUE;
  return qfu_error_set (error, QFU_ERROR_NOTHING,
                        n_devices > 0
                            ? "there is nothing to update"
                            : "no device can be updated now; `qubes-fwupdmgr get-devices` lists "
                              "them (one that was just written waits for a reboot)");
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
  gboolean listing = func == show_offer;
  GError *failure = NULL;
  guint done;

  devices = qfu_inventory_select (inventory, qfu_options_device (options), error);
  if (devices == NULL)
    return FALSE;
  json_builder_begin_object (builder);
  qfu_sources_json (inventory->config, inventory->sources, builder);
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  if (listing && inventory->domains->len > 0)
    done = show_domains (inventory, options, devices, builder, &failure);
  else
    done = each_offer (inventory, options, devices, func, builder, &failure);
  json_builder_end_array (builder);
  if (listing) {
    qfu_domains_json (builder, inventory->domains);
    done += qfu_directory_offers_show (inventory, options, devices, now, builder);
  } else if (qfu_options_device (options) == NULL) {
    qfu_domains_say_left (options, inventory->domains);
  }
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
  /* who asks what there is has an answer, whatever else cannot be installed */
  if (failure != NULL && done > 0 && listing) {
    qfu_warn ("warning: %s", failure->message);
    g_clear_error (&failure);
  }
  return conclude (inventory, options, devices->len, done, failure, error);
}

gboolean
qfu_verb_get_updates (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuInventory) inventory = NULL;
  gint64 now;

  if (!qfu_clock_now (config, &now, error))
    return FALSE;
  inventory = qfu_inventory_load_domains (config, qfu_options_device (options), now, error);
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
  inventory = qfu_inventory_load_domains (config, qfu_options_device (options), now, error);
  return inventory != NULL && qfu_inventory_check_fresh (inventory, options, error) &&
         run_offers (inventory, options, "updated", qfu_update_run, now, error);
}
