/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-index.h"
#include "qfu-metastore.h"

/*
 * The index of a remote's metadata, between two runs. Beside its SHA-256 the remote's mark
 * (qfu-highwater.h) says what the verification of the metadata rested on:
 *
 *   Authorities  SHA-256 over the certificates of the accepted authorities, the serial numbers that
 *                are denied, whether a post-quantum signature is demanded, the name of the metadata
 *                file, and the version of this program
 *   NotAfter     the end of the certificate that signed
 *
 * Any other answer to one of these, and the metadata has to be verified again.
 */

/**
 * qfu_indexstore_load:
 * @wanted: which file of which remote, and the time from qfu_clock_now()
 * @mark: (out): the remote's mark
 * @error: #QFU_ERROR_NOT_FOUND: there is no index that may be used, make one; or as from
 * qfu_highwater_load() and qfu_keys_load()
 *
 * The index of the newest metadata, without a worker: that metadata was verified when the index was
 * made, and would verify again.
 *
 * Trust: the mark, which only we write. Whatever the cache holds, it is this index or none.
 */
QfuIndex *qfu_indexstore_load (const QfuConfig *config,
                               const QfuMetadataWanted *wanted,
                               QfuHighWater *mark,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_indexstore_keep:
 * @wanted: as for qfu_indexstore_load()
 * @metadata: what the mark names
 * @index: made of @metadata
 * @error: #QFU_ERROR_MISMATCH: the mark names other metadata; or as from qfu_highwater_store()
 *
 * Keeps @index for the next run. The caller holds the machine's lock. Killed at any moment, there
 * is this index, the one before, or none.
 */
gboolean qfu_indexstore_keep (const QfuConfig *config,
                              const QfuMetadataWanted *wanted,
                              const QfuSignedMetadata *metadata,
                              const QfuIndex *index,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
