/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-tpm-context.h"

/* The keys of attestation in the TPM. */

/* Opens the TPM that ID of @arguments names, as configured. #QFU_ERROR_UNSUPPORTED when there is
 * but sysfs, which shows PCRs and nothing else. */
gboolean qfu_tpm_open_device (QfuTpm *tpm,
                              const QfuMessage *arguments,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_tpm_ak_find:
 * @handle: of a persistent object
 * @object: (out): the key; freed with the context
 * @public: (out): its public area
 * @error: #QFU_ERROR_NOT_FOUND, #QFU_ERROR_REFUSED when it signs what it is given
 */
gboolean qfu_tpm_ak_find (QfuTpm *tpm,
                          guint32 handle,
                          ESYS_TR *object,
                          TPMT_PUBLIC *public,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Removes a transient object or session; there is nothing to do about a failure. */
void qfu_tpm_flush (QfuTpm *tpm, ESYS_TR *object);
/* Makes the endorsement key that this TPM's certificate is for, or one without; the caller flushes
 * it. @certificate: (out) (transfer full) (nullable): DER */
gboolean qfu_tpm_make_ek (QfuTpm *tpm,
                          ESYS_TR *object,
                          TPMT_PUBLIC *public,
                          GBytes **certificate,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean qfu_tpm_send_piece (QfuWire *wire,
                             QfuPieceKind kind,
                             const void *data,
                             gsize size,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The ops of qfu-tpm about attestation. */
gboolean qfu_tpm_run_enroll (QfuWire *wire, const QfuMessage *arguments, GError **error);
gboolean qfu_tpm_run_challenge (QfuWire *wire, const QfuMessage *arguments, GError **error);
gboolean qfu_tpm_run_activate (QfuWire *wire, const QfuMessage *arguments, GError **error);
gboolean qfu_tpm_run_quote (QfuWire *wire, const QfuMessage *arguments, GError **error);
