/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is this a TPM's quote, signed by this key? Whoever breaks this file breaks every remote
 * attestation; so it sees three short files and nothing else: the key that the verifier has pinned,
 * the message, and the signature. The message is read only after its signature held: from then on
 * the bytes are the TPM's own. */
#include "qfu-error.h"
#include "qfu-gnutls.h"
#include "qfu-parse.h"
#include "qfu-tpmkey.h"

#include <gnutls/crypto.h>
#include <string.h>
#include <tss2/tss2_mu.h>

/* A signature's scheme and hash for GnuTLS; unknown ones give GNUTLS_SIGN_UNKNOWN. */
static gnutls_sign_algorithm_t
algorithm_of (guint scheme, guint hash)
{
  static const struct {
    guint scheme;
    guint hash;
    gnutls_sign_algorithm_t algorithm;
  } known[] = {
      {TPM2_ALG_ECDSA, TPM2_ALG_SHA256, GNUTLS_SIGN_ECDSA_SHA256},
      {TPM2_ALG_ECDSA, TPM2_ALG_SHA384, GNUTLS_SIGN_ECDSA_SHA384},
      {TPM2_ALG_ECDSA, TPM2_ALG_SHA512, GNUTLS_SIGN_ECDSA_SHA512},
      {TPM2_ALG_RSASSA, TPM2_ALG_SHA256, GNUTLS_SIGN_RSA_SHA256},
      {TPM2_ALG_RSASSA, TPM2_ALG_SHA384, GNUTLS_SIGN_RSA_SHA384},
      {TPM2_ALG_RSASSA, TPM2_ALG_SHA512, GNUTLS_SIGN_RSA_SHA512},
      {TPM2_ALG_RSAPSS, TPM2_ALG_SHA256, GNUTLS_SIGN_RSA_PSS_SHA256},
      {TPM2_ALG_RSAPSS, TPM2_ALG_SHA384, GNUTLS_SIGN_RSA_PSS_SHA384},
      {TPM2_ALG_RSAPSS, TPM2_ALG_SHA512, GNUTLS_SIGN_RSA_PSS_SHA512},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++) {
    if (known[i].scheme == scheme && known[i].hash == hash)
      return known[i].algorithm;
  }
  return GNUTLS_SIGN_UNKNOWN;
}

static guint
scheme_of (const TPMT_PUBLIC *key)
{
  return key->type == TPM2_ALG_ECC ? key->parameters.eccDetail.scheme.scheme
                                   : key->parameters.rsaDetail.scheme.scheme;
}

static gboolean
read_key (const QfuParseInput *input, TPMT_PUBLIC *key, GError **error)
{
  TPM2B_PUBLIC public = {0};
  gsize offset = 0;

  if (input->size > QFU_TPM_PUBLIC_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "the pinned key is larger than 1024 bytes");
  if (input->size == 0 ||
      Tss2_MU_TPM2B_PUBLIC_Unmarshal (input->data, input->size, &offset, &public) !=
          TSS2_RC_SUCCESS ||
      offset != input->size)
    return qfu_error_set (error, QFU_ERROR_FORMAT, "the pinned key is no TPM2B_PUBLIC");
  *key = public.publicArea;
  return TRUE;
}

static gboolean
read_signature (const QfuParseInput *input, TPMT_SIGNATURE *signature, GError **error)
{
  gsize offset = 0;

  if (input->size > QFU_QUOTE_SIGNATURE_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "the signature is larger than 1024 bytes");
  if (input->size == 0 ||
      Tss2_MU_TPMT_SIGNATURE_Unmarshal (input->data, input->size, &offset, signature) !=
          TSS2_RC_SUCCESS ||
      offset != input->size)
    return qfu_error_set (error, QFU_ERROR_FORMAT, "the signature is no TPMT_SIGNATURE");
  return TRUE;
}

/* The bytes of the signature as GnuTLS wants them. */
static gboolean
encode (const TPMT_SIGNATURE *signature, QfuDatum *out)
{
  const TPMS_SIGNATURE_ECC *ecc = &signature->signature.ecdsa;
  const TPM2B_PUBLIC_KEY_RSA *rsa = &signature->signature.rsassa.sig;
  const QfuDatum r = {(guint8 *)ecc->signatureR.buffer, ecc->signatureR.size};
  const QfuDatum s = {(guint8 *)ecc->signatureS.buffer, ecc->signatureS.size};

  if (signature->sigAlg == TPM2_ALG_ECDSA)
    return r.size > 0 && s.size > 0 && gnutls_encode_rs_value (out, &r, &s) == 0;
  out->data = gnutls_malloc (rsa->size);
  out->size = rsa->size;
  if (out->data == NULL)
    return FALSE;
  memcpy (out->data, rsa->buffer, rsa->size);
  return TRUE;
}

/* Whether @signature is the key's own over @message. */
static gboolean
is_signed (const TPMT_PUBLIC *key, const TPMT_SIGNATURE *signature, const QfuParseInput *message)
{
  g_auto (gnutls_pubkey_t) public = qfu_tpmkey_new (key, NULL);
  g_auto (QfuDatum) bytes = {NULL, 0};
  const QfuDatum data = {(guint8 *)message->data, (unsigned)message->size};
  gnutls_sign_algorithm_t algorithm =
      algorithm_of (signature->sigAlg, signature->signature.any.hashAlg);

  return public != NULL && signature->sigAlg == scheme_of (key) &&
         algorithm != GNUTLS_SIGN_UNKNOWN && encode (signature, &bytes) &&
         gnutls_pubkey_verify_data2 (public, algorithm, 0, &data, &bytes) >= 0;
}

static gboolean
add_selection (QfuMessage *message, const TPML_PCR_SELECTION *list, GError **error)
{
  if (list->count > QFU_QUOTE_SELECTIONS_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "the quote is about more than 8 banks");
  for (guint i = 0; i < list->count; i++) {
    const TPMS_PCR_SELECTION *bank = &list->pcrSelections[i];
    guint64 bits = (guint64)bank->hash << 32;

    for (guint byte = 0; byte < MIN (bank->sizeofSelect, sizeof bank->pcrSelect); byte++)
      bits |= (guint64)bank->pcrSelect[byte] << (8 * byte);
    qfu_message_add_number (message, QFU_FIELD_SELECTION, bits);
  }
  return TRUE;
}

/* What the TPM says. */
static gboolean
describe (QfuMessage *message, const TPMS_ATTEST *attest, guint hash, GError **error)
{
  const TPMS_QUOTE_INFO *quote = &attest->attested.quote;
  QfuDigest digest;

  if (attest->extraData.size > QFU_NONCE_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "the nonce in the quote is larger than 64 bytes");
  if (!qfu_digest_set (&digest, hash, quote->pcrDigest.buffer, quote->pcrDigest.size))
    return qfu_error_set (error, QFU_ERROR_FORMAT, "the digest in the quote has another length");
  qfu_message_add_bytes (message, QFU_FIELD_NONCE, attest->extraData.buffer,
                         attest->extraData.size);
  qfu_message_add_digest (message, QFU_FIELD_DIGEST, &digest);
  qfu_message_add_number (message, QFU_FIELD_CLOCK, attest->clockInfo.clock);
  qfu_message_add_number (message, QFU_FIELD_RESET_COUNT, attest->clockInfo.resetCount);
  qfu_message_add_number (message, QFU_FIELD_RESTART_COUNT, attest->clockInfo.restartCount);
  qfu_message_add_number (message, QFU_FIELD_FLAGS,
                          attest->clockInfo.safe == TPM2_YES ? QFU_QUOTE_FLAG_SAFE : 0);
  return add_selection (message, &quote->pcrSelect, error);
}

/* Reads what the key has signed. Another statement of a TPM, or something that it signed for
 * somebody, is no quote. */
static gboolean
read_message (const QfuParseInput *input,
              guint hash,
              QfuMessage *out,
              QfuQuoteVerdict *verdict,
              GError **error)
{
  TPMS_ATTEST attest = {0};
  gsize offset = 0;

  *verdict = QFU_QUOTE_OTHER;
  if (Tss2_MU_TPMS_ATTEST_Unmarshal (input->data, input->size, &offset, &attest) !=
          TSS2_RC_SUCCESS ||
      offset != input->size || attest.magic != TPM2_GENERATED_VALUE ||
      attest.type != TPM2_ST_ATTEST_QUOTE)
    return TRUE;
  *verdict = QFU_QUOTE_GOOD;
  return describe (out, &attest, hash, error);
}

void
qfu_parse_quote_warm_up (void)
{
  if (gnutls_global_init () != GNUTLS_E_SUCCESS)
    g_error ("GnuTLS does not start");
}

/* Inputs: key, message, signature. */
gboolean
qfu_parse_quote (const QfuMessage *arguments,
                 const QfuParseInput *inputs,
                 gsize n_inputs,
                 const QfuParseSink *sink,
                 GError **error)
{
  g_autoptr (QfuMessage) out = qfu_message_new (QFU_FRAME_QUOTE);
  QfuQuoteVerdict verdict = QFU_QUOTE_BROKEN;
  TPMT_SIGNATURE signature = {0};
  TPMT_PUBLIC key;
  guint8 name[QFU_KEY_NAME_MAX];
  gsize size;

  if (inputs[1].size > QFU_QUOTE_MESSAGE_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "the quote is larger than 1024 bytes");
  if (!read_key (&inputs[0], &key, error) || !read_signature (&inputs[2], &signature, error))
    return FALSE;
  size = qfu_tpmkey_name (&key, name);
  if (size == 0 || !qfu_tpmkey_attests (&key))
    verdict = QFU_QUOTE_KEY;
  else if (inputs[1].size > 0 && is_signed (&key, &signature, &inputs[1]) &&
           !read_message (&inputs[1], signature.signature.any.hashAlg, out, &verdict, error))
    return FALSE;
  qfu_message_add_number (out, QFU_FIELD_STATUS, verdict);
  qfu_message_add_bytes (out, QFU_FIELD_KEY_NAME, name, size);
  return qfu_parse_emit (sink, out, error);
}
