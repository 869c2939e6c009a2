/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-highwater.h"
#include "qfu-metadata.h"

#define QFU_METASTORE_INDEX "index"

/*
 * What is kept of a remote's metadata:
 *
 *   State/highwater/REMOTE                which metadata counts: the mark
 *   Cache/metadata/REMOTE/SHA256          the metadata, by the name that the mark gives
 *   Cache/metadata/REMOTE/SHA256.jcat     the jcat file that it was verified with
 *   Cache/metadata/REMOTE/index           what was made of it, if its SHA-256 is the mark's
 *
 * Only the metadata that the mark names is ever loaded, and it is verified again: what somebody put
 * into the cache, or put back there, does not count.
 */

/* (transfer full): the cache folder of a remote. */
char *qfu_metastore_folder (const char *remote);

/**
 * qfu_metastore_keep:
 * @remote: a remote's id
 * @jcat: the jcat file that @metadata was verified with
 * @metadata: what `refresh` brought, its signing time held against the clock
 * @changed: (out): %FALSE when all of it was there already
 * @error: #QFU_ERROR_STALE, #QFU_ERROR_MISMATCH as from qfu_highwater_judge(), #QFU_ERROR_FORMAT or
 * #QFU_ERROR_REFUSED as from qfu_highwater_load(), #QFU_ERROR_IO
 *
 * Makes @metadata the one that counts. The caller holds the machine's lock. Killed at any moment,
 * either the metadata from before counts or this one.
 */
gboolean qfu_metastore_keep (const QfuConfig *config,
                             const char *remote,
                             const QfuUntrustedBlob *jcat,
                             const QfuSignedMetadata *metadata,
                             gboolean *changed,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_metastore_load:
 * @wanted: which remote's
 * @mark: (out): the mark that it was held against
 * @error: #QFU_ERROR_NOT_FOUND: never refreshed, or not in the cache any more; #QFU_ERROR_MISMATCH:
 * what the cache holds under that name is something else; #QFU_ERROR_STALE: with an older
 * signature; or as from qfu_highwater_load() and qfu_metadata_verify()
 *
 * Takes no lock: a `refresh` at the same time is no obstacle.
 */
QfuSignedMetadata *qfu_metastore_load (const QfuConfig *config,
                                       const QfuMetadataWanted *wanted,
                                       QfuHighWater *mark,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
