/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* install: a cab at hand, which verified metadata names, or a person answers for. */

#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-install-local.h"
#include "qfu-limits.h"
#include "qfu-lock.h"
#include "qfu-print.h"
#include "qfu-recovery.h"
#include "qfu-update.h"
#include "qfu-verbs.h"

/* A device, and the release of metadata that is for it. */
typedef struct {
  QfuOffer offer;
  const QfuDevice *device;
} Found;

/* The release with that digest among those of one source for one device. */
static gboolean
find_release (const QfuSource *source,
              const QfuDevice *device,
              const QfuPolicy *policy,
              const QfuDigest *sha256,
              QfuOffer *offer,
              GError **error)
{
  g_autoptr (GPtrArray) candidates = qfu_catalog_releases (source->catalog, device, policy);

  for (guint i = 0; i < candidates->len; i++) {
    const QfuCandidate *candidate = g_ptr_array_index (candidates, i);
    const QfuComponentRelease *data = qfu_release_data (candidate->release);

    if (!data->has_sha256 || !qfu_digest_equal (&data->sha256, sha256))
      continue;
    if (candidate->reason != NULL) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED, "%s: %s", device->name, candidate->reason);
      return FALSE;
    }
    offer->source = source;
    offer->release = candidate->release;
    return TRUE;
  }
  return TRUE;
}

/* Which device the cab is for, and what the metadata calls it; no device when none names it. What
 * one remote may not offer, another may. */
static gboolean
find_offer (const QfuInventory *inventory,
            const GPtrArray *devices,
            const QfuOptions *options,
            const QfuDigest *sha256,
            Found *found,
            GError **error)
{
  guint n_sources = inventory->sources->len;
  g_autoptr (GError) refusal = NULL;

  for (guint i = 0; i < devices->len * n_sources; i++) {
    const QfuDevice *device = g_ptr_array_index (devices, i / n_sources);
    const QfuSource *source = g_ptr_array_index (inventory->sources, i % n_sources);
    const QfuPolicy policy = qfu_inventory_policy (inventory, options, source);
    g_autoptr (GError) local = NULL;

    if (!find_release (source, device, &policy, sha256, &found->offer, &local)) {
      if (refusal == NULL)
        refusal = g_steal_pointer (&local);
      continue;
    }
    if (found->offer.release == NULL)
      continue;
    found->device = device;
    return TRUE;
  }
  if (refusal == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&refusal));
  return FALSE;
}

/* A cab that brings its own signatures may come before any metadata. */
static QfuInventory *
load_inventory (const QfuConfig *config, const QfuOptions *options, gint64 now, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (QfuInventory) inventory = qfu_inventory_load (config, now, &problem);

  if (inventory != NULL)
    return qfu_inventory_check_fresh (inventory, options, error) ? g_steal_pointer (&inventory)
                                                                 : NULL;
  if (options->local && g_error_matches (problem, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    return qfu_inventory_machine (config, error);
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}

static gboolean
install (const QfuInventory *inventory,
         const QfuOptions *options,
         const QfuLocalCab *cab,
         JsonBuilder *builder,
         GError **error)
{
  Found found = {.offer = {.file = cab->file}};
  g_autoptr (GPtrArray) devices = qfu_inventory_select (inventory, options->device, error);

  if (devices == NULL || !find_offer (inventory, devices, options,
                                      qfu_untrusted_blob_sha256 (cab->blob), &found, error))
    return FALSE;
  if (found.device != NULL)
    return qfu_update_run (inventory, options, found.device, &found.offer, builder, error);
  if (options->local)
    return qfu_install_local (inventory, options, devices, cab, builder, error);
  g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
               "%s is not a cab that verified metadata names for a device of this machine; "
               "`qubes-fwupdmgr refresh` may bring newer metadata, `qubes-fwupdmgr verify` says "
               "what is in the file, and --local lets a person install what it signs",
               cab->file);
  return FALSE;
}

gboolean
qfu_verb_install (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  QfuLocalCab cab = {.file = options->arguments[0]};
  g_auto (QfuFd) lock = -1;
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  g_autoptr (QfuInventory) inventory = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (cab.file == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE, "install needs the path of a cab");
    return FALSE;
  }
  if (!qfu_lock_take (config, options, &lock, error) ||
      !qfu_recovery_before (config, options, error) || !qfu_clock_start (config, &cab.now, error))
    return FALSE;
  cab.blob = blob = qfu_untrusted_blob_load (cab.file, QFU_CAB_SIZE_MAX, FALSE, error);
  if (blob == NULL)
    return FALSE;
  inventory = load_inventory (config, options, cab.now, error);
  if (inventory == NULL)
    return FALSE;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "updated");
  json_builder_begin_array (builder);
  if (!install (inventory, options, &cab, builder, error))
    return FALSE;
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
  return TRUE;
}
