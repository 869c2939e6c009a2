/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cab-check.h"

/**
 * QfuRebuiltCab:
 *
 * A cab that holds nothing but a metainfo file, its payload, and a jcat file with the checksum and
 * the signature that verified for each: what is handed to fwupd when no metadata vouches for the
 * cab that these came in. Made by qfu_rebuild_cab() only.
 *
 * Trust: a worker joined the members; another one took them out again, and their digests are the
 * same. In the cabinet's structure the first worker has its word: no gap, no reserve, nothing
 * behind it, but dates and attributes.
 */
typedef struct _QfuRebuiltCab QfuRebuiltCab;

/**
 * qfu_rebuild_cab:
 * @config: where the workers are
 * @content: (transfer full): what a check found to belong together; still the caller's when %NULL
 * is returned
 * @error: #QFU_ERROR_PROTOCOL or #QFU_ERROR_MISMATCH when a worker lies, and what it reports
 *
 * Has a worker write the cab anew and another one unpack it, and compares what came out.
 *
 * Returns: (transfer full): the cab; the same @content gives the same bytes
 */
QfuRebuiltCab *qfu_rebuild_cab (const QfuConfig *config,
                                QfuCabContent *content,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_rebuilt_cab_free (QfuRebuiltCab *cab);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuRebuiltCab, qfu_rebuilt_cab_free)

/* (transfer none): the bytes, for fwupd. */
const QfuUntrustedBlob *qfu_rebuilt_cab_blob (const QfuRebuiltCab *cab);
/* (transfer none): what is in it. */
const QfuCabContent *qfu_rebuilt_cab_content (const QfuRebuiltCab *cab);
