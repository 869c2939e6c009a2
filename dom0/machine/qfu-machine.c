/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-machine.h"

#include "qfu-error.h"
#include "qfu-program.h"
#include "qfu-rom.h"

QfuUntrustedBlob *
qfu_machine_chip (const QfuConfig *config, GError **error)
{
  g_autoptr (QfuProcess) process =
      qfu_program_start (config, "qfu-chip", "read", NULL, 0, NULL, 0, error);
  g_autoptr (QfuMessage) chip = NULL;
  g_autoptr (QfuMessage) end = NULL;
  g_autoptr (QfuUntrustedBlob) blob = NULL;
  guint64 size;

  if (process == NULL || !qfu_process_next (process, &chip, error))
    return NULL;
  if (chip == NULL || qfu_message_type (chip) != QFU_FRAME_CHIP) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "qfu-chip named no chip");
    return NULL;
  }
  if (!qfu_message_number (chip, QFU_FIELD_SIZE, 1, QFU_ROM_SIZE_MAX, &size, error))
    return NULL;
  blob = qfu_process_collect (process, size, error);
  if (blob == NULL || !qfu_process_next (process, &end, error))
    return NULL;
  if (end != NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "qfu-chip sent more than the chip holds");
    return NULL;
  }
  return g_steal_pointer (&blob);
}

gboolean
qfu_machine_check_writable (const QfuConfig *config,
                            const QfuUntrustedBlob *before,
                            const QfuUntrustedBlob *after,
                            GError **error)
{
  const QfuUntrustedBlob *const inputs[] = {before, after};
  g_autoptr (QfuProcess) process =
      qfu_program_start (config, "qfu-chip", "writable", NULL, 0, inputs, 2, error);
  g_autoptr (QfuMessage) chip = NULL;
  g_autoptr (QfuMessage) end = NULL;

  if (process == NULL || !qfu_process_next (process, &chip, error) ||
      (chip != NULL && !qfu_process_next (process, &end, error)))
    return FALSE;
  if (chip != NULL && end == NULL && qfu_message_type (chip) == QFU_FRAME_CHIP)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                       "qfu-chip sent something else than the chip");
  return FALSE;
}

gboolean
qfu_machine_pcrs (const QfuConfig *config, QfuPcrSet *pcrs, GError **error)
{
  g_autoptr (QfuProcess) process =
      qfu_program_start (config, "qfu-tpm", "pcrs", config->tcti, 0, NULL, 0, error);

  qfu_pcr_set_clear (pcrs);
  while (process != NULL) {
    g_autoptr (QfuMessage) message = NULL;
    QfuDigest digest;
    guint64 pcr;

    if (!qfu_process_next (process, &message, error))
      return FALSE;
    if (message == NULL)
      return TRUE;
    if (qfu_message_type (message) != QFU_FRAME_PCR ||
        !qfu_message_digest (message, QFU_FIELD_DIGEST, 0, &digest) ||
        !qfu_message_number (message, QFU_FIELD_PCR, 0, QFU_PCR_COUNT - 1, &pcr, NULL) ||
        !qfu_pcr_set_put (pcrs, (guint)pcr, &digest)) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                           "qfu-tpm sent something else than PCRs");
      return FALSE;
    }
  }
  return FALSE;
}
