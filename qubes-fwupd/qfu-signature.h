/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-jcat.h"

/**
 * QfuSignature:
 *
 * A good signature: the file's checksum in the jcat is the one computed here, and one of the item's
 * PKCS#7 blobs verified against an accepted authority. Made by qfu_signature_verify() only.
 *
 * Trust: as far as the worker for `signature` is trusted; the checksum was computed here.
 */
typedef struct _QfuSignature QfuSignature;

/**
 * QfuSignatureWhen:
 * @QFU_SIGNATURE_VALID_NOW: the certificate must be in force now: metadata
 * @QFU_SIGNATURE_VALID_WHEN_SIGNED: the certificate must have been in force when it signed: cab
 * members, which outlive certificates
 */
typedef enum { QFU_SIGNATURE_VALID_NOW, QFU_SIGNATURE_VALID_WHEN_SIGNED } QfuSignatureWhen;

/**
 * QfuSignaturePolicy:
 * @keys: PEM certificates of the accepted authorities, from qfu_keys_load()
 * @when: when the signing certificate must be in force
 * @now: the time to judge by, seconds since 1970; the worker has no clock of its own
 *
 * What makes a signature count, besides what [Trust] of the configuration says.
 */
typedef struct {
  const QfuUntrustedBlob *keys;
  QfuSignatureWhen when;
  gint64 now;
} QfuSignaturePolicy;

/**
 * qfu_signature_verify:
 * @config: where the worker is; DeniedSerials= and RequirePostQuantum= of [Trust]
 * @jcat: a jcat file as the worker listed it
 * @name: the file's name: an item's ID or alias
 * @data: the file
 * @policy: what counts
 * @error: #QFU_ERROR_NOT_FOUND: no item of that name; #QFU_ERROR_MISMATCH: another checksum;
 * #QFU_ERROR_SIGNATURE: no checksum, no signature or no good one; #QFU_ERROR_UNSUPPORTED: only
 * signatures of unknown algorithms, or a post-quantum one is demanded and cannot be checked here
 *
 * Demands at least one sha256 or sha512 checksum, that every one of them is right, and at least one
 * good PKCS#7 signature whose certificate is not denied; one of a post-quantum algorithm when the
 * configuration asks for it. All PKCS#7 blobs of the item are tried; a bad one does not sink a good
 * one, and of several good ones that which was made last is kept.
 */
QfuSignature *qfu_signature_verify (const QfuConfig *config,
                                    const QfuJcat *jcat,
                                    const char *name,
                                    const QfuUntrustedBlob *data,
                                    const QfuSignaturePolicy *policy,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_signature_free (QfuSignature *signature);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuSignature, qfu_signature_free)

/* (transfer none): name of the authority that issued the certificate. */
const char *qfu_signature_authority (const QfuSignature *signature);
/* (transfer none): name of whom the certificate was issued to. */
const char *qfu_signature_subject (const QfuSignature *signature);
/* (transfer none): serial number of the certificate, lower-case hexadecimal. */
const char *qfu_signature_serial (const QfuSignature *signature);
/* Whether the certificate of one authority made both. */
gboolean qfu_signature_same_signer (const QfuSignature *a, const QfuSignature *b);
/* Authenticated signing time, seconds since 1970; 0 when the signature does not say. */
gint64 qfu_signature_time (const QfuSignature *signature);
/* (transfer none): ID of the item in the jcat file. */
const char *qfu_signature_item_id (const QfuSignature *signature);
/* (transfer none): the PKCS#7 blob that verified. */
GBytes *qfu_signature_pkcs7 (const QfuSignature *signature);
/* (transfer none): SHA-256 of the file, computed here. */
const QfuDigest *qfu_signature_sha256 (const QfuSignature *signature);
/* Until when the certificate and that of its authority are in force, seconds since 1970. */
gint64 qfu_signature_not_after (const QfuSignature *signature);
/* How many of the file's other signatures are of unknown algorithms, to be reported. */
guint qfu_signature_unknown (const QfuSignature *signature);
