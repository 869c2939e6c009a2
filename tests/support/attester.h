/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-pcrfile.h"

#include <gnutls/abstract.h>
#include <tss2/tss2_mu.h>

#define ATTESTER_KEY                                                                               \
  (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |              \
   TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT)

/**
 * Attester:
 * @key: the private half
 * @public: what the TPM would tell of it
 *
 * A TPM that says whatever a test wants: a key on P-256, or of RSA 2048.
 */
typedef struct {
  gnutls_privkey_t key;
  TPMT_PUBLIC public;
} Attester;

Attester *attester_new (gboolean rsa, TPMA_OBJECT attributes);
void attester_free (Attester *attester);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Attester, attester_free)

/* (transfer full): TPM2B_PUBLIC */
GBytes *attester_public (const TPMT_PUBLIC *public);
/* (transfer full): TPMT_SIGNATURE over @message */
GBytes *attester_sign (const Attester *attester, GBytes *message);
/* (transfer full): TPMS_ATTEST */
GBytes *attester_message (const TPMS_ATTEST *attest);
/* A quote over @values, answering @nonce. */
void attester_quote (const QfuPcrSet *values, const char *nonce, TPMS_ATTEST *attest);
/* The public half of an endorsement key by template @kind, made of @key. */
void attester_ek (const Attester *attester, TPMT_PUBLIC *ek);
/* Some values: PCR 0 to 7 in two banks. */
void attester_values (QfuPcrSet *values);
