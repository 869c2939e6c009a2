/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-hasher.h"
#include "qfu-wire-table.h"

#include <gnutls/abstract.h>
#include <tss2/tss2_tpm2_types.h>

/* Public keys of TPMs: what they may be used for, their names, and the same keys for GnuTLS. For
 * the programs that link tpm2-tss; no bytes are read here, only structures that its own
 * unmarshalling made. */

#define QFU_KEY_NAME_MAX 66 /* bytes: u16 TPM_ALG_ID, and the longest digest */

/* Whether the TPM lets @key sign nothing but statements of its own, and it never leaves the TPM:
 * then a signature by it over TPM_GENERATED_VALUE is the TPM's word. */
gboolean qfu_tpmkey_attests (const TPMT_PUBLIC *key);

/* (transfer full): @key for GnuTLS; %NULL with #QFU_ERROR_UNSUPPORTED when it is not on P-256 or
 * P-384 and no RSA key of at least 2048 bits. */
gnutls_pubkey_t qfu_tpmkey_new (const TPMT_PUBLIC *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full): @key in PEM. */
char *qfu_tpmkey_pem (const TPMT_PUBLIC *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_tpmkey_name:
 * @key: a key
 * @name: (out): of QFU_KEY_NAME_MAX bytes
 *
 * Computes the name that a TPM knows @key by: a digest of all of its public area, attributes
 * included.
 *
 * Returns: its size in bytes; 0 when its algorithm is not known here
 */
gsize qfu_tpmkey_name (const TPMT_PUBLIC *key, guint8 *name) G_GNUC_WARN_UNUSED_RESULT;

/* The template that endorsement keys are made by, of the TCG's EK Credential Profile: what a
 * manufacturer certifies is the key that a TPM makes by it. */
void qfu_tpmkey_ek_template (QfuEkTemplate kind, TPMT_PUBLIC *key);
/* The template that @key was made by; 0 for another one. */
guint qfu_tpmkey_ek_kind (const TPMT_PUBLIC *key);
/* The bytes of @key that the template leaves open: modulus, or both coordinates. %FALSE when @out
 * is too small or @key is not of that template. */
gboolean qfu_tpmkey_ek_bytes (const TPMT_PUBLIC *key, guint8 *out, gsize room, gsize *size)
    G_GNUC_WARN_UNUSED_RESULT;
/* The reverse. */
gboolean qfu_tpmkey_ek_from_bytes (QfuEkTemplate kind,
                                   const guint8 *bytes,
                                   gsize size,
                                   TPMT_PUBLIC *key) G_GNUC_WARN_UNUSED_RESULT;
