/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-tpm-context.h"

#include "qfu-error.h"
#include "qfu-tpm-sysfs.h"

#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#define FORMAT_ONE 0x80u /* of a response code: it names a handle, parameter or session, too */

/* What a person can do about it. */
static const struct {
  guint code;
  const char *advice;
} advices[] = {
    {TPM2_RC_INITIALIZE, "the TPM was not started; a simulator needs `tpm2_startup -c`"},
    {TPM2_RC_LOCKOUT, "the TPM is locked after wrong passwords; wait, or end that with "
                      "`tpm2_dictionarylockout -c`"},
    {TPM2_RC_AUTH_FAIL, "the TPM's owner or endorsement hierarchy has a password; clear it with "
                        "`tpm2_changeauth` for as long as this takes"},
    {TPM2_RC_BAD_AUTH, "the TPM's owner or endorsement hierarchy has a password; clear it with "
                       "`tpm2_changeauth` for as long as this takes"},
    {TPM2_RC_HIERARCHY, "the firmware has switched off a hierarchy of the TPM"},
    {TPM2_RC_NV_SPACE, "the TPM has no room for one more persistent object"},
    {TPM2_RC_OBJECT_MEMORY, "other programs fill the TPM's memory; reach it through /dev/tpmrm0, "
                            "or empty it with `tpm2_flushcontext -t`"},
    {TPM2_RC_SESSION_MEMORY, "other programs hold all sessions of the TPM; reach it through "
                             "/dev/tpmrm0, or end them with `tpm2_flushcontext -l`"},
    {TPM2_RC_CURVE, "the TPM has no elliptic curve P-256"},
};

void
qfu_tpm_clear (QfuTpm *tpm)
{
  if (tpm->esys != NULL)
    Esys_Finalize (&tpm->esys);
  if (tpm->tcti != NULL)
    Tss2_TctiLdr_Finalize (&tpm->tcti);
}

guint
qfu_tpm_base_code (TSS2_RC rc)
{
  guint code = rc & 0xfffu; /* without the layer that passes it on */

  return (code & FORMAT_ONE) != 0 ? code & (FORMAT_ONE | 0x3f) : code;
}

gboolean
qfu_tpm_check (TSS2_RC rc, const char *what, int code, GError **error)
{
  guint layer = rc & TSS2_RC_LAYER_MASK;

  if (rc == TSS2_RC_SUCCESS)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (advices); i++) {
    if ((layer == TSS2_TPM_RC_LAYER || layer == TSS2_RESMGR_TPM_RC_LAYER) &&
        advices[i].code == qfu_tpm_base_code (rc)) {
      g_set_error (error, QFU_ERROR, code, "%s: %s", what, advices[i].advice);
      return FALSE;
    }
  }
  g_set_error (error, QFU_ERROR, code, "%s: %s", what, Tss2_RC_Decode (rc));
  return FALSE;
}

gboolean
qfu_tpm_open (QfuTpm *tpm, const char *tcti, GError **error)
{
  g_autofree char *where = qfu_tpm_sysfs_where (tcti, QFU_TPM_DEVICE);
  g_autofree char *what = g_strdup_printf ("the TPM at %s cannot be reached", where);

  if (g_str_has_prefix (where, QFU_TPM_SYSFS)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                 "%s: sysfs shows PCRs alone; this needs a TPM 2.0 with " QFU_TPM_DEVICE
                 " ([MeasuredBoot] Tcti=)",
                 where);
    return FALSE;
  }
  return qfu_tpm_check (Tss2_TctiLdr_Initialize (where, &tpm->tcti), what, QFU_ERROR_UNREACHABLE,
                        error) &&
         qfu_tpm_check (Esys_Initialize (&tpm->esys, tpm->tcti, NULL), what, QFU_ERROR_UNREACHABLE,
                        error);
}

static guint32
selected_pcrs (const TPMS_PCR_SELECTION *selection)
{
  guint32 pcrs = 0;

  for (guint i = 0; i < 3 && i < selection->sizeofSelect; i++)
    pcrs |= (guint32)selection->pcrSelect[i] << (8 * i);
  return pcrs;
}

gboolean
qfu_tpm_allocated (QfuTpm *tpm, guint32 pcrs[QFU_BANK_COUNT], GError **error)
{
  TPMS_CAPABILITY_DATA *capability = NULL;
  TPMI_YES_NO more;

  for (gsize i = 0; i < QFU_BANK_COUNT; i++)
    pcrs[i] = 0;
  if (!qfu_tpm_check (Esys_GetCapability (tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                          TPM2_CAP_PCRS, 0, TPM2_MAX_CAP_HANDLES, &more,
                                          &capability),
                      "asking the TPM for its banks", QFU_ERROR_IO, error))
    return FALSE;
  for (guint i = 0; i < capability->data.assignedPCR.count; i++) {
    const TPMS_PCR_SELECTION *bank = &capability->data.assignedPCR.pcrSelections[i];
    int index = qfu_bank_index (bank->hash);

    if (index >= 0)
      pcrs[index] = selected_pcrs (bank);
  }
  Esys_Free (capability);
  return TRUE;
}

/* Takes the values of one answer and clears their bits in @wanted. */
static gboolean
take_values (guint hash,
             const TPML_PCR_SELECTION *answered,
             const TPML_DIGEST *digests,
             guint32 *wanted,
             QfuPcrSet *values,
             GError **error)
{
  guint32 pcrs = answered->count == 1 ? selected_pcrs (&answered->pcrSelections[0]) & *wanted : 0;
  guint next = 0;

  for (guint pcr = 0; pcr < QFU_PCR_COUNT && next < digests->count; pcr++) {
    const TPM2B_DIGEST *value = &digests->digests[next];
    QfuDigest digest;

    if ((pcrs & 1u << pcr) == 0)
      continue;
    if (!qfu_digest_set (&digest, hash, value->buffer, value->size) ||
        !qfu_pcr_set_put (values, pcr, &digest)) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "the TPM gave %u bytes for PCR %u",
                   value->size, pcr);
      return FALSE;
    }
    *wanted &= ~(1u << pcr);
    next++;
  }
  if (next == 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "the TPM does not give all PCRs of bank %s",
                 qfu_hash_name (hash));
    return FALSE;
  }
  return TRUE;
}

/* A TPM answers with at most eight digests at once, so it is asked until nothing is left. */
static gboolean
read_bank (QfuTpm *tpm, guint hash, guint32 wanted, QfuPcrSet *values, GError **error)
{
  while (wanted != 0) {
    TPML_PCR_SELECTION ask = {.count = 1};
    TPML_PCR_SELECTION *answered = NULL;
    TPML_DIGEST *digests = NULL;
    UINT32 counter;
    gboolean ok;

    ask.pcrSelections[0].hash = (TPMI_ALG_HASH)hash;
    ask.pcrSelections[0].sizeofSelect = 3;
    for (guint i = 0; i < 3; i++)
      ask.pcrSelections[0].pcrSelect[i] = (BYTE)(wanted >> (8 * i));
    ok = qfu_tpm_check (Esys_PCR_Read (tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &ask,
                                       &counter, &answered, &digests),
                        "reading the PCRs", QFU_ERROR_IO, error) &&
         take_values (hash, answered, digests, &wanted, values, error);
    Esys_Free (answered);
    Esys_Free (digests);
    if (!ok)
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_tpm_read_pcrs (QfuTpm *tpm,
                   const guint32 pcrs[QFU_BANK_COUNT],
                   QfuPcrSet *values,
                   GError **error)
{
  qfu_pcr_set_clear (values);
  for (gsize i = 0; i < QFU_BANK_COUNT; i++) {
    if (!read_bank (tpm, qfu_bank_hash (i), pcrs[i], values, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_tpm_send_pcrs (QfuWire *wire, const QfuPcrSet *values, GError **error)
{
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
      g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_PCR);

      if (!values->known[bank][pcr])
        continue;
      qfu_message_add_number (message, QFU_FIELD_PCR, pcr);
      qfu_message_add_digest (message, QFU_FIELD_DIGEST, &values->value[bank][pcr]);
      if (!qfu_wire_send (wire, message, error))
        return FALSE;
    }
  }
  return TRUE;
}
