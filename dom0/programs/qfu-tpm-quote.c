/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* attest --quote: what the TPM says of its PCRs. */

#include "qfu-child.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-pcrfile.h"
#include "qfu-tpm-key.h"

#include <string.h>
#include <tss2/tss2_mu.h>

/* PCR 10 and the like may be extended between the quote and the reading of what it is about; each
 * round asks the TPM anew, and nothing but a round that fits is used. */
#define ROUNDS 8

typedef struct {
  TPM2B_ATTEST *message;
  TPMT_SIGNATURE *signature;
} Quote;

static void
quote_clear (Quote *quote)
{
  Esys_Free (quote->message);
  Esys_Free (quote->signature);
  quote->message = NULL;
  quote->signature = NULL;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Quote, quote_clear)

static void
select_pcrs (const guint32 pcrs[QFU_BANK_COUNT], TPML_PCR_SELECTION *out)
{
  memset (out, 0, sizeof *out);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    TPMS_PCR_SELECTION *selection = &out->pcrSelections[out->count];

    if (pcrs[bank] == 0)
      continue;
    selection->hash = (TPMI_ALG_HASH)qfu_bank_hash (bank);
    selection->sizeofSelect = 3;
    for (guint i = 0; i < 3; i++)
      selection->pcrSelect[i] = (BYTE)(pcrs[bank] >> (8 * i));
    out->count++;
  }
}

static gboolean
make_quote (QfuTpm *tpm,
            ESYS_TR ak,
            const TPM2B_DATA *nonce,
            const TPML_PCR_SELECTION *selection,
            Quote *quote,
            GError **error)
{
  const TPMT_SIG_SCHEME own = {.scheme = TPM2_ALG_NULL};
  TSS2_RC rc = Esys_Quote (tpm->esys, ak, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, nonce, &own,
                           selection, &quote->message, &quote->signature);

  if (qfu_tpm_base_code (rc) == TPM2_RC_SIZE) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT,
                 "this TPM takes no --nonce of %u bytes; every one takes 32", nonce->size);
    return FALSE;
  }
  return qfu_tpm_check (rc, "quoting the PCRs", QFU_ERROR_IO, error);
}

/* Whether the quote is about exactly these values. */
static gboolean
quote_fits (const Quote *quote, const QfuPcrSet *values, gboolean *fits, GError **error)
{
  QfuSelection selection[QFU_BANK_COUNT];
  guint n = qfu_selection_of (values, selection);
  TPMI_ALG_HASH hash = quote->signature->signature.any.hashAlg;
  const TPM2B_DIGEST *quoted;
  TPMS_ATTEST attest;
  QfuDigest digest;
  gsize offset = 0;

  if (!qfu_tpm_check (Tss2_MU_TPMS_ATTEST_Unmarshal (quote->message->attestationData,
                                                     quote->message->size, &offset, &attest),
                      "reading the quote", QFU_ERROR_FORMAT, error))
    return FALSE;
  quoted = &attest.attested.quote.pcrDigest;
  *fits = qfu_hash_size (hash) > 0 && qfu_selection_digest (selection, n, values, hash, &digest) &&
          quoted->size == digest.size && memcmp (quoted->buffer, digest.data, digest.size) == 0;
  return TRUE;
}

static gboolean
send_quote (QfuWire *wire, const Quote *quote, const QfuPcrSet *values, GError **error)
{
  guint8 signature[sizeof (TPMT_SIGNATURE)];
  gsize size = 0;

  return qfu_tpm_check (
             Tss2_MU_TPMT_SIGNATURE_Marshal (quote->signature, signature, sizeof signature, &size),
             "writing the signature", QFU_ERROR_INTERNAL, error) &&
         qfu_tpm_send_piece (wire, QFU_PIECE_MESSAGE, quote->message->attestationData,
                             quote->message->size, error) &&
         qfu_tpm_send_piece (wire, QFU_PIECE_SIGNATURE, signature, size, error) &&
         qfu_tpm_send_pcrs (wire, values, error);
}

static gboolean
take_nonce (TPM2B_DATA *nonce, GError **error)
{
  g_autoptr (GBytes) bytes = qfu_child_input (0, error);
  gsize size;
  const void *data = bytes == NULL ? NULL : g_bytes_get_data (bytes, &size);

  if (data == NULL || size > QFU_NONCE_MAX)
    return FALSE;
  memcpy (nonce->buffer, data, size);
  nonce->size = (UINT16)size;
  return TRUE;
}

gboolean
qfu_tpm_run_quote (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  g_auto (QfuTpm) tpm = {NULL, NULL};
  guint32 pcrs[QFU_BANK_COUNT];
  TPML_PCR_SELECTION selection;
  TPM2B_DATA nonce = {0};
  TPMT_PUBLIC public;
  guint64 handle;
  ESYS_TR ak;

  if (!take_nonce (&nonce, error) ||
      !qfu_message_number (arguments, QFU_FIELD_FLAGS, TPM2_PERSISTENT_FIRST, TPM2_PERSISTENT_LAST,
                           &handle, error) ||
      !qfu_tpm_open_device (&tpm, arguments, error) ||
      !qfu_tpm_ak_find (&tpm, (guint32)handle, &ak, &public, error) ||
      !qfu_tpm_allocated (&tpm, pcrs, error))
    return FALSE;
  select_pcrs (pcrs, &selection);
  for (guint round = 0; round < ROUNDS; round++) {
    g_auto (Quote) quote = {NULL, NULL};
    QfuPcrSet values;
    gboolean fits;

    if (!make_quote (&tpm, ak, &nonce, &selection, &quote, error) ||
        !qfu_tpm_read_pcrs (&tpm, pcrs, &values, error) ||
        !quote_fits (&quote, &values, &fits, error))
      return FALSE;
    if (fits)
      return send_quote (wire, &quote, &values, error);
  }
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_BUSY,
                       "the PCRs change while they are quoted; wait until the system has started");
  return FALSE;
}
