/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attester.h"

#include "qfu-tpmkey.h"

#include <gnutls/crypto.h>
#include <string.h>

static void
take (gnutls_datum_t *datum, guint8 *out, UINT16 *size, gsize width)
{
  gsize skip = datum->size > width ? datum->size - width : 0; /* a sign */

  *size = (UINT16)(datum->size - skip);
  memcpy (out, datum->data + skip, *size);
  gnutls_free (datum->data);
}

static void
set_ecc (Attester *attester)
{
  TPMS_ECC_PARMS *parameters = &attester->public.parameters.eccDetail;
  TPMS_ECC_POINT *point = &attester->public.unique.ecc;
  gnutls_ecc_curve_t curve;
  gnutls_datum_t x;
  gnutls_datum_t y;

  g_assert_cmpint (gnutls_privkey_export_ecc_raw (attester->key, &curve, &x, &y, NULL), ==, 0);
  take (&x, point->x.buffer, &point->x.size, 32);
  take (&y, point->y.buffer, &point->y.size, 32);
  attester->public.type = TPM2_ALG_ECC;
  parameters->symmetric.algorithm = TPM2_ALG_NULL;
  parameters->scheme.scheme = TPM2_ALG_ECDSA;
  parameters->scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
  parameters->curveID = TPM2_ECC_NIST_P256;
  parameters->kdf.scheme = TPM2_ALG_NULL;
}

static void
set_rsa (Attester *attester)
{
  TPMS_RSA_PARMS *parameters = &attester->public.parameters.rsaDetail;
  TPM2B_PUBLIC_KEY_RSA *unique = &attester->public.unique.rsa;
  gnutls_datum_t m;
  gnutls_datum_t e;

  g_assert_cmpint (
      gnutls_privkey_export_rsa_raw (attester->key, &m, &e, NULL, NULL, NULL, NULL, NULL, NULL), ==,
      0);
  take (&m, unique->buffer, &unique->size, 256);
  gnutls_free (e.data);
  attester->public.type = TPM2_ALG_RSA;
  parameters->symmetric.algorithm = TPM2_ALG_NULL;
  parameters->scheme.scheme = TPM2_ALG_RSASSA;
  parameters->scheme.details.rsassa.hashAlg = TPM2_ALG_SHA256;
  parameters->keyBits = 2048;
}

Attester *
attester_new (gboolean rsa, TPMA_OBJECT attributes)
{
  Attester *attester = g_new0 (Attester, 1);

  g_assert_cmpint (gnutls_privkey_init (&attester->key), ==, 0);
  g_assert_cmpint (gnutls_privkey_generate (
                       attester->key, rsa ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA,
                       rsa ? 2048 : (unsigned)GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                   ==, 0);
  attester->public.nameAlg = TPM2_ALG_SHA256;
  attester->public.objectAttributes = attributes;
  if (rsa)
    set_rsa (attester);
  else
    set_ecc (attester);
  return attester;
}

void
attester_free (Attester *attester)
{
  gnutls_privkey_deinit (attester->key);
  g_free (attester);
}

GBytes *
attester_public (const TPMT_PUBLIC *public)
{
  const TPM2B_PUBLIC whole = {.publicArea = *public};
  guint8 bytes[sizeof whole];
  gsize size = 0;

  g_assert_cmpuint (Tss2_MU_TPM2B_PUBLIC_Marshal (&whole, bytes, sizeof bytes, &size), ==, 0);
  return g_bytes_new (bytes, size);
}

GBytes *
attester_sign (const Attester *attester, GBytes *message)
{
  gsize length;
  gnutls_datum_t data = {(guint8 *)g_bytes_get_data (message, &length), 0};
  gnutls_datum_t signature;
  TPMT_SIGNATURE out = {.sigAlg = TPM2_ALG_RSASSA};
  guint8 bytes[sizeof out];
  gsize size = 0;

  data.size = (unsigned)length;
  g_assert_cmpint (
      gnutls_privkey_sign_data (attester->key, GNUTLS_DIG_SHA256, 0, &data, &signature), ==, 0);
  out.signature.any.hashAlg = TPM2_ALG_SHA256;
  if (attester->public.type == TPM2_ALG_RSA) {
    take (&signature, out.signature.rsassa.sig.buffer, &out.signature.rsassa.sig.size, 256);
  } else {
    TPMS_SIGNATURE_ECC *ecc = &out.signature.ecdsa;
    gnutls_datum_t r;
    gnutls_datum_t s;

    g_assert_cmpint (gnutls_decode_rs_value (&signature, &r, &s), ==, 0);
    gnutls_free (signature.data);
    out.sigAlg = TPM2_ALG_ECDSA;
    take (&r, ecc->signatureR.buffer, &ecc->signatureR.size, 32);
    take (&s, ecc->signatureS.buffer, &ecc->signatureS.size, 32);
  }
  g_assert_cmpuint (Tss2_MU_TPMT_SIGNATURE_Marshal (&out, bytes, sizeof bytes, &size), ==, 0);
  return g_bytes_new (bytes, size);
}

GBytes *
attester_message (const TPMS_ATTEST *attest)
{
  guint8 bytes[sizeof *attest];
  gsize size = 0;

  g_assert_cmpuint (Tss2_MU_TPMS_ATTEST_Marshal (attest, bytes, sizeof bytes, &size), ==, 0);
  return g_bytes_new (bytes, size);
}

void
attester_quote (const QfuPcrSet *values, const char *nonce, TPMS_ATTEST *attest)
{
  TPMS_QUOTE_INFO *quote = &attest->attested.quote;
  QfuSelection selection[QFU_BANK_COUNT];
  guint n = qfu_selection_of (values, selection);
  QfuDigest digest;

  memset (attest, 0, sizeof *attest);
  attest->magic = TPM2_GENERATED_VALUE;
  attest->type = TPM2_ST_ATTEST_QUOTE;
  attest->extraData.size = (UINT16)strlen (nonce);
  memcpy (attest->extraData.buffer, nonce, strlen (nonce));
  attest->clockInfo =
      (TPMS_CLOCK_INFO){.clock = 1000, .resetCount = 3, .restartCount = 1, .safe = 1};
  quote->pcrSelect.count = n;
  for (guint i = 0; i < n; i++) {
    TPMS_PCR_SELECTION *bank = &quote->pcrSelect.pcrSelections[i];

    bank->hash = (TPMI_ALG_HASH)selection[i].hash;
    bank->sizeofSelect = 3;
    for (guint byte = 0; byte < 3; byte++)
      bank->pcrSelect[byte] = (BYTE)(selection[i].pcrs >> (8 * byte));
  }
  g_assert_true (qfu_selection_digest (selection, n, values, QFU_HASH_SHA256, &digest));
  quote->pcrDigest.size = (UINT16)digest.size;
  memcpy (quote->pcrDigest.buffer, digest.data, digest.size);
}

void
attester_ek (const Attester *attester, TPMT_PUBLIC *ek)
{
  gboolean rsa = attester->public.type == TPM2_ALG_RSA;

  qfu_tpmkey_ek_template (rsa ? QFU_EK_RSA_2048 : QFU_EK_ECC_P256, ek);
  ek->unique = attester->public.unique;
}

void
attester_values (QfuPcrSet *values)
{
  qfu_pcr_set_clear (values);
  for (guint i = 0; i < 16; i++) {
    QfuDigest digest;

    qfu_digest_compute (i < 8 ? QFU_HASH_SHA1 : QFU_HASH_SHA256, &i, sizeof i, &digest);
    g_assert_true (qfu_pcr_set_put (values, i % 8, &digest));
  }
}
