/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-tpmkey.h"

#include "qfu-error.h"
#include "qfu-gnutls.h"

#include <string.h>
#include <tss2/tss2_mu.h>

#define COORDINATE 32 /* bytes on P-256 */
#define MODULUS 256   /* bytes of RSA 2048 */
#define RSA_BITS_MIN 2048
#define RSA_EXPONENT 65537 /* what a TPM means by 0 */

/* PolicySecret (TPM_RH_ENDORSEMENT), of the profile. */
static const guint8 ek_policy[] = {
    0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24,
    0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52, 0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa,
};

gboolean
qfu_tpmkey_attests (const TPMT_PUBLIC *key)
{
  TPMA_OBJECT must = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_FIXEDTPM |
                     TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN;

  return (key->objectAttributes & (must | TPMA_OBJECT_DECRYPT)) == must;
}

static int
import_ecc (gnutls_pubkey_t out, const TPMT_PUBLIC *key)
{
  const TPMS_ECC_POINT *point = &key->unique.ecc;
  TPMI_ECC_CURVE curve = key->parameters.eccDetail.curveID;
  const QfuDatum x = {(guint8 *)point->x.buffer, point->x.size};
  const QfuDatum y = {(guint8 *)point->y.buffer, point->y.size};

  if (curve != TPM2_ECC_NIST_P256 && curve != TPM2_ECC_NIST_P384)
    return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
  return gnutls_pubkey_import_ecc_raw (
      out, curve == TPM2_ECC_NIST_P256 ? GNUTLS_ECC_CURVE_SECP256R1 : GNUTLS_ECC_CURVE_SECP384R1,
      &x, &y);
}

static int
import_rsa (gnutls_pubkey_t out, const TPMT_PUBLIC *key)
{
  guint32 exponent = GUINT32_TO_BE (
      key->parameters.rsaDetail.exponent == 0 ? RSA_EXPONENT : key->parameters.rsaDetail.exponent);
  const QfuDatum modulus = {(guint8 *)key->unique.rsa.buffer, key->unique.rsa.size};
  const QfuDatum e = {(guint8 *)&exponent, sizeof exponent};

  if (key->parameters.rsaDetail.keyBits < RSA_BITS_MIN || modulus.size < RSA_BITS_MIN / 8)
    return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
  return gnutls_pubkey_import_rsa_raw (out, &modulus, &e);
}

gnutls_pubkey_t
qfu_tpmkey_new (const TPMT_PUBLIC *key, GError **error)
{
  g_auto (gnutls_pubkey_t) out = NULL;
  int rc = gnutls_pubkey_init (&out);

  if (rc == 0 && key->type == TPM2_ALG_ECC)
    rc = import_ecc (out, key);
  else if (rc == 0 && key->type == TPM2_ALG_RSA)
    rc = import_rsa (out, key);
  else if (rc == 0)
    rc = GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
  if (rc != 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                         "the key is not on P-256 or P-384, and no RSA key of 2048 bits or more");
    return NULL;
  }
  return g_steal_pointer (&out);
}

char *
qfu_tpmkey_pem (const TPMT_PUBLIC *key, GError **error)
{
  g_auto (gnutls_pubkey_t) public = qfu_tpmkey_new (key, error);
  g_auto (QfuDatum) pem = {NULL, 0};

  if (public == NULL)
    return NULL;
  if (gnutls_pubkey_export2 (public, GNUTLS_X509_FMT_PEM, &pem) != 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_INTERNAL, "GnuTLS does not write the key");
    return NULL;
  }
  return g_strndup ((const char *)pem.data, pem.size);
}

gsize
qfu_tpmkey_name (const TPMT_PUBLIC *key, guint8 *name)
{
  guint8 area[sizeof (TPMT_PUBLIC)];
  gsize size = 0;
  QfuDigest digest;

  if (qfu_hash_size (key->nameAlg) == 0 ||
      Tss2_MU_TPMT_PUBLIC_Marshal (key, area, sizeof area, &size) != TSS2_RC_SUCCESS)
    return 0;
  qfu_digest_compute ((QfuHash)key->nameAlg, area, size, &digest);
  name[0] = (guint8)(key->nameAlg >> 8);
  name[1] = (guint8)key->nameAlg;
  memcpy (name + 2, digest.data, digest.size);
  return 2 + digest.size;
}

void
qfu_tpmkey_ek_template (QfuEkTemplate kind, TPMT_PUBLIC *key)
{
  /* both layouts of the parameters begin with this */
  const TPMT_SYM_DEF_OBJECT aes = {
      .algorithm = TPM2_ALG_AES, .keyBits.aes = 128, .mode.aes = TPM2_ALG_CFB};

  memset (key, 0, sizeof *key);
  key->nameAlg = TPM2_ALG_SHA256;
  key->objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                          TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_ADMINWITHPOLICY |
                          TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
  key->authPolicy.size = sizeof ek_policy;
  memcpy (key->authPolicy.buffer, ek_policy, sizeof ek_policy);
  if (kind == QFU_EK_RSA_2048) {
    key->type = TPM2_ALG_RSA;
    key->parameters.rsaDetail.symmetric = aes;
    key->parameters.rsaDetail.scheme.scheme = TPM2_ALG_NULL;
    key->parameters.rsaDetail.keyBits = RSA_BITS_MIN;
    key->unique.rsa.size = MODULUS;
    return;
  }
  key->type = TPM2_ALG_ECC;
  key->parameters.eccDetail.symmetric = aes;
  key->parameters.eccDetail.scheme.scheme = TPM2_ALG_NULL;
  key->parameters.eccDetail.curveID = TPM2_ECC_NIST_P256;
  key->parameters.eccDetail.kdf.scheme = TPM2_ALG_NULL;
  key->unique.ecc.x.size = COORDINATE;
  key->unique.ecc.y.size = COORDINATE;
}

gboolean
qfu_tpmkey_ek_from_bytes (QfuEkTemplate kind, const guint8 *bytes, gsize size, TPMT_PUBLIC *key)
{
  qfu_tpmkey_ek_template (kind, key);
  if (size != (kind == QFU_EK_RSA_2048 ? MODULUS : 2 * COORDINATE))
    return FALSE;
  if (kind == QFU_EK_RSA_2048) {
    memcpy (key->unique.rsa.buffer, bytes, MODULUS);
    return TRUE;
  }
  memcpy (key->unique.ecc.x.buffer, bytes, COORDINATE);
  memcpy (key->unique.ecc.y.buffer, bytes + COORDINATE, COORDINATE);
  return TRUE;
}

gboolean
qfu_tpmkey_ek_bytes (const TPMT_PUBLIC *key, guint8 *out, gsize room, gsize *size)
{
  gboolean rsa = key->type == TPM2_ALG_RSA;

  *size = rsa ? MODULUS : 2 * COORDINATE;
  if (room < *size)
    return FALSE;
  if (rsa) {
    memcpy (out, key->unique.rsa.buffer, MODULUS);
    return key->unique.rsa.size == MODULUS;
  }
  /* a TPM may leave out leading zeros */
  if (key->type != TPM2_ALG_ECC || key->unique.ecc.x.size > COORDINATE ||
      key->unique.ecc.y.size > COORDINATE)
    return FALSE;
  memset (out, 0, *size);
  memcpy (out + COORDINATE - key->unique.ecc.x.size, key->unique.ecc.x.buffer,
          key->unique.ecc.x.size);
  memcpy (out + *size - key->unique.ecc.y.size, key->unique.ecc.y.buffer, key->unique.ecc.y.size);
  return TRUE;
}

guint
qfu_tpmkey_ek_kind (const TPMT_PUBLIC *key)
{
  guint8 mine[QFU_KEY_NAME_MAX];
  guint8 theirs[QFU_KEY_NAME_MAX];
  guint8 bytes[MODULUS];
  gsize size;

  if (!qfu_tpmkey_ek_bytes (key, bytes, sizeof bytes, &size))
    return 0;
  for (guint kind = 1; kind <= QFU_EK_LAST; kind++) {
    TPMT_PUBLIC like;

    if (!qfu_tpmkey_ek_from_bytes ((QfuEkTemplate)kind, bytes, size, &like))
      continue;
    like.unique = key->unique;
    size = qfu_tpmkey_name (&like, mine);
    /* equal names: equal in every member */
    return size > 0 && qfu_tpmkey_name (key, theirs) == size && memcmp (mine, theirs, size) == 0
               ? kind
               : 0;
  }
  return 0;
}
