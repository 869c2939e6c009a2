/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-catalog.h"
#include "qfu-fwupd-calls.h"
#include "qfu-limits.h"
#include "qfu-metadata.h"
#include "qfu-options.h"

/**
 * QfuSource:
 *
 * The verified metadata of one remote, and what it offers for this machine's devices.
 */
typedef struct {
  char *remote;
  char *url; /* of the metadata */
  QfuSignedMetadata *metadata;
  QfuCatalog *catalog;
} QfuSource;

/* (transfer full) (nullable): the last component of the remote's URL when it is a safe file name.
 */
char *qfu_remote_file_name (const QfuRemote *remote, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the cache folder of a remote. */
char *qfu_remote_cache_folder (const char *remote);

/**
 * qfu_sources_load:
 * @remotes: (element-type QfuRemote): from fwupd
 * @guids: (array zero-terminated): GUIDs of this machine's devices
 * @error: #QFU_ERROR_NOT_FOUND when no enabled remote has metadata yet
 *
 * Verifies again what `refresh` left in the cache. A remote without metadata is warned about.
 *
 * Returns: (transfer full) (element-type QfuSource)
 */
GPtrArray *qfu_sources_load (const QfuConfig *config,
                             const GPtrArray *remotes,
                             const char *const *guids,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
