/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-catalog.h"
#include "qfu-freshness.h"
#include "qfu-fwupd-calls.h"
#include "qfu-limits.h"
#include "qfu-options.h"

/**
 * QfuSource:
 *
 * The verified metadata of one remote, and what it offers for this machine's devices.
 */
typedef struct {
  char *remote;
  char *url; /* of the metadata */
  QfuFreshness freshness;
  QfuCatalog *catalog;
} QfuSource;

/* (transfer full) (nullable): the last component of the remote's URL when it is a safe file name.
 */
char *qfu_remote_file_name (const QfuRemote *remote, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * QfuWanted:
 * @guids: (array zero-terminated) (nullable): GUIDs of this machine's devices; %NULL: any device
 * @now: from qfu_clock_now()
 */
typedef struct {
  const char *const *guids;
  gint64 now;
} QfuWanted;

/**
 * qfu_sources_load:
 * @remotes: (element-type QfuRemote): from fwupd
 * @wanted: what for
 * @error: #QFU_ERROR_NOT_FOUND when no enabled remote has metadata yet
 *
 * Reads what `refresh` verified and left, and verifies it again where what that rested on has
 * changed. A remote without metadata, or with stale one, is warned about.
 *
 * Returns: (transfer full) (element-type QfuSource)
 */
GPtrArray *qfu_sources_load (const QfuConfig *config,
                             const GPtrArray *remotes,
                             const QfuWanted *wanted,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Member `remotes` of the object that @builder is in: an array of whose metadata it is, and how
 * old. */
void qfu_sources_json (const QfuConfig *config, const GPtrArray *sources, JsonBuilder *builder);
