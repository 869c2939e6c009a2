/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* attest --enroll: the attestation key, the endorsement key, and its certificate.
 *
 * The attestation key is a primary object of the endorsement hierarchy: only for such keys does a
 * TPM put its reset counter into a quote as it is, and the same TPM makes the same key again, also
 * after it was cleared; so an object at its handle can be told from a foreign one. */

#include "qfu-child.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-tpm-key.h"
#include "qfu-tpm-sysfs.h"
#include "qfu-tpmkey.h"

#include <string.h>
#include <tss2/tss2_mu.h>

#define NV_STEP 512 /* bytes that every TPM gives at once */

/* Where the TCG's profile has certificates of the manufacturer, the best first. */
static const struct {
  QfuEkTemplate kind;
  TPM2_HANDLE nv;
} certificates[] = {{QFU_EK_ECC_P256, 0x01c0000a}, {QFU_EK_RSA_2048, 0x01c00002}};

/* Its unique part keeps it apart from keys that others make by the same parameters. */
static void
ak_template (TPMT_PUBLIC *key)
{
  static const char unique[] = "qubes-fwupd attestation";

  memset (key, 0, sizeof *key);
  key->type = TPM2_ALG_ECC;
  key->nameAlg = TPM2_ALG_SHA256;
  key->objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                          TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
                          TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT;
  key->parameters.eccDetail.symmetric.algorithm = TPM2_ALG_NULL;
  key->parameters.eccDetail.scheme.scheme = TPM2_ALG_ECDSA;
  key->parameters.eccDetail.scheme.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
  key->parameters.eccDetail.curveID = TPM2_ECC_NIST_P256;
  key->parameters.eccDetail.kdf.scheme = TPM2_ALG_NULL;
  key->unique.ecc.x.size = sizeof unique - 1;
  memcpy (key->unique.ecc.x.buffer, unique, sizeof unique - 1);
}

void
qfu_tpm_flush (QfuTpm *tpm, ESYS_TR *object)
{
  if (*object != ESYS_TR_NONE)
    (void)Esys_FlushContext (tpm->esys, *object);
  *object = ESYS_TR_NONE;
}

/* Makes the primary object of the endorsement hierarchy that @template gives; the caller flushes
 * it. */
static gboolean
make_primary (
    QfuTpm *tpm, const TPMT_PUBLIC *template, ESYS_TR *object, TPMT_PUBLIC *public, GError **error)
{
  const TPM2B_PUBLIC in = {.publicArea = *template};
  const TPM2B_SENSITIVE_CREATE sensitive = {0};
  const TPM2B_DATA outside = {0};
  const TPML_PCR_SELECTION pcrs = {0};
  TPM2B_PUBLIC *made = NULL;
  gboolean ok =
      qfu_tpm_check (Esys_CreatePrimary (tpm->esys, ESYS_TR_RH_ENDORSEMENT, ESYS_TR_PASSWORD,
                                         ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &in, &outside,
                                         &pcrs, object, &made, NULL, NULL, NULL),
                     "making a key in the TPM", QFU_ERROR_IO, error);

  if (ok)
    *public = made->publicArea;
  Esys_Free (made);
  return ok;
}

/* Whether there is an object at @handle; then @object is it. */
static gboolean
find_object (QfuTpm *tpm, guint32 handle, ESYS_TR *object, gboolean *there, GError **error)
{
  TSS2_RC rc =
      Esys_TR_FromTPMPublic (tpm->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, object);

  *there = rc == TSS2_RC_SUCCESS;
  return qfu_tpm_base_code (rc) == TPM2_RC_HANDLE ||
         qfu_tpm_check (rc, "looking for an object in the TPM", QFU_ERROR_IO, error);
}

static gboolean
read_public (QfuTpm *tpm, ESYS_TR object, TPMT_PUBLIC *public, GError **error)
{
  TPM2B_PUBLIC *read = NULL;

  if (!qfu_tpm_check (Esys_ReadPublic (tpm->esys, object, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                       &read, NULL, NULL),
                      "reading a key of the TPM", QFU_ERROR_IO, error))
    return FALSE;
  *public = read->publicArea;
  Esys_Free (read);
  return TRUE;
}

gboolean
qfu_tpm_ak_find (QfuTpm *tpm, guint32 handle, ESYS_TR *object, TPMT_PUBLIC *public, GError **error)
{
  gboolean there;

  if (!find_object (tpm, handle, object, &there, error))
    return FALSE;
  if (!there) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "the TPM has no attestation key at 0x%08x; `qubes-fwupdmgr attest --enroll DIR` "
                 "makes it",
                 handle);
    return FALSE;
  }
  if (!read_public (tpm, *object, public, error))
    return FALSE;
  if (qfu_tpmkey_attests (public))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
               "the TPM's object at 0x%08x is no attestation key: it signs whatever it is given; "
               "[MeasuredBoot] AkHandle= can name another",
               handle);
  return FALSE;
}

gboolean
qfu_tpm_open_device (QfuTpm *tpm, const QfuMessage *arguments, GError **error)
{
  g_autofree char *where =
      qfu_tpm_sysfs_where (qfu_message_text (arguments, QFU_FIELD_ID, 0), QFU_TPM_DEVICE);

  if (!g_str_has_prefix (where, QFU_TPM_SYSFS))
    return qfu_tpm_open (tpm, where, error);
  g_set_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
               "this takes a TPM 2.0 at %s or as [MeasuredBoot] Tcti= says; %s shows PCRs alone",
               QFU_TPM_DEVICE, where);
  return FALSE;
}

static gboolean
same_key (const TPMT_PUBLIC *a, const TPMT_PUBLIC *b)
{
  guint8 mine[QFU_KEY_NAME_MAX];
  guint8 theirs[QFU_KEY_NAME_MAX];
  gsize size = qfu_tpmkey_name (a, mine);

  return size > 0 && size == qfu_tpmkey_name (b, theirs) && memcmp (mine, theirs, size) == 0;
}

/* Puts @made at @handle, or finds that it is there already. */
static gboolean
keep_at (QfuTpm *tpm, guint32 handle, ESYS_TR made, const TPMT_PUBLIC *public, GError **error)
{
  ESYS_TR object = ESYS_TR_NONE;
  gboolean there;
  TPMT_PUBLIC present;

  if (!find_object (tpm, handle, &object, &there, error))
    return FALSE;
  if (!there)
    return qfu_tpm_check (Esys_EvictControl (tpm->esys, ESYS_TR_RH_OWNER, made, ESYS_TR_PASSWORD,
                                             ESYS_TR_NONE, ESYS_TR_NONE, handle, &object),
                          "keeping the attestation key in the TPM", QFU_ERROR_IO, error);
  if (!read_public (tpm, object, &present, error))
    return FALSE;
  if (same_key (public, &present))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
               "the TPM has a foreign object at 0x%08x, which stays as it is; [MeasuredBoot] "
               "AkHandle= can name another handle",
               handle);
  return FALSE;
}

static GBytes *
read_nv (QfuTpm *tpm, ESYS_TR index, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  TPM2B_NV_PUBLIC *public = NULL;
  guint size;

  if (!qfu_tpm_check (Esys_NV_ReadPublic (tpm->esys, index, ESYS_TR_NONE, ESYS_TR_NONE,
                                          ESYS_TR_NONE, &public, NULL),
                      "looking at the certificate in the TPM", QFU_ERROR_IO, error))
    return NULL;
  size = MIN (public->nvPublic.dataSize, QFU_EK_CERTIFICATE_MAX);
  Esys_Free (public);
  while (out->len < size) {
    TPM2B_MAX_NV_BUFFER *piece = NULL;

    if (!qfu_tpm_check (Esys_NV_Read (tpm->esys, index, index, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                      ESYS_TR_NONE, (UINT16)MIN (size - out->len, NV_STEP),
                                      (UINT16)out->len, &piece),
                        "reading the certificate in the TPM", QFU_ERROR_IO, error))
      return NULL;
    if (piece->size == 0)
      size = 0;
    g_byte_array_append (out, piece->buffer, piece->size);
    Esys_Free (piece);
  }
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}

gboolean
qfu_tpm_make_ek (
    QfuTpm *tpm, ESYS_TR *object, TPMT_PUBLIC *public, GBytes **certificate, GError **error)
{
  QfuEkTemplate kind = certificates[0].kind;
  TPMT_PUBLIC template;

  for (gsize i = 0; i < G_N_ELEMENTS (certificates) && *certificate == NULL; i++) {
    ESYS_TR index = ESYS_TR_NONE;
    gboolean there;

    if (!find_object (tpm, certificates[i].nv, &index, &there, error))
      return FALSE;
    if (!there)
      continue;
    kind = certificates[i].kind;
    *certificate = read_nv (tpm, index, error);
    if (*certificate == NULL)
      return FALSE;
  }
  qfu_tpmkey_ek_template (kind, &template);
  return make_primary (tpm, &template, object, public, error);
}

gboolean
qfu_tpm_send_piece (QfuWire *wire, QfuPieceKind kind, const void *data, gsize size, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_PIECE);

  qfu_message_add_number (message, QFU_FIELD_KIND, kind);
  qfu_message_add_bytes (message, QFU_FIELD_BLOB, data, size);
  return qfu_wire_send (wire, message, error);
}

/* A key in both of its forms. */
static gboolean
send_key (QfuWire *wire,
          QfuPieceKind public_kind,
          QfuPieceKind pem_kind,
          const TPMT_PUBLIC *key,
          GError **error)
{
  const TPM2B_PUBLIC public = {.publicArea = *key};
  guint8 bytes[sizeof (TPM2B_PUBLIC)];
  gsize size = 0;
  g_autofree char *pem = qfu_tpmkey_pem (key, error);

  return pem != NULL &&
         qfu_tpm_check (Tss2_MU_TPM2B_PUBLIC_Marshal (&public, bytes, sizeof bytes, &size),
                        "writing a key of the TPM", QFU_ERROR_INTERNAL, error) &&
         qfu_tpm_send_piece (wire, public_kind, bytes, size, error) &&
         qfu_tpm_send_piece (wire, pem_kind, pem, strlen (pem), error);
}

static gboolean
enroll_ak (QfuWire *wire, QfuTpm *tpm, guint32 handle, GError **error)
{
  ESYS_TR object = ESYS_TR_NONE;
  guint8 name[QFU_KEY_NAME_MAX];
  TPMT_PUBLIC template;
  TPMT_PUBLIC public;
  gboolean ok;

  ak_template (&template);
  ok = make_primary (tpm, &template, &object, &public, error) &&
       keep_at (tpm, handle, object, &public, error);
  qfu_tpm_flush (tpm, &object);
  return ok && send_key (wire, QFU_PIECE_AK_PUBLIC, QFU_PIECE_AK_PEM, &public, error) &&
         qfu_tpm_send_piece (wire, QFU_PIECE_AK_NAME, name, qfu_tpmkey_name (&public, name), error);
}

gboolean
qfu_tpm_run_enroll (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  guint64 handle;
  g_auto (QfuTpm) tpm = {NULL, NULL};
  g_autoptr (GBytes) certificate = NULL;
  ESYS_TR ek = ESYS_TR_NONE;
  TPMT_PUBLIC public;
  gboolean ok;

  if (!qfu_message_number (arguments, QFU_FIELD_FLAGS, TPM2_PERSISTENT_FIRST, TPM2_PERSISTENT_LAST,
                           &handle, error) ||
      !qfu_tpm_open_device (&tpm, arguments, error) ||
      !enroll_ak (wire, &tpm, (guint32)handle, error))
    return FALSE;
  ok = qfu_tpm_make_ek (&tpm, &ek, &public, &certificate, error);
  qfu_tpm_flush (&tpm, &ek);
  return ok && send_key (wire, QFU_PIECE_EK_PUBLIC, QFU_PIECE_EK_PEM, &public, error) &&
         (certificate == NULL ||
          qfu_tpm_send_piece (wire, QFU_PIECE_EK_CERT, g_bytes_get_data (certificate, NULL),
                              g_bytes_get_size (certificate), error));
}
