/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fu-qubes-coreboot-error.h"

#include "qfu-error.h"

#include "fu-qubes-coreboot-compat.h"

/* Ours to fwupd's, as far as a client treats them differently; the text is what helps a person. */
static const struct {
  int ours;
  FwupdError theirs;
} error_codes[] = {
    {QFU_ERROR_IO, FWUPD_ERROR_WRITE},
    {QFU_ERROR_BUSY, FWUPD_ERROR_BUSY},
    {QFU_ERROR_FORMAT, FWUPD_ERROR_INVALID_FILE},
    {QFU_ERROR_MISMATCH, FWUPD_ERROR_WRITE},
    {QFU_ERROR_NOT_FOUND, FWUPD_ERROR_PERMISSION_DENIED},
    {QFU_ERROR_STALE, FWUPD_ERROR_PERMISSION_DENIED},
};

void
fu_qubes_coreboot_set_error (GError **error, const GError *problem)
{
  FwupdError code = FWUPD_ERROR_NOT_SUPPORTED;

  for (gsize i = 0; i < G_N_ELEMENTS (error_codes); i++) {
    if (problem->domain == QFU_ERROR && error_codes[i].ours == problem->code)
      code = error_codes[i].theirs;
  }
  g_set_error_literal (error, FWUPD_ERROR, (int)code, problem->message);
}
