/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The only program that links tpm2-tss: reads PCRs and answers in frames. */

#include "qfu-child.h"
#include "qfu-error.h"
#include "qfu-pcr.h"

#include <string.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

typedef struct {
  TSS2_TCTI_CONTEXT *tcti;
  ESYS_CONTEXT *esys;
} Tpm;

static void
tpm_clear (Tpm *tpm)
{
  if (tpm->esys != NULL)
    Esys_Finalize (&tpm->esys);
  if (tpm->tcti != NULL)
    Tss2_TctiLdr_Finalize (&tpm->tcti);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Tpm, tpm_clear)

static gboolean
check (TSS2_RC rc, const char *what, int code, GError **error)
{
  if (rc == TSS2_RC_SUCCESS)
    return TRUE;
  g_set_error (error, QFU_ERROR, code, "%s: %s", what, Tss2_RC_Decode (rc));
  return FALSE;
}

static gboolean
tpm_open (Tpm *tpm, const char *tcti, GError **error)
{
  g_autofree char *what = g_strdup_printf ("the TPM at %s cannot be reached", tcti);

  return check (Tss2_TctiLdr_Initialize (tcti, &tpm->tcti), what, QFU_ERROR_UNREACHABLE, error) &&
         check (Esys_Initialize (&tpm->esys, tpm->tcti, NULL), what, QFU_ERROR_UNREACHABLE, error);
}

static gboolean
send_pcr (QfuWire *wire, guint pcr, guint hash, const TPM2B_DIGEST *value, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_PCR);
  QfuDigest digest;

  if (!qfu_digest_set (&digest, hash, value->buffer, value->size)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "the TPM gave %u bytes for PCR %u",
                 value->size, pcr);
    return FALSE;
  }
  qfu_message_add_number (message, QFU_FIELD_PCR, pcr);
  qfu_message_add_digest (message, QFU_FIELD_DIGEST, &digest);
  return qfu_wire_send (wire, message, error);
}

/* Sends the values of one answer and clears their bits in @wanted. */
static gboolean
send_values (QfuWire *wire,
             guint hash,
             const TPML_PCR_SELECTION *answered,
             const TPML_DIGEST *values,
             guint32 *wanted,
             GError **error)
{
  guint next = 0;

  for (guint i = 0; i < answered->count; i++) {
    const TPMS_PCR_SELECTION *selection = &answered->pcrSelections[i];

    for (guint pcr = 0; pcr < QFU_PCR_COUNT && pcr / 8 < selection->sizeofSelect; pcr++) {
      if ((selection->pcrSelect[pcr / 8] & 1 << pcr % 8) == 0 || next >= values->count)
        continue;
      if (!send_pcr (wire, pcr, hash, &values->digests[next++], error))
        return FALSE;
      *wanted &= ~(1u << pcr);
    }
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
read_bank (QfuWire *wire, Tpm *tpm, guint hash, guint32 wanted, GError **error)
{
  while (wanted != 0) {
    TPML_PCR_SELECTION ask = {.count = 1};
    TPML_PCR_SELECTION *answered = NULL;
    TPML_DIGEST *values = NULL;
    UINT32 counter;
    gboolean ok;

    ask.pcrSelections[0].hash = (TPMI_ALG_HASH)hash;
    ask.pcrSelections[0].sizeofSelect = 3;
    for (guint i = 0; i < 3; i++)
      ask.pcrSelections[0].pcrSelect[i] = (BYTE)(wanted >> (8 * i));
    ok = check (Esys_PCR_Read (tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &ask, &counter,
                               &answered, &values),
                "reading the PCRs", QFU_ERROR_IO, error) &&
         send_values (wire, hash, answered, values, &wanted, error);
    Esys_Free (answered);
    Esys_Free (values);
    if (!ok)
      return FALSE;
  }
  return TRUE;
}

static guint32
selected_pcrs (const TPMS_PCR_SELECTION *selection)
{
  guint32 pcrs = 0;

  for (guint i = 0; i < 3 && i < selection->sizeofSelect; i++)
    pcrs |= (guint32)selection->pcrSelect[i] << (8 * i);
  return pcrs;
}

static gboolean
run_pcrs (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  const char *tcti = qfu_message_text (arguments, QFU_FIELD_ID, 0);
  g_auto (Tpm) tpm = {NULL, NULL};
  TPMS_CAPABILITY_DATA *capability = NULL;
  TPMI_YES_NO more;
  gboolean ok;

  if (tcti == NULL || !tpm_open (&tpm, tcti, error))
    return FALSE;
  ok = check (Esys_GetCapability (tpm.esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_CAP_PCRS,
                                  0, TPM2_MAX_CAP_HANDLES, &more, &capability),
              "asking the TPM for its banks", QFU_ERROR_IO, error);
  for (guint i = 0; ok && i < capability->data.assignedPCR.count; i++) {
    const TPMS_PCR_SELECTION *bank = &capability->data.assignedPCR.pcrSelections[i];

    if (qfu_hash_size (bank->hash) > 0)
      ok = read_bank (wire, &tpm, bank->hash, selected_pcrs (bank), error);
  }
  Esys_Free (capability);
  return ok;
}

int
main (int argc, char **argv)
{
  static const QfuChildOp ops[] = {{"pcrs", run_pcrs}};

  return qfu_child_main (argc, argv, ops, G_N_ELEMENTS (ops));
}
