/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-inventory.h"

/**
 * QfuListed:
 * @source: whose metadata names it
 * @release: a release for the device, owned by the source's catalogue
 * @order: negative, zero or positive: older than, equal to or newer than what the device runs
 * @reason: (nullable): why it cannot be installed, for people
 */
typedef struct {
  const QfuSource *source;
  const QfuRelease *release;
  int order;
  char *reason;
} QfuListed;

/**
 * qfu_releases_list:
 * @options: --allow-older and --allow-reinstall decide what counts as a reason
 * @device: one of the inventory's
 *
 * Returns: (transfer full) (element-type QfuListed): every release of every source for @device, the
 * newest first, of equal ones those of the first source; they must not outlive @inventory
 */
GPtrArray *qfu_releases_list (const QfuInventory *inventory,
                              const QfuOptions *options,
                              const QfuDevice *device);

/**
 * qfu_releases_find:
 * @releases: (element-type QfuListed): from qfu_releases_list()
 * @version: the one that is wanted
 * @error: #QFU_ERROR_NOT_FOUND: none has that version; #QFU_ERROR_REFUSED: it cannot be installed
 *
 * Returns: (transfer none): the first of @releases with @version that can be installed
 */
const QfuListed *qfu_releases_find (const GPtrArray *releases,
                                    const QfuDevice *device,
                                    const char *version,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none): "newer", "same" or "older". */
const char *qfu_listed_order (const QfuListed *listed);
