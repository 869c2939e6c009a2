/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-limits.h"
#include "qfu-pcrfile.h"

/**
 * QfuQuote:
 * @key_name: hexadecimal digits of the name of the key that signed
 * @nonce: hexadecimal digits of what the verifier had demanded
 * @selection: which PCRs it is about
 * @n_selections: of how many banks
 * @digest: over their values
 * @clock: milliseconds that the TPM was powered since it was cleared
 * @reset_count: how often it was reset since then
 * @restart_count: how often it was resumed since the last reset
 * @safe: whether the TPM is sure that its clock did not go back
 *
 * What a TPM has signed. Made by qfu_quote_read() only.
 *
 * Trust: as far as worker `quote`, which sees the pinned key, the message and the signature and
 * nothing else; and as the TPM behind the key.
 */
typedef struct {
  char *key_name;
  char *nonce;
  QfuSelection selection[QFU_QUOTE_SELECTIONS_MAX];
  guint n_selections;
  QfuDigest digest;
  guint64 clock;
  guint32 reset_count;
  guint32 restart_count;
  gboolean safe;
} QfuQuote;

/**
 * qfu_quote_read:
 * @key: TPM2B_PUBLIC of the key that the verifier has pinned
 * @message: TPMS_ATTEST
 * @signature: TPMT_SIGNATURE
 * @error: #QFU_ERROR_SIGNATURE: not signed by that key, or nothing that counts; #QFU_ERROR_FORMAT
 */
QfuQuote *qfu_quote_read (const QfuConfig *config,
                          const QfuUntrustedBlob *key,
                          const QfuUntrustedBlob *message,
                          const QfuUntrustedBlob *signature,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_quote_free (QfuQuote *quote);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuQuote, qfu_quote_free)

/**
 * qfu_quote_check_values:
 * @values: anybody's
 * @error: #QFU_ERROR_MISMATCH when they are not those that the TPM has signed
 *
 * Removes from @values what the quote is not about.
 */
gboolean qfu_quote_check_values (const QfuQuote *quote,
                                 QfuPcrSet *values,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
