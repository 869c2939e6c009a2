/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-inventory-unled.h"

#include "qfu-error.h"
#include "qfu-fit.h"
#include "qfu-version.h"

/* Where no release may be left out, the one that follows depends on what the device runs: by a
 * qube's word alone it would be led to any step on the way. */
static gboolean
may_choose (const QfuDevice *device, const QfuOffer *offer, GError **error)
{
  if (!(device->flags & QFU_DEVICE_ALL_RELEASES))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
               "%s: there is newer firmware, none of which may be left out, and that it runs %s is "
               "the word of %s; `qubes-fwupdmgr get-releases %s:%s` lists it, and "
               "`qubes-fwupdmgr install %s:%s %s` is the next one then",
               device->name, device->version, device->domain, device->domain, device->id,
               device->domain, device->id, qfu_release_version (offer->release));
  return FALSE;
}

/* (nullable): a release of @source that is newer than @offer and does not fit the device. What this
 * machine's own rules keep a remote from offering does not count. */
static const QfuRelease *
find_newer (const QfuSource *source,
            const QfuPolicy *with_remote,
            const QfuDevice *device,
            const QfuOffer *offer,
            char **reason)
{
  QfuPolicy policy = *with_remote;
  g_autoptr (GPtrArray) candidates = NULL;

  policy.remote = NULL;
  candidates = qfu_catalog_releases (source->catalog, device, &policy);
  for (guint i = 0; i < candidates->len; i++) {
    const QfuCandidate *candidate = g_ptr_array_index (candidates, i);
    const QfuComponent *component = qfu_release_component (candidate->release);

    if (candidate->reason == NULL || g_strcmp0 (component->branch, device->branch) != 0 ||
        qfu_version_compare (qfu_release_version (candidate->release),
                             qfu_release_version (offer->release),
                             qfu_fit_version_format (component, device)) <= 0)
      continue;
    *reason = g_strdup (candidate->reason);
    return candidate->release;
  }
  return NULL;
}

/* What a release requires is held against the word of a qube: it could call for an old one by
 * making all that are newer unfit. */
static gboolean
is_newest (const QfuInventory *inventory,
           const QfuOptions *options,
           const QfuDevice *device,
           const QfuOffer *offer,
           GError **error)
{
  for (guint i = 0; i < inventory->sources->len; i++) {
    const QfuSource *source = g_ptr_array_index (inventory->sources, i);
    const QfuPolicy policy = qfu_inventory_policy (inventory, options, device, source);
    g_autofree char *reason = NULL;
    const QfuRelease *newer = find_newer (source, &policy, device, offer, &reason);

    if (newer == NULL)
      continue;
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                 "%s: %s cannot be installed: %s. An older one is not chosen by the word of %s; "
                 "`qubes-fwupdmgr install %s:%s %s` installs the newest that fits",
                 device->name, qfu_release_version (newer), reason, device->domain, device->domain,
                 device->id, qfu_release_version (offer->release));
    return FALSE;
  }
  return TRUE;
}

gboolean
qfu_inventory_unled (const QfuInventory *inventory,
                     const QfuOptions *options,
                     const QfuDevice *device,
                     const QfuOffer *offer,
                     GError **error)
{
  return may_choose (device, offer, error) &&
         (options->allow_older || is_newest (inventory, options, device, offer, error));
}
