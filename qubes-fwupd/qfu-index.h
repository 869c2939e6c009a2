/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-component.h"
#include "qfu-metadata.h"

/*
 * An index, as a file:
 *
 *    0  "QFUINDEX"
 *    8  u32 version of this format, little-endian
 *   12  u32 version of the wire, as in the frames
 *   16  SHA-256 of the metadata that it was made of
 *   48  frames: COMPONENT, then its REQUIREMENTs, then its RELEASEs, and so on (schemas/wire.md)
 *
 * There is no table of contents: to go through the frames' headers takes less than to check the
 * digest, which comes first.
 */

/**
 * QfuIndex:
 *
 * What a worker read in signed metadata, all of it, in sealed memory. A catalogue of some devices
 * is read from it without another worker.
 *
 * Trust: rests on the #QfuSignedMetadata that qfu_index_new() demands. What qfu_index_load()
 * returns is, byte for byte, what qfu_index_new() made before, because its digest is that of a
 * record which only we write; whoever keeps that record says with it that the metadata was
 * verified, and must ask for another verification when what that rested on has changed. The frames
 * are the worker's claims.
 */
typedef struct _QfuIndex QfuIndex;

/**
 * qfu_index_new:
 * @config: where the worker is
 * @metadata: signed metadata
 * @error: #QFU_ERROR_PROTOCOL when the worker lies, #QFU_ERROR_LIMIT, and what the worker reports
 *
 * Has a worker read @metadata.
 */
QfuIndex *qfu_index_new (const QfuConfig *config,
                         const QfuSignedMetadata *metadata,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_index_load:
 * @folder: of the cache, such as "metadata/lvfs"
 * @sha256: the digest that stands in our own store: of the index
 * @metadata: the same of the metadata
 * @error: #QFU_ERROR_NOT_FOUND: there is none; #QFU_ERROR_MISMATCH: it is another one, of other
 * metadata, or of another version of the format; #QFU_ERROR_IO, #QFU_ERROR_LIMIT
 *
 * The index that qfu_index_keep() left. When there is none for whatever reason, make it anew.
 */
QfuIndex *qfu_index_load (const QfuConfig *config,
                          const char *folder,
                          const QfuDigest *sha256,
                          const QfuDigest *metadata,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_index_free (QfuIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuIndex, qfu_index_free)

/* Leaves @index in the cache, for qfu_index_load(): all of it, or what was there before. */
gboolean qfu_index_keep (const QfuIndex *index,
                         const QfuConfig *config,
                         const char *folder,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none): SHA-256 of all bytes, for the record. */
const QfuDigest *qfu_index_sha256 (const QfuIndex *index);

/**
 * qfu_index_components:
 * @guids: (array zero-terminated) (nullable): lower-case GUIDs; %NULL: any
 * @error: #QFU_ERROR_PROTOCOL: a value is out of its range or a frame out of order;
 * #QFU_ERROR_FORMAT: what was asked for is wrong in the metadata
 *
 * Returns: (transfer full) (element-type QfuComponent): the components for one of @guids, and no
 * others, in the order of the metadata; the rest is passed over undecoded
 */
GPtrArray *qfu_index_components (const QfuIndex *index,
                                 const char *const *guids,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
