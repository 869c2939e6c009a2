/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-sources.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-freshness.h"
#include "qfu-indexstore.h"
#include "qfu-lock.h"
#include "qfu-print.h"
#include "qfu-remote-place.h"

static void
source_free (gpointer data)
{
  QfuSource *source = data;

  g_free (source->remote);
  g_free (source->url);
  g_free (source->folder);
  g_free (source->base_url);
  qfu_catalog_free (source->catalog);
  g_free (source);
}

/* A worker that finds nothing in metadata must not seem to say that there is none. */
static QfuIndex *
read_metadata (const QfuConfig *config, const QfuSignedMetadata *metadata, GError **error)
{
  GError *problem = NULL;
  QfuIndex *index = qfu_index_new (config, metadata, &problem);

  if (index == NULL && g_error_matches (problem, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    problem->code = QFU_ERROR_FORMAT;
  if (index == NULL)
    g_propagate_error (error, problem);
  return index;
}

/* Without a worker when the metadata was verified before by the rules of now; else it is verified
 * again. Where that is kept for the next run, and it need not be: somebody else may hold the lock,
 * and only root may write there. */
static QfuIndex *
open_index (const QfuConfig *config,
            const QfuMetadataWanted *file,
            QfuHighWater *mark,
            GError **error)
{
  g_autoptr (QfuIndex) index = qfu_indexstore_load (config, file, mark, NULL);
  g_autoptr (QfuSignedMetadata) metadata = NULL;
  g_auto (QfuFd) lock = -1;

  if (index != NULL)
    return g_steal_pointer (&index);
  metadata = qfu_metastore_load (config, file, mark, error);
  index = metadata == NULL ? NULL : read_metadata (config, metadata, error);
  if (index != NULL && qfu_lock_try (config, &lock, NULL) &&
      !qfu_indexstore_keep (config, file, metadata, index, NULL))
    g_debug ("the index of remote %s was not kept", file->remote);
  return g_steal_pointer (&index);
}

/* %FALSE with @error unset when the remote has no metadata yet. */
static gboolean
add_source (GPtrArray *sources,
            const QfuConfig *config,
            const QfuRemote *remote,
            const QfuWanted *wanted,
            GError **error)
{
  g_autofree char *name = qfu_remote_file_name (remote, error);
  const QfuMetadataWanted file = {remote->id, name, wanted->now};
  g_autoptr (GError) local = NULL;
  g_autoptr (QfuIndex) index = NULL;
  QfuSource *source = g_new0 (QfuSource, 1);
  QfuHighWater mark;

  source->remote = g_strdup (remote->id);
  source->url = remote->download ? g_strdup (remote->url) : NULL;
  source->folder = remote->download ? NULL : g_path_get_dirname (remote->path);
  source->base_url = g_strdup (remote->base_url);
  source->priority = remote->priority;
  g_ptr_array_add (sources, source);
  if (name == NULL)
    return FALSE;
  index = open_index (config, &file, &mark, &local);
  if (index == NULL && g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND)) {
    qfu_warn ("warning: remote %s has no metadata yet; `qubes-fwupdmgr refresh` fetches it",
              remote->id);
    g_ptr_array_set_size (sources, (int)sources->len - 1);
    return TRUE;
  }
  if (index == NULL) {
    g_set_error (error, QFU_ERROR, local->code,
                 "the metadata kept of remote %s: %s; `qubes-fwupdmgr refresh` fetches it anew",
                 remote->id, local->message);
    return FALSE;
  }
  source->freshness = (QfuFreshness){source->remote, mark.time, wanted->now, !remote->download};
  qfu_freshness_warn (config, &source->freshness);
  source->catalog = qfu_catalog_new (index, wanted->guids, error);
  if (source->catalog == NULL)
    g_prefix_error (error, "metadata of remote %s: ", remote->id);
  return source->catalog != NULL;
}

GPtrArray *
qfu_sources_load (const QfuConfig *config,
                  const GPtrArray *remotes,
                  const QfuWanted *wanted,
                  GError **error)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func (source_free);

  if (wanted->guids != NULL && wanted->guids[0] == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOTHING,
                         "fwupd knows no device that firmware could be for");
    return NULL;
  }
  for (guint i = 0; i < remotes->len; i++) {
    const QfuRemote *remote = g_ptr_array_index (remotes, i);

    if (remote->enabled && qfu_remote_has_metadata (remote) &&
        !add_source (sources, config, remote, wanted, error))
      return NULL;
  }
  if (sources->len == 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                         "there is no metadata yet; `qubes-fwupdmgr refresh` fetches it");
    return NULL;
  }
  return g_steal_pointer (&sources);
}

void
qfu_sources_json (const QfuConfig *config, const GPtrArray *sources, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "remotes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < sources->len; i++) {
    const QfuSource *source = g_ptr_array_index (sources, i);

    json_builder_begin_object (builder);
    qfu_json_text (builder, "remote", source->remote);
    qfu_freshness_json (config, &source->freshness, builder);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}
