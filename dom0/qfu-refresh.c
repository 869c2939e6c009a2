/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* refresh: metadata of every enabled remote, from the UpdateVM, verified, kept, and handed to
 * fwupd. */

#include "qfu-cache.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-machine.h"
#include "qfu-print.h"
#include "qfu-signal.h"
#include "qfu-sources.h"
#include "qfu-transport.h"

#include <string.h>

#define ATTEMPTS 3 /* the files on a mirror may change between two calls */

typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  const QfuRemote *remote;
  char *file_name;
} Refresh;

static void
on_bytes (guint64 done, guint64 total, gpointer user)
{
  const Refresh *refresh = user;

  (void)qfu_progress (refresh->options, refresh->file_name, done, total);
}

static QfuUntrustedBlob *
fetch (Refresh *refresh, QfuFetchKind kind, const char *url, guint64 maximum, GError **error)
{
  const QfuFetch wanted = {.kind = kind, .url = url, .maximum = maximum};
  g_autoptr (QfuUntrustedBlob) blob =
      qfu_transport_fetch (refresh->config, &wanted, on_bytes, refresh, error);

  qfu_progress_end (refresh->options);
  return g_steal_pointer (&blob);
}

/* The versioned file that the jcat names lies beside it. */
static char *
beside (const char *url, const char *name)
{
  return g_strdup_printf ("%.*s/%s", (int)(strrchr (url, '/') - url), url, name);
}

static QfuSignedMetadata *
fetch_once (Refresh *refresh, QfuUntrustedBlob **jcat, GError **error)
{
  g_autofree char *jcat_url = g_strconcat (refresh->remote->url, ".jcat", NULL);
  g_autofree char *item = NULL;
  g_autofree char *url = NULL;
  g_autoptr (QfuUntrustedBlob) metadata = NULL;
  const QfuMetadataWanted wanted = {refresh->remote->id, refresh->file_name,
                                    g_get_real_time () / G_USEC_PER_SEC};

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
fetch_verified (Refresh *refresh, QfuUntrustedBlob **jcat, GError **error)
{
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

static gboolean
keep (Refresh *refresh,
      const QfuUntrustedBlob *jcat,
      const QfuSignedMetadata *metadata,
      GError **error)
{
  g_autofree char *folder = qfu_remote_cache_folder (refresh->remote->id);
  g_autofree char *jcat_name = g_strconcat (refresh->file_name, ".jcat", NULL);
  /* one without the other would not verify */
  g_auto (QfuSignalHold) hold = qfu_signal_hold ();

  return qfu_cache_store (refresh->config, folder, refresh->file_name,
                          qfu_signed_metadata_blob (metadata), error) &&
         qfu_cache_store (refresh->config, folder, jcat_name, jcat, error);
}

/* fwupd gets a jcat with nothing in it but what was verified here. */
static QfuUntrustedBlob *
rebuilt_jcat (const QfuSignedMetadata *metadata, GError **error)
{
  g_autoptr (GBytes) bytes = qfu_signed_metadata_jcat (metadata);
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (QFU_JCAT_SIZE_MAX, error);
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  if (builder == NULL || !qfu_blob_builder_append (builder, data, size, error))
    return NULL;
  return qfu_blob_builder_finish (g_steal_pointer (&builder), error);
}

static gboolean
hand_over (Refresh *refresh, const QfuSignedMetadata *metadata, GError **error)
{
  g_autoptr (QfuUntrustedBlob) jcat = rebuilt_jcat (metadata, error);
  g_autoptr (GError) local = NULL;

  if (jcat == NULL)
    return FALSE;
  if (qfu_fwupd_put_metadata (refresh->config, refresh->remote->id,
                              qfu_signed_metadata_blob (metadata), jcat, &local) ||
      g_error_matches (local, QFU_ERROR, QFU_ERROR_NOTHING))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
say_metadata (const Refresh *refresh, const QfuSignedMetadata *metadata)
{
  const QfuSignature *signature = qfu_signed_metadata_signature (metadata);
  g_autofree char *time = qfu_time_text (qfu_signature_time (signature));
  g_autofree char *size =
      g_format_size (qfu_untrusted_blob_size (qfu_signed_metadata_blob (metadata)));

  qfu_say (refresh->options, "%s: metadata fetched and verified (%s)", refresh->remote->id, size);
  qfu_say (refresh->options, "  authority     %s", qfu_signature_authority (signature));
  qfu_say (refresh->options, "  signed        %s", time);
}

static gboolean
refresh_remote (Refresh *refresh, JsonBuilder *builder, GError **error)
{
  g_autoptr (QfuUntrustedBlob) jcat = NULL;
  g_autoptr (QfuSignedMetadata) metadata = NULL;

  refresh->file_name = qfu_remote_file_name (refresh->remote, error);
  if (refresh->file_name == NULL)
    return FALSE;
  metadata = fetch_verified (refresh, &jcat, error);
  if (metadata == NULL || !hand_over (refresh, metadata, error) ||
      !keep (refresh, jcat, metadata, error))
    return FALSE;
  say_metadata (refresh, metadata);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "remote", refresh->remote->id);
  qfu_json_text (builder, "authority",
                 qfu_signature_authority (qfu_signed_metadata_signature (metadata)));
  qfu_json_number (builder, "signed",
                   qfu_signature_time (qfu_signed_metadata_signature (metadata)));
  json_builder_end_object (builder);
  return TRUE;
}

/* Goes on with the other remotes when one fails; the failure is reported at the end. */
static guint
refresh_all (const QfuConfig *config,
             const QfuOptions *options,
             const GPtrArray *remotes,
             JsonBuilder *builder,
             GError **first)
{
  const char *only = options->arguments[0];
  guint tried = 0;

  for (guint i = 0; i < remotes->len; i++) {
    const QfuRemote *remote = g_ptr_array_index (remotes, i);
    Refresh refresh = {config, options, remote, NULL};
    g_autoptr (GError) local = NULL;

    if (!remote->download || (only != NULL ? strcmp (only, remote->id) != 0 : !remote->enabled))
      continue;
    tried++;
    if (!refresh_remote (&refresh, builder, &local)) {
      g_prefix_error (&local, "remote %s: ", remote->id);
      json_builder_begin_object (builder);
      qfu_json_text (builder, "remote", remote->id);
      qfu_json_error (builder, local);
      json_builder_end_object (builder);
      if (*first == NULL)
        *first = g_steal_pointer (&local);
      else
        qfu_warn ("qubes-fwupdmgr: %s", local->message);
    }
    g_free (refresh.file_name);
  }
  return tried;
}

gboolean
qfu_verb_refresh (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (QfuFd) lock = -1;
  g_autoptr (GPtrArray) remotes = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) failure = NULL;

  if (!qfu_machine_lock (config, &lock, error))
    return FALSE;
  remotes = qfu_fwupd_remotes (config, error);
  if (remotes == NULL)
    return FALSE;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "remotes");
  json_builder_begin_array (builder);
  if (refresh_all (config, options, remotes, builder, &failure) == 0 && failure == NULL)
    g_set_error (&failure, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "%s; `qubes-fwupdmgr get-remotes` lists what there is",
                 options->arguments[0] != NULL ? "fwupd has no such remote to download from"
                                               : "fwupd has no enabled remote to download from");
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
