/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-transport.h"

/**
 * qfu_fetch_cab:
 * @config: transport and cache
 * @cab: kind #QFU_FETCH_CAB with @url, @sha256, and @maximum as the size that the signed metadata
 * names; @partial and @remains are %NULL
 * @progress: (nullable): as for qfu_transport_fetch()
 * @user: for @progress
 * @error: as qfu_transport_fetch(), or #QFU_ERROR_IO when the cache cannot be written
 *
 * The archive with that digest: from the cache if it is there, else from the UpdateVM. A transfer
 * that was cut goes on at the next call where it stopped; what does not become the archive is
 * thrown away and fetched anew once.
 *
 * Returns: (transfer full): bytes whose SHA-256 is the one in @cab
 */
QfuUntrustedBlob *qfu_fetch_cab (const QfuConfig *config,
                                 const QfuFetch *cab,
                                 QfuProgressFunc progress,
                                 gpointer user,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
