/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-directory.h"
#include "qfu-inventory.h"

#include <json-glib/json-glib.h>

/* What counts for a cab of @remote; %NULL: for one that comes of no remote. */
QfuPolicy qfu_directory_offers_policy (const QfuInventory *inventory,
                                       const QfuOptions *options,
                                       const QfuRemote *remote);

/**
 * qfu_directory_offers_show:
 * @devices: (element-type QfuDevice): that are looked at
 * @now: from qfu_clock_now()
 * @builder: gets the member `local`, an array of what there is
 *
 * Says what the enabled remotes of this kind have for @devices, and how it is installed. A cab that
 * is not signed as it has to be is warned about.
 *
 * Returns: how many there are
 */
guint qfu_directory_offers_show (const QfuInventory *inventory,
                                 const QfuOptions *options,
                                 const GPtrArray *devices,
                                 gint64 now,
                                 JsonBuilder *builder);
