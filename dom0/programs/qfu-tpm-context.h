/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-pcr.h"
#include "qfu-wire.h"

#include <tss2/tss2_esys.h>

/* qfu-tpm's way to the TPM, and how its answers become errors. */

typedef struct {
  TSS2_TCTI_CONTEXT *tcti;
  ESYS_CONTEXT *esys;
} QfuTpm;

/* @tcti: (nullable): as configured, empty: automatic. #QFU_ERROR_UNREACHABLE;
 * #QFU_ERROR_UNSUPPORTED when only sysfs shows the TPM. */
gboolean qfu_tpm_open (QfuTpm *tpm, const char *tcti, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_tpm_clear (QfuTpm *tpm);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuTpm, qfu_tpm_clear)

/**
 * qfu_tpm_check:
 * @rc: what a call of tpm2-tss returned
 * @what: what it was for, such as "reading the PCRs"
 * @code: of #QfuError
 *
 * Returns: whether it succeeded; else @error says what a person can do about it where that is
 * known, and the library's words otherwise
 */
gboolean
qfu_tpm_check (TSS2_RC rc, const char *what, int code, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The TPM's own part of @rc, without the number of a handle, parameter or session. */
guint qfu_tpm_base_code (TSS2_RC rc);

/**
 * qfu_tpm_allocated:
 * @pcrs: (out): a bit for each PCR, by bank index
 *
 * Which PCRs the TPM has, in the banks that we know.
 */
gboolean qfu_tpm_allocated (QfuTpm *tpm,
                            guint32 pcrs[QFU_BANK_COUNT],
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads these PCRs. */
gboolean qfu_tpm_read_pcrs (QfuTpm *tpm,
                            const guint32 pcrs[QFU_BANK_COUNT],
                            QfuPcrSet *values,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Sends every value that is known as a PCR. */
gboolean qfu_tpm_send_pcrs (QfuWire *wire,
                            const QfuPcrSet *values,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
