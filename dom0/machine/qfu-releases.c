/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-releases.h"

#include "qfu-error.h"
#include "qfu-fit.h"
#include "qfu-version.h"

static void
listed_free (gpointer data)
{
  QfuListed *listed = data;

  g_free (listed->reason);
  g_free (listed);
}

static int
newest_first (gconstpointer a, gconstpointer b, gpointer user)
{
  const QfuListed *first = *(const QfuListed *const *)a;
  const QfuListed *second = *(const QfuListed *const *)b;

  return qfu_version_compare (
      qfu_release_version (second->release), qfu_release_version (first->release),
      qfu_fit_version_format (qfu_release_component (first->release), user));
}

GPtrArray *
qfu_releases_list (const QfuInventory *inventory,
                   const QfuOptions *options,
                   const QfuDevice *device)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (listed_free);

  for (guint i = 0; i < inventory->sources->len; i++) {
    const QfuSource *source = g_ptr_array_index (inventory->sources, i);
    const QfuPolicy policy = qfu_inventory_policy (inventory, options, device, source);
    g_autoptr (GPtrArray) candidates = qfu_catalog_releases (source->catalog, device, &policy);

    for (guint j = 0; j < candidates->len; j++) {
      const QfuCandidate *candidate = g_ptr_array_index (candidates, j);
      QfuListed *listed = g_new0 (QfuListed, 1);

      *listed =
          (QfuListed){source, candidate->release, candidate->order, g_strdup (candidate->reason)};
      g_ptr_array_add (list, listed);
    }
  }
  g_ptr_array_sort_with_data (list, newest_first, (gpointer)device);
  return list;
}

const QfuListed *
qfu_releases_find (const GPtrArray *releases,
                   const QfuDevice *device,
                   const char *version,
                   GError **error)
{
  const QfuListed *refused = NULL;

  for (guint i = 0; i < releases->len; i++) {
    const QfuListed *listed = g_ptr_array_index (releases, i);
    const char *format = qfu_fit_version_format (qfu_release_component (listed->release), device);

    if (qfu_version_compare (qfu_release_version (listed->release), version, format) != 0)
      continue;
    if (listed->reason == NULL)
      return listed;
    refused = refused == NULL ? listed : refused;
  }
  if (refused == NULL)
    g_set_error (
        error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
        "%s: the metadata has no version %s for it; `qubes-fwupdmgr get-releases %s` lists "
        "what it has, and `qubes-fwupdmgr refresh` may bring more",
        device->name, version, device->id);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED, "%s: %s cannot be installed: %s",
                 device->name, version, refused->reason);
  return NULL;
}

const char *
qfu_listed_order (const QfuListed *listed)
{
  if (listed->order == 0)
    return "same";
  return listed->order > 0 ? "newer" : "older";
}
