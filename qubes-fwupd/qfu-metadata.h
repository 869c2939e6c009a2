/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-signature.h"

/**
 * QfuSignedMetadata:
 *
 * A metadata file with the good signature over it. Made by qfu_metadata_verify() only; what makes
 * an index of metadata demands one.
 */
typedef struct _QfuSignedMetadata QfuSignedMetadata;

/**
 * qfu_metadata_list_item:
 * @config: where the worker is
 * @jcat: the jcat file beside a remote's metadata
 * @file_name: the last component of the remote's configured metadata URL
 * @error: #QFU_ERROR_NOT_FOUND: the jcat file does not list @file_name, or under a name that cannot
 * be asked for; or as from qfu_jcat_read()
 *
 * Which file to fetch beside the jcat: mirrors replace metadata under one name, so the jcat names
 * the version that it was made for. The name is one component of [A-Za-z0-9._-]{1,128}, neither "."
 * nor "..".
 *
 * Returns: (transfer full): the file's name
 */
char *qfu_metadata_list_item (const QfuConfig *config,
                              const QfuUntrustedBlob *jcat,
                              const char *file_name,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * QfuMetadataWanted:
 * @remote: id of the remote in fwupd; its rules count (qfu_config_remote())
 * @file_name: the last component of the remote's configured metadata URL
 * @now: the time to judge by, seconds since 1970
 */
typedef struct {
  const char *remote;
  const char *file_name;
  gint64 now;
} QfuMetadataWanted;

/**
 * qfu_metadata_verify:
 * @config: whose signatures count: MetadataKeys= of the remote or of [Trust]
 * @wanted: which file of which remote
 * @jcat: the jcat file
 * @metadata: the metadata file
 * @error: as from qfu_jcat_read(), qfu_keys_load() and qfu_signature_verify()
 *
 * Checks that @metadata is the file that is wanted, unchanged, as signed by an accepted authority
 * whose certificate is in force, at a time that the signature states.
 *
 * How old the signature may be, and whether it is older than the last one seen, is for the caller,
 * who keeps the last signing time.
 */
QfuSignedMetadata *qfu_metadata_verify (const QfuConfig *config,
                                        const QfuMetadataWanted *wanted,
                                        const QfuUntrustedBlob *jcat,
                                        const QfuUntrustedBlob *metadata,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_signed_metadata_free (QfuSignedMetadata *metadata);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuSignedMetadata, qfu_signed_metadata_free)

/* (transfer none): the metadata; signed, but still for workers only. */
const QfuUntrustedBlob *qfu_signed_metadata_blob (const QfuSignedMetadata *metadata);
/* (transfer none): whose signature it is, and when it was made. */
const QfuSignature *qfu_signed_metadata_signature (const QfuSignedMetadata *metadata);
/* (transfer full): a jcat file that holds nothing but the verified checksum and signature. */
GBytes *qfu_signed_metadata_jcat (const QfuSignedMetadata *metadata);
