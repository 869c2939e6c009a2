/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The only program that links tpm2-tss: reads PCRs and answers in frames. */

#include "qfu-child.h"
#include "qfu-error.h"
#include "qfu-tpm-context.h"

static gboolean
run_pcrs (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  const char *tcti = qfu_message_text (arguments, QFU_FIELD_ID, 0);
  g_auto (QfuTpm) tpm = {NULL, NULL};
  guint32 pcrs[QFU_BANK_COUNT];
  QfuPcrSet values;

  return tcti != NULL && qfu_tpm_open (&tpm, tcti, error) &&
         qfu_tpm_allocated (&tpm, pcrs, error) && qfu_tpm_read_pcrs (&tpm, pcrs, &values, error) &&
         qfu_tpm_send_pcrs (wire, &values, error);
}

int
main (int argc, char **argv)
{
  static const QfuChildOp ops[] = {{"pcrs", run_pcrs}};

  return qfu_child_main (argc, argv, ops, G_N_ELEMENTS (ops));
}
