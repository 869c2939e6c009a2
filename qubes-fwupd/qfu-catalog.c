/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-catalog.h"

#include "qfu-error.h"
#include "qfu-fit.h"
#include "qfu-version.h"

#include <string.h>

struct _QfuRelease {
  const QfuComponent *component;
  const QfuComponentRelease *data;
};

struct _QfuCatalog {
  GPtrArray *components; /* of QfuComponent */
  GPtrArray *releases;   /* of QfuRelease */
};

void
qfu_catalog_free (QfuCatalog *catalog)
{
  if (catalog == NULL)
    return;
  g_clear_pointer (&catalog->components, g_ptr_array_unref);
  g_clear_pointer (&catalog->releases, g_ptr_array_unref);
  g_free (catalog);
}

static void
list_releases (QfuCatalog *catalog)
{
  catalog->releases = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < catalog->components->len; i++) {
    const QfuComponent *component = g_ptr_array_index (catalog->components, i);

    for (guint j = 0; j < component->releases->len; j++) {
      QfuRelease *release = g_new0 (QfuRelease, 1);

      release->component = component;
      release->data = g_ptr_array_index (component->releases, j);
      g_ptr_array_add (catalog->releases, release);
    }
  }
}

QfuCatalog *
qfu_catalog_new (const QfuIndex *index, const char *const *guids, GError **error)
{
  g_autoptr (QfuCatalog) catalog = g_new0 (QfuCatalog, 1);

  catalog->components = qfu_index_components (index, guids, error);
  if (catalog->components == NULL)
    return NULL;
  list_releases (catalog);
  return g_steal_pointer (&catalog);
}

const GPtrArray *
qfu_catalog_components (const QfuCatalog *catalog)
{
  return catalog->components;
}

const QfuComponentRelease *
qfu_release_data (const QfuRelease *release)
{
  return release->data;
}

const QfuComponent *
qfu_release_component (const QfuRelease *release)
{
  return release->component;
}

const char *
qfu_release_version (const QfuRelease *release)
{
  return release->data->version;
}

/* What the metadata leaves open about the cab; %NULL when nothing. */
static char *
cab_objection (const QfuComponentRelease *data)
{
  if (data->location == NULL)
    return g_strdup ("the metadata does not say where it is");
  if (!data->has_sha256 || data->size == 0)
    return g_strdup ("the metadata does not give size and SHA-256 of the cab");
  return NULL;
}

static void
candidate_free (gpointer data)
{
  QfuCandidate *candidate = data;

  g_free (candidate->reason);
  g_free (candidate);
}

static QfuCandidate *
candidate_new (const QfuRelease *release, const QfuDevice *device, const QfuPolicy *policy)
{
  QfuCandidate *candidate = g_new0 (QfuCandidate, 1);

  candidate->release = release;
  candidate->order = qfu_fit_order (release->component, release->data, device);
  candidate->reason = qfu_fit_objection (release->component, release->data, device, policy);
  if (candidate->reason == NULL)
    candidate->reason = cab_objection (release->data);
  return candidate;
}

static int
newest_first (gconstpointer a, gconstpointer b, gpointer user)
{
  const QfuCandidate *first = *(const QfuCandidate *const *)a;
  const QfuCandidate *second = *(const QfuCandidate *const *)b;

  return qfu_version_compare (second->release->data->version, first->release->data->version,
                              qfu_fit_version_format (first->release->component, user));
}

/* @id: (nullable): whose releases; %NULL: those for the GUIDs of @device. */
static GPtrArray *
list_candidates (const QfuCatalog *catalog,
                 const char *id,
                 const QfuDevice *device,
                 const QfuPolicy *policy)
{
  GPtrArray *candidates = g_ptr_array_new_with_free_func (candidate_free);

  for (guint i = 0; i < catalog->releases->len; i++) {
    const QfuRelease *release = g_ptr_array_index (catalog->releases, i);

    if (id != NULL ? strcmp (release->component->id, id) == 0
                   : qfu_fit_guids (release->component, (const char *const *)device->guids))
      g_ptr_array_add (candidates, candidate_new (release, device, policy));
  }
  g_ptr_array_sort_with_data (candidates, newest_first, (gpointer)device);
  return candidates;
}

GPtrArray *
qfu_catalog_releases (const QfuCatalog *catalog, const QfuDevice *device, const QfuPolicy *policy)
{
  return list_candidates (catalog, NULL, device, policy);
}

GPtrArray *
qfu_catalog_releases_of (const QfuCatalog *catalog,
                         const char *id,
                         const QfuDevice *device,
                         const QfuPolicy *policy)
{
  return list_candidates (catalog, id, device, policy);
}

/* Nothing is there for @device: because the metadata has nothing, or because that is broken. */
static void
explain_nothing (const QfuCatalog *catalog, const QfuDevice *device, GError **error)
{
  for (guint i = 0; i < catalog->components->len; i++) {
    const QfuComponent *component = g_ptr_array_index (catalog->components, i);

    if (component->broken != NULL &&
        qfu_fit_guids (component, (const char *const *)device->guids)) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
                   "%s: what the metadata says of it cannot be used: %s", device->name,
                   component->broken);
      return;
    }
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "%s: the metadata has no release for it",
               device->name);
}

/* The newest that can be installed; for a device that may leave none out, the next one. */
static const QfuCandidate *
first_or_next (const GPtrArray *candidates, const QfuDevice *device)
{
  const QfuCandidate *next = NULL;

  for (guint i = 0; i < candidates->len; i++) {
    const QfuCandidate *candidate = g_ptr_array_index (candidates, i);

    if (candidate->reason != NULL)
      continue;
    if (!(device->flags & QFU_DEVICE_ALL_RELEASES) || (candidate->order <= 0 && next == NULL))
      return candidate;
    if (candidate->order > 0)
      next = candidate;
  }
  return next;
}

const QfuRelease *
qfu_catalog_pick (const QfuCatalog *catalog,
                  const QfuDevice *device,
                  const QfuPolicy *policy,
                  GError **error)
{
  g_autoptr (GPtrArray) candidates = qfu_catalog_releases (catalog, device, policy);
  g_autofree char *by_version = NULL;
  const QfuCandidate *picked = first_or_next (candidates, device);
  const QfuCandidate *newest;

  if (picked != NULL)
    return picked->release;
  if (candidates->len == 0) {
    explain_nothing (catalog, device, error);
    return NULL;
  }
  newest = g_ptr_array_index (candidates, 0);
  by_version = qfu_fit_version_objection (newest->order, device, policy);
  if (device->version != NULL && by_version != NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOTHING, "%s: %s is the newest version", device->name,
                 device->version);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED, "%s: %s cannot be installed: %s",
                 device->name, newest->release->data->version, newest->reason);
  return NULL;
}
