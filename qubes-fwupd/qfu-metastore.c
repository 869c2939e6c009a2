/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-metastore.h"

#include "qfu-cache.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-signal.h"

#include <string.h>

/* Where the metadata with one SHA-256 lies. */
typedef struct {
  char *folder;
  char *metadata;
  char *jcat;
} Place;

static void
place_clear (Place *place)
{
  g_free (place->folder);
  g_free (place->metadata);
  g_free (place->jcat);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

char *
qfu_metastore_folder (const char *remote)
{
  return g_strconcat ("metadata/", remote, NULL);
}

static Place
place_of (const char *remote, const QfuDigest *sha256)
{
  char *hex = qfu_digest_to_hex (sha256);

  return (Place){qfu_metastore_folder (remote), hex, g_strconcat (hex, ".jcat", NULL)};
}

/* Whether the cache holds exactly @blob under that name. */
static gboolean
holds (const QfuConfig *config, const Place *place, const char *name, const QfuUntrustedBlob *blob)
{
  g_autoptr (QfuUntrustedBlob) kept =
      qfu_cache_load (config, place->folder, name, qfu_untrusted_blob_size (blob), NULL);

  return kept != NULL &&
         qfu_digest_equal (qfu_untrusted_blob_sha256 (kept), qfu_untrusted_blob_sha256 (blob));
}

/* The mark as it is; one of time 0 when there is none. */
static gboolean
load_mark (const QfuConfig *config, const char *remote, QfuHighWater *mark, GError **error)
{
  g_autoptr (GError) local = NULL;

  memset (mark, 0, sizeof *mark);
  if (qfu_highwater_load (config, remote, mark, &local) ||
      g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/*
 * The order of writes. Each step leaves the disk in a state that the next `refresh` goes on from,
 * and the mark's rename is the one moment in which other metadata begins to count:
 *
 * 1. metadata and jcat under the new SHA-256: nobody looks there yet
 * 2. the mark: from here on the new ones count, and they are there
 * 3. what else is in the folder, the metadata from before above all, goes
 * 4. the caller hands the metadata to fwupd, and does so at every `refresh`, as this can be lost
 *    without the steps before it
 *
 * The mark first would leave a time without usable metadata; the old files first as well. Until the
 * mark is there, metadata of any time between the old mark and the new is still accepted, as before
 * the run.
 */
gboolean
qfu_metastore_keep (const QfuConfig *config,
                    const char *remote,
                    const QfuUntrustedBlob *jcat,
                    const QfuSignedMetadata *metadata,
                    gboolean *changed,
                    GError **error)
{
  const QfuSignature *signature = qfu_signed_metadata_signature (metadata);
  const QfuUntrustedBlob *blob = qfu_signed_metadata_blob (metadata);
  g_auto (Place) place = place_of (remote, qfu_untrusted_blob_sha256 (blob));
  const char *const names[] = {place.metadata, place.jcat, QFU_METASTORE_INDEX, NULL};
  g_auto (QfuSignalHold) hold = qfu_signal_hold ();
  QfuHighWater mark;
  gboolean has_metadata;
  gboolean has_jcat;

  if (!load_mark (config, remote, &mark, error) ||
      (mark.time > 0 && !qfu_highwater_judge (&mark, qfu_signature_time (signature),
                                              qfu_signature_sha256 (signature), error)))
    return FALSE;
  has_metadata = holds (config, &place, place.metadata, blob);
  has_jcat = holds (config, &place, place.jcat, jcat);
  *changed = !has_metadata || !has_jcat || mark.time != qfu_signature_time (signature);
  if (!has_metadata && !qfu_cache_store (config, place.folder, place.metadata, blob, error))
    return FALSE;
  if (!has_jcat && !qfu_cache_store (config, place.folder, place.jcat, jcat, error))
    return FALSE;
  if (mark.time != qfu_signature_time (signature)) {
    mark = (QfuHighWater){.time = qfu_signature_time (signature),
                          .metadata = *qfu_signature_sha256 (signature)};
    if (!qfu_highwater_store (config, remote, &mark, error))
      return FALSE;
  }
  return qfu_cache_prune (config, place.folder, names, error);
}

/* Metadata that is there and cannot be verified, be it for want of certificates or by what a worker
 * says, is not metadata that was never fetched: that would be passed over. */
static QfuSignedMetadata *
verify_kept (const QfuConfig *config,
             const QfuMetadataWanted *wanted,
             const QfuUntrustedBlob *jcat,
             const QfuUntrustedBlob *metadata,
             GError **error)
{
  GError *problem = NULL;
  QfuSignedMetadata *verified = qfu_metadata_verify (config, wanted, jcat, metadata, &problem);

  if (verified == NULL && g_error_matches (problem, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    problem->code = QFU_ERROR_SIGNATURE;
  if (verified == NULL)
    g_propagate_error (error, problem);
  return verified;
}

static QfuSignedMetadata *
load_marked (const QfuConfig *config,
             const QfuMetadataWanted *wanted,
             const QfuHighWater *mark,
             GError **error)
{
  g_auto (Place) place = place_of (wanted->remote, &mark->metadata);
  g_autoptr (QfuUntrustedBlob) metadata = NULL;
  g_autoptr (QfuUntrustedBlob) jcat = NULL;
  g_autoptr (QfuSignedMetadata) verified = NULL;

  metadata = qfu_cache_load (config, place.folder, place.metadata, QFU_METADATA_SIZE_MAX, error);
  if (metadata == NULL)
    return NULL;
  if (!qfu_digest_equal (qfu_untrusted_blob_sha256 (metadata), &mark->metadata)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                         "the cache holds something else than the newest metadata that was "
                         "verified: it is damaged, or somebody put other metadata there");
    return NULL;
  }
  jcat = qfu_cache_load (config, place.folder, place.jcat, QFU_JCAT_SIZE_MAX, error);
  if (jcat == NULL)
    return NULL;
  verified = verify_kept (config, wanted, jcat, metadata, error);
  if (verified == NULL ||
      !qfu_highwater_judge (mark, qfu_signature_time (qfu_signed_metadata_signature (verified)),
                            &mark->metadata, error))
    return NULL;
  return g_steal_pointer (&verified);
}

/* A `refresh` between reading the mark and reading the files takes the files away; then there is
 * another mark. */
QfuSignedMetadata *
qfu_metastore_load (const QfuConfig *config,
                    const QfuMetadataWanted *wanted,
                    QfuHighWater *mark,
                    GError **error)
{
  if (!qfu_highwater_load (config, wanted->remote, mark, error))
    return NULL;
  for (;;) {
    g_autoptr (GError) local = NULL;
    QfuSignedMetadata *metadata = load_marked (config, wanted, mark, &local);
    const QfuHighWater before = *mark;

    if (metadata != NULL)
      return metadata;
    if (!qfu_highwater_load (config, wanted->remote, mark, error))
      return NULL;
    if (qfu_digest_equal (&before.metadata, &mark->metadata)) {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  }
}
