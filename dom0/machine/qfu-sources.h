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
 * @remote: its id
 * @url: (nullable): of its metadata; %NULL: it is a file of this machine
 * @folder: (nullable): where that file is, and its cabs beside it
 * @base_url: (nullable): as in #QfuRemote
 * @priority: as in #QfuRemote
 * @freshness: how old it is
 * @catalog: what it has for this machine
 *
 * The verified metadata of one remote, and what it offers for this machine's devices.
 */
typedef struct {
  char *remote;
  char *url;
  char *folder;
  char *base_url;
  guint priority;
  QfuFreshness freshness;
  QfuCatalog *catalog;
} QfuSource;

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
