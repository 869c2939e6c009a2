/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-fetch.h"

#include "qfu-cache.h"
#include "qfu-error.h"

#define CABS "cabs"
#define PARTIAL "partial"

/* A file of the cache that cannot be used is as good as none, but is not left there. */
static QfuUntrustedBlob *
load_or_remove (const QfuConfig *config, const char *folder, const char *name, guint64 max)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (QfuUntrustedBlob) blob = qfu_cache_load (config, folder, name, max, &local);

  if (blob == NULL && !g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND) &&
      !qfu_cache_remove (config, folder, name, NULL))
    g_debug ("%s/%s can be neither read nor removed", folder, name);
  return g_steal_pointer (&blob);
}

static QfuUntrustedBlob *
load_cab (const QfuConfig *config, const QfuFetch *cab, const char *name)
{
  g_autoptr (QfuUntrustedBlob) blob = load_or_remove (config, CABS, name, cab->maximum);

  if (blob != NULL && !qfu_digest_equal (qfu_untrusted_blob_sha256 (blob), cab->sha256)) {
    g_clear_pointer (&blob, qfu_untrusted_blob_free);
    if (!qfu_cache_remove (config, CABS, name, NULL))
      g_debug ("%s is spoilt and cannot be removed", name);
  }
  return g_steal_pointer (&blob);
}

/* One call, going on from @partial; what is left of a cut one is kept for the next. */
static QfuUntrustedBlob *
fetch_once (const QfuConfig *config,
            const QfuFetch *wanted,
            QfuProgressFunc progress,
            gpointer user,
            GError **error)
{
  g_autoptr (QfuUntrustedBlob) remains = NULL;
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  g_autofree char *hex = qfu_digest_to_hex (wanted->sha256);
  g_autoptr (GError) local = NULL;
  QfuFetch fetch = *wanted;

  fetch.remains = &remains;
  blob = qfu_transport_fetch (config, &fetch, progress, user, error);
  /* a cache that cannot keep a part costs time at the next call, nothing else */
  if (blob == NULL && remains != NULL && !qfu_cache_store (config, PARTIAL, hex, remains, &local))
    g_debug ("%s", local->message);
  return g_steal_pointer (&blob);
}

static QfuUntrustedBlob *
fetch_cab (const QfuConfig *config,
           const QfuFetch *cab,
           QfuProgressFunc progress,
           gpointer user,
           GError **error)
{
  g_autofree char *hex = qfu_digest_to_hex (cab->sha256);
  g_autoptr (QfuUntrustedBlob) partial = load_or_remove (config, PARTIAL, hex, cab->maximum);
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  g_autoptr (GError) local = NULL;
  QfuFetch fetch = *cab;
  guint64 have = partial == NULL ? 0 : qfu_untrusted_blob_size (partial);

  if (have > 0 && have < cab->maximum)
    fetch.partial = partial;
  blob = fetch_once (config, &fetch, progress, user, &local);
  if (fetch.partial != NULL && g_error_matches (local, QFU_ERROR, QFU_ERROR_MISMATCH)) {
    /* the kept part may have been wrong: it gets no second chance, the file does */
    g_clear_error (&local);
    if (!qfu_cache_remove (config, PARTIAL, hex, error))
      return NULL;
    fetch.partial = NULL;
    blob = fetch_once (config, &fetch, progress, user, &local);
  }
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (partial != NULL && !qfu_cache_remove (config, PARTIAL, hex, error))
    return NULL;
  return g_steal_pointer (&blob);
}

QfuUntrustedBlob *
qfu_fetch_cab (const QfuConfig *config,
               const QfuFetch *cab,
               QfuProgressFunc progress,
               gpointer user,
               GError **error)
{
  g_autofree char *hex = qfu_digest_to_hex (cab->sha256);
  g_autofree char *name = g_strdup_printf ("%s.cab", hex);
  g_autoptr (QfuUntrustedBlob) blob = load_cab (config, cab, name);

  if (blob != NULL)
    return g_steal_pointer (&blob);
  blob = fetch_cab (config, cab, progress, user, error);
  if (blob == NULL || !qfu_cache_store (config, CABS, name, blob, error))
    return NULL;
  return g_steal_pointer (&blob);
}
