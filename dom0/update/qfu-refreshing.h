/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-fwupd-calls.h"
#include "qfu-options.h"
#include "qfu-route.h"

#include <json-glib/json-glib.h>

/**
 * QfuRefreshing:
 * @config: the configuration
 * @options: --unattended says less, and leaves it to its caller to judge the age of metadata
 * @now: from qfu_clock_start()
 * @only: (nullable): id of the one remote that is wanted; %NULL: all that are enabled
 * @route: (nullable): the VMs to ask
 * @flags: #QfuRequestFlags
 * @changed: (out): whether anything of the last remote was not there already, here or in fwupd
 *
 * A run over remotes. What is behind @changed is qfu_refreshing_run()'s own.
 */
typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  gint64 now;
  const char *only;
  QfuRoute *route;
  guint flags;
  gboolean changed;

  const QfuRemote *remote;
  char *file_name;
} QfuRefreshing;

/* Whether the metadata of @remote is to be fetched; of a file of this machine: read. */
gboolean qfu_refreshing_wants (const QfuRefreshing *refresh, const QfuRemote *remote);

/**
 * qfu_refreshing_run:
 * @remote: one that is wanted
 * @builder: in an array, which gets the remote's object
 * @error: as from qfu_transport_fetch(), qfu_metadata_verify(), qfu_metastore_keep() and
 * qfu_fwupd_put_metadata(); #QFU_ERROR_STALE, when all of it was kept
 *
 * Fetches the remote's metadata from the UpdateVM, verifies and keeps it, and hands it to fwupd.
 * Metadata that are a file of this machine are verified and kept alike; fwupd reads them itself.
 * The caller holds the machine's lock.
 */
gboolean qfu_refreshing_run (QfuRefreshing *refresh,
                             const QfuRemote *remote,
                             JsonBuilder *builder,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
