/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The only program that links tpm2-tss: reads PCRs, keeps the attestation key, quotes, and answers
 * in frames. */

#include "qfu-child.h"
#include "qfu-error.h"
#include "qfu-tpm-key.h"
#include "qfu-tpm-sysfs.h"

#include <string.h>

static gboolean
read_device (const char *tcti, QfuPcrSet *values, GError **error)
{
  g_auto (QfuTpm) tpm = {NULL, NULL};
  guint32 pcrs[QFU_BANK_COUNT];

  return qfu_tpm_open (&tpm, tcti, error) && qfu_tpm_allocated (&tpm, pcrs, error) &&
         qfu_tpm_read_pcrs (&tpm, pcrs, values, error);
}

static gboolean
run_pcrs (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  g_autofree char *where =
      qfu_tpm_sysfs_where (qfu_message_text (arguments, QFU_FIELD_ID, 0), QFU_TPM_DEVICE);
  QfuPcrSet values;
  gboolean ok = g_str_has_prefix (where, QFU_TPM_SYSFS)
                    ? qfu_tpm_sysfs_read (where + strlen (QFU_TPM_SYSFS), &values, error)
                    : read_device (where, &values, error);

  return ok && qfu_tpm_send_pcrs (wire, &values, error);
}

int
main (int argc, char **argv)
{
  static const QfuChildOp ops[] = {
      {"pcrs", run_pcrs},
      {"enroll", qfu_tpm_run_enroll},
      {"challenge", qfu_tpm_run_challenge},
      {"activate", qfu_tpm_run_activate},
      {"quote", qfu_tpm_run_quote},
  };

  return qfu_child_main (argc, argv, ops, G_N_ELEMENTS (ops));
}
