/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "qfu-refreshing.h"

#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-freshness.h"
#include "qfu-indexstore.h"
#include "qfu-print.h"
#include "qfu-progress.h"
#include "qfu-remote-place.h"
#include "qfu-transport.h"
#include "qfu-verdict.h"

#include <string.h>

#define ATTEMPTS 3 /* the files on a mirror may change between two calls */

static QfuUntrustedBlob *
fetch (QfuRefreshing *refresh, QfuFetchKind kind, const char *url, guint64 maximum, GError **error)
{
  const QfuFetch wanted = {.kind = kind,
                           .url = url,
                           .maximum = maximum,
                           .route = refresh->route,
                           .flags = refresh->flags};
  g_autoptr (QfuProgress) progress =
      qfu_progress_new (refresh->options, refresh->file_name, QFU_PROGRESS_BYTES);

  return qfu_transport_fetch (refresh->config, &wanted, qfu_progress_on_bytes, progress, error);
}

/* The versioned file that the jcat names lies beside it. */
static char *
beside (const char *url, const char *name)
{
  return g_strdup_printf ("%.*s/%s", (int)(strrchr (url, '/') - url), url, name);
}

/* A file of this machine, with its signature beside it. */
static QfuSignedMetadata *
read_local (QfuRefreshing *refresh, QfuUntrustedBlob **jcat, GError **error)
{
  const char *path = refresh->remote->path;
  g_autofree char *jcat_path = g_strconcat (path, ".jcat", NULL);
  const QfuMetadataWanted wanted = {refresh->remote->id, refresh->file_name, refresh->now};
  g_autoptr (QfuUntrustedBlob) metadata = NULL;

  *jcat = qfu_untrusted_blob_load (jcat_path, QFU_JCAT_SIZE_MAX, FALSE, error);
  if (*jcat == NULL) {
    g_prefix_error (error, "its metadata is not signed, and counts for nothing without: ");
    return NULL;
  }
  metadata = qfu_untrusted_blob_load (path, QFU_METADATA_SIZE_MAX, FALSE, error);
  if (metadata == NULL)
    return NULL;
  return qfu_metadata_verify (refresh->config, &wanted, *jcat, metadata, error);
}

static QfuSignedMetadata *
fetch_once (QfuRefreshing *refresh, QfuUntrustedBlob **jcat, GError **error)
{
  g_autofree char *jcat_url = g_strconcat (refresh->remote->url, ".jcat", NULL);
  g_autofree char *item = NULL;
  g_autofree char *url = NULL;
  g_autoptr (QfuUntrustedBlob) metadata = NULL;
  const QfuMetadataWanted wanted = {refresh->remote->id, refresh->file_name, refresh->now};

  g_clear_pointer (jcat, qfu_untrusted_blob_free);
  *jcat = fetch (refresh, QFU_FETCH_JCAT, jcat_url, QFU_JCAT_SIZE_MAX, error);
  if (*jcat == NULL)
    return NULL;
  item = qfu_metadata_list_item (refresh->config, *jcat, refresh->file_name, error);
  if (item == NULL)
    return NULL;
  url = beside (refresh->remote->url, item);
  metadata = fetch (refresh, QFU_FETCH_METADATA, url, QFU_METADATA_SIZE_MAX, error);
  if (metadata == NULL)
    return NULL;
  return qfu_metadata_verify (refresh->config, &wanted, *jcat, metadata, error);
}

static QfuSignedMetadata *
fetch_verified (QfuRefreshing *refresh, QfuUntrustedBlob **jcat, GError **error)
{
  if (!refresh->remote->download)
    return read_local (refresh, jcat, error);
  for (guint attempt = 1;; attempt++) {
    g_autoptr (GError) local = NULL;
    QfuSignedMetadata *metadata = fetch_once (refresh, jcat, &local);

    if (metadata != NULL)
      return metadata;
    if (attempt == ATTEMPTS || !g_error_matches (local, QFU_ERROR, QFU_ERROR_MISMATCH)) {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
    qfu_say (refresh->options, "%s: the files on the mirror changed meanwhile, once more",
             refresh->remote->id);
  }
}

/* fwupd gets a jcat with nothing in it but what was verified here. */
static QfuUntrustedBlob *
rebuilt_jcat (const QfuSignedMetadata *metadata, GError **error)
{
  g_autoptr (GBytes) bytes = qfu_signed_metadata_jcat (metadata);

  return qfu_untrusted_blob_new (bytes, QFU_JCAT_SIZE_MAX, error);
}

/* At every refresh: fwupd may have lost what we keep, and says itself when it has not. */
static gboolean
hand_over (QfuRefreshing *refresh, const QfuSignedMetadata *metadata, GError **error)
{
  g_autoptr (QfuUntrustedBlob) jcat = rebuilt_jcat (metadata, error);
  g_autoptr (GError) local = NULL;

  if (jcat == NULL)
    return FALSE;
  if (qfu_fwupd_put_metadata (refresh->config, refresh->remote->id,
                              qfu_signed_metadata_blob (metadata), jcat, &local)) {
    if (!refresh->changed)
      qfu_say (refresh->options, "%s: fwupd had lost the metadata and got it again",
               refresh->remote->id);
    refresh->changed = TRUE;
    return TRUE;
  }
  if (g_error_matches (local, QFU_ERROR, QFU_ERROR_NOTHING))
    return TRUE;
  if (g_error_matches (local, QFU_ERROR, QFU_ERROR_REFUSED))
    g_prefix_error (&local, "the metadata is good and kept, but fwupd keeps its own. If that is "
                            "newer, somebody gave it to fwupd without qubes-fwupdmgr, or the "
                            "mirror holds newer metadata back: ");
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
say_metadata (const QfuRefreshing *refresh, const QfuSignedMetadata *metadata)
{
  const QfuSignature *signature = qfu_signed_metadata_signature (metadata);
  g_autofree char *time = qfu_clock_text (qfu_signature_time (signature));
  g_autofree char *size =
      g_format_size (qfu_untrusted_blob_size (qfu_signed_metadata_blob (metadata)));
  g_autofree char *unknown = qfu_verdict_unknown_text (qfu_signature_unknown (signature));

  if (refresh->changed)
    qfu_say (refresh->options, "%s: metadata %s and verified (%s)", refresh->remote->id,
             refresh->remote->download ? "fetched" : "read", size);
  else if (!refresh->remote->download)
    qfu_say (refresh->options, "%s: %s has not changed", refresh->remote->id,
             refresh->remote->path);
  else
    qfu_say (refresh->options, "%s: the mirror has nothing newer", refresh->remote->id);
  qfu_say_fact (refresh->options, "authority", "%s", qfu_signature_authority (signature));
  qfu_say_fact (refresh->options, "signed", "%s", time);
  if (unknown != NULL)
    qfu_say_fact (refresh->options, "signatures", "%s", unknown);
}

/* What is wrong with the time of good metadata, that has been kept. */
static gboolean
check_time (const QfuRefreshing *refresh, gint64 signed_at, GError **error)
{
  const QfuFreshness freshness = {refresh->remote->id, signed_at, refresh->now,
                                  !refresh->remote->download};

  if (signed_at > refresh->now) {
    g_autofree char *time = qfu_clock_text (signed_at);

    qfu_warn ("warning: the metadata of remote %s was signed at %s, which this machine's clock has "
              "not reached: it is behind. Set it: " QFU_CLOCK_ADVICE,
              refresh->remote->id, time);
  }
  if (refresh->options->unattended)
    return TRUE; /* qfu-unattended.c tells by degrees how old it is */
  qfu_freshness_warn (refresh->config, &freshness);
  return qfu_freshness_check (refresh->config, refresh->options, &freshness, error);
}

static void
add_json (const QfuRefreshing *refresh, const QfuSignature *signature, JsonBuilder *builder)
{
  const QfuFreshness freshness = {refresh->remote->id, qfu_signature_time (signature), refresh->now,
                                  !refresh->remote->download};

  qfu_json_text (builder, "authority", qfu_signature_authority (signature));
  qfu_json_number (builder, "unknownSignatures", qfu_signature_unknown (signature));
  qfu_json_flag (builder, "changed", refresh->changed);
  qfu_freshness_json (refresh->config, &freshness, builder);
}

/* With an index, so that no other verb needs a worker. That is made before anything is kept:
 * whoever may sign metadata signs firmware, too, and a jcat file can call either by any name. What
 * cannot be read as metadata must not take the place of what can, or become the mark. */
static gboolean
keep (QfuRefreshing *refresh,
      const QfuUntrustedBlob *jcat,
      const QfuSignedMetadata *metadata,
      GError **error)
{
  const QfuConfig *config = refresh->config;
  const QfuSignature *signature = qfu_signed_metadata_signature (metadata);
  const QfuMetadataWanted wanted = {refresh->remote->id, refresh->file_name, refresh->now};
  QfuHighWater mark = {0};
  g_autoptr (QfuIndex) kept = qfu_indexstore_load (config, &wanted, &mark, NULL);
  g_autoptr (QfuIndex) index = NULL;

  if (mark.time > 0 && !qfu_highwater_judge (&mark, qfu_signature_time (signature),
                                             qfu_signature_sha256 (signature), error))
    return FALSE;
  if (kept != NULL && mark.time == qfu_signature_time (signature))
    return qfu_metastore_keep (config, wanted.remote, jcat, metadata, &refresh->changed, error);
  index = qfu_index_new (config, metadata, error);
  return index != NULL &&
         qfu_metastore_keep (config, wanted.remote, jcat, metadata, &refresh->changed, error) &&
         qfu_indexstore_keep (config, &wanted, metadata, index, error);
}

static gboolean
refresh_remote (QfuRefreshing *refresh, JsonBuilder *builder, GError **error)
{
  g_autoptr (QfuUntrustedBlob) jcat = NULL;
  g_autoptr (QfuSignedMetadata) metadata = NULL;
  const QfuSignature *signature;

  if (refresh->remote->download && refresh->remote->password)
    return qfu_error_refuse (error, "%s", qfu_remote_trouble (refresh->remote));
  refresh->file_name = qfu_remote_file_name (refresh->remote, error);
  if (refresh->file_name == NULL)
    return FALSE;
  metadata = fetch_verified (refresh, &jcat, error);
  if (metadata == NULL)
    return FALSE;
  signature = qfu_signed_metadata_signature (metadata);
  if (!qfu_highwater_judge_ahead (qfu_signature_time (signature), refresh->now, error) ||
      !keep (refresh, jcat, metadata, error) ||
      (refresh->remote->download && !hand_over (refresh, metadata, error)))
    return FALSE;
  say_metadata (refresh, metadata);
  add_json (refresh, signature, builder);
  return check_time (refresh, qfu_signature_time (signature), error);
}

gboolean
qfu_refreshing_wants (const QfuRefreshing *refresh, const QfuRemote *remote)
{
  const char *only = refresh->only;

  /* one that is asked for by its name shall say why nothing comes of it */
  if (only != NULL)
    return strcmp (only, remote->id) == 0 &&
           (remote->download || remote->kind == QFU_REMOTE_KIND_LOCAL);
  return remote->enabled && qfu_remote_has_metadata (remote);
}

gboolean
qfu_refreshing_run (QfuRefreshing *refresh,
                    const QfuRemote *remote,
                    JsonBuilder *builder,
                    GError **error)
{
  gboolean ok;

  refresh->remote = remote;
  refresh->changed = FALSE;
  json_builder_begin_object (builder);
  qfu_json_text (builder, "remote", remote->id);
  ok = refresh_remote (refresh, builder, error);
  if (!ok) {
    g_prefix_error (error, "remote %s: ", remote->id);
    qfu_json_error (builder, *error);
  }
  json_builder_end_object (builder);
  g_clear_pointer (&refresh->file_name, g_free);
  return ok;
}
