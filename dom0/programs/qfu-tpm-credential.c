/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* attest --challenge and --activate: whether two keys are in one TPM. */

#include "qfu-child.h"
#include "qfu-error.h"
#include "qfu-tpm-key.h"
#include "qfu-tpmkey.h"

#include <string.h>

#define SECRET_SIZE 32u /* bytes; as many as the name algorithm of the endorsement key has */

/* Copies input @index into a TPM2B; what it means is for the TPM to find out. */
static gboolean
take_input (guint index, BYTE *out, gsize room, UINT16 *size, GError **error)
{
  g_autoptr (GBytes) bytes = qfu_child_input (index, error);
  gsize length;
  const void *data = bytes == NULL ? NULL : g_bytes_get_data (bytes, &length);

  if (bytes == NULL)
    return FALSE;
  if (data == NULL || length > room) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT,
                 "the challenge is not one of this program's: %zu bytes where up to %zu fit",
                 length, room);
    return FALSE;
  }
  memcpy (out, data, length);
  *size = (UINT16)length;
  return TRUE;
}

static gboolean
send_credential (QfuWire *wire,
                 const TPM2B_ID_OBJECT *credential,
                 const TPM2B_ENCRYPTED_SECRET *seed,
                 const TPM2B_DIGEST *secret,
                 GError **error)
{
  return qfu_tpm_send_piece (wire, QFU_PIECE_CREDENTIAL, credential->credential, credential->size,
                             error) &&
         qfu_tpm_send_piece (wire, QFU_PIECE_SEED, seed->secret, seed->size, error) &&
         qfu_tpm_send_piece (wire, QFU_PIECE_SECRET, secret->buffer, secret->size, error);
}

/* Any TPM does: this uses none of its secrets. */
static gboolean
make_credential (
    QfuWire *wire, QfuTpm *tpm, const TPM2B_PUBLIC *ek, const TPM2B_NAME *name, GError **error)
{
  ESYS_TR object = ESYS_TR_NONE;
  TPM2B_DIGEST *secret = NULL;
  TPM2B_ID_OBJECT *credential = NULL;
  TPM2B_ENCRYPTED_SECRET *seed = NULL;
  gboolean ok = qfu_tpm_check (Esys_LoadExternal (tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
                                                  ESYS_TR_NONE, NULL, ek, ESYS_TR_RH_NULL, &object),
                               "loading the endorsement key", QFU_ERROR_IO, error) &&
                qfu_tpm_check (Esys_GetRandom (tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                               SECRET_SIZE, &secret),
                               "asking the TPM for a random number", QFU_ERROR_IO, error);

  if (ok && secret->size != SECRET_SIZE) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "the TPM gave %u random bytes instead of %u",
                 secret->size, SECRET_SIZE);
    ok = FALSE;
  }
  ok = ok &&
       qfu_tpm_check (Esys_MakeCredential (tpm->esys, object, ESYS_TR_NONE, ESYS_TR_NONE,
                                           ESYS_TR_NONE, secret, name, &credential, &seed),
                      "making the challenge", QFU_ERROR_IO, error) &&
       send_credential (wire, credential, seed, secret, error);
  Esys_Free (secret);
  Esys_Free (credential);
  Esys_Free (seed);
  qfu_tpm_flush (tpm, &object);
  return ok;
}

gboolean
qfu_tpm_run_challenge (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  g_auto (QfuTpm) tpm = {NULL, NULL};
  g_autoptr (GBytes) key = qfu_child_input (0, error);
  TPM2B_PUBLIC ek = {0};
  TPM2B_NAME name = {0};
  guint64 kind;
  gsize size;
  const guint8 *bytes = key == NULL ? NULL : g_bytes_get_data (key, &size);

  if (bytes == NULL ||
      !qfu_message_number (arguments, QFU_FIELD_FLAGS, 1, QFU_EK_LAST, &kind, error) ||
      !take_input (1, name.name, sizeof name.name, &name.size, error))
    return FALSE;
  if (!qfu_tpmkey_ek_from_bytes ((QfuEkTemplate)kind, bytes, size, &ek.publicArea)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT,
                         "the endorsement key has no such size");
    return FALSE;
  }
  return qfu_tpm_open_device (&tpm, arguments, error) &&
         make_credential (wire, &tpm, &ek, &name, error);
}

/* The session that an endorsement key's policy asks for. */
static gboolean
start_policy (QfuTpm *tpm, ESYS_TR *session, GError **error)
{
  const TPMT_SYM_DEF none = {.algorithm = TPM2_ALG_NULL};

  return qfu_tpm_check (Esys_StartAuthSession (tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                               ESYS_TR_NONE, ESYS_TR_NONE, NULL, TPM2_SE_POLICY,
                                               &none, TPM2_ALG_SHA256, session),
                        "starting a session of the TPM", QFU_ERROR_IO, error) &&
         qfu_tpm_check (Esys_PolicySecret (tpm->esys, ESYS_TR_RH_ENDORSEMENT, *session,
                                           ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, NULL, NULL,
                                           NULL, 0, NULL, NULL),
                        "the endorsement key's policy", QFU_ERROR_IO, error);
}

gboolean
qfu_tpm_run_activate (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  g_auto (QfuTpm) tpm = {NULL, NULL};
  g_autoptr (GBytes) certificate = NULL;
  TPM2B_ID_OBJECT credential = {0};
  TPM2B_ENCRYPTED_SECRET seed = {0};
  TPM2B_DIGEST *secret = NULL;
  ESYS_TR ak = ESYS_TR_NONE;
  ESYS_TR ek = ESYS_TR_NONE;
  ESYS_TR session = ESYS_TR_NONE;
  TPMT_PUBLIC public;
  guint64 handle;
  gboolean ok;

  if (!qfu_message_number (arguments, QFU_FIELD_FLAGS, TPM2_PERSISTENT_FIRST, TPM2_PERSISTENT_LAST,
                           &handle, error) ||
      !take_input (0, credential.credential, sizeof credential.credential, &credential.size,
                   error) ||
      !take_input (1, seed.secret, sizeof seed.secret, &seed.size, error) ||
      !qfu_tpm_open_device (&tpm, arguments, error))
    return FALSE;
  ok = qfu_tpm_ak_find (&tpm, (guint32)handle, &ak, &public, error) &&
       qfu_tpm_make_ek (&tpm, &ek, &public, &certificate, error) &&
       start_policy (&tpm, &session, error) &&
       qfu_tpm_check (Esys_ActivateCredential (tpm.esys, ak, ek, ESYS_TR_PASSWORD, session,
                                               ESYS_TR_NONE, &credential, &seed, &secret),
                      "the challenge is not for the keys of this TPM", QFU_ERROR_MISMATCH, error) &&
       qfu_tpm_send_piece (wire, QFU_PIECE_SECRET, secret->buffer, secret->size, error);
  Esys_Free (secret);
  qfu_tpm_flush (&tpm, &session);
  qfu_tpm_flush (&tpm, &ek);
  return ok;
}
