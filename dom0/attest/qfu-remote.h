/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-options.h"
#include "qfu-pcr.h"

/* What the ways of `attest` that take two machines have in common. */

/* The files that travel, by name. Of the folder of --enroll: */
#define QFU_FILE_AK "ak.pub"                  /* TPM2B_PUBLIC */
#define QFU_FILE_AK_PEM "ak.pem"              /* the same key */
#define QFU_FILE_AK_NAME "ak.name"            /* its name */
#define QFU_FILE_EK "ek.pub"                  /* TPM2B_PUBLIC */
#define QFU_FILE_EK_PEM "ek.pem"              /* the same key */
#define QFU_FILE_EK_CERT "ek.crt"             /* DER, when the TPM has one */
#define QFU_FILE_CREDENTIAL "credential.blob" /* by --challenge */
#define QFU_FILE_SEED "credential.seed"       /* by --challenge */
#define QFU_FILE_ANSWER "answer"              /* by --activate */
/* of the folder of --quote: */
#define QFU_FILE_MESSAGE "quote.msg"   /* TPMS_ATTEST */
#define QFU_FILE_SIGNATURE "quote.sig" /* TPMT_SIGNATURE */
#define QFU_FILE_PCRS "quote.pcrs"     /* as tpm2_quote writes it */
#define QFU_FILE_EVENTS "eventlog"     /* and eventlog-2, … */
#define QFU_FILES_EVENTS "eventlog*"
/* and what --challenge keeps for --accept, in the folder with this behind its name: */
#define QFU_FOLDER_KEPT ".verifier"
#define QFU_FILE_SECRET "secret"

/**
 * QfuPieces:
 * @piece: by #QfuPieceKind; %NULL when it was not told
 * @pcrs: values that were told
 *
 * What qfu-tpm answered.
 *
 * Trust: this machine's TPM.
 */
typedef struct {
  GBytes *piece[QFU_PIECE_LAST + 1];
  QfuPcrSet pcrs;
} QfuPieces;

/**
 * qfu_remote_ask:
 * @op: of qfu-tpm
 * @flags: its FLAGS
 * @inputs: (array length=n_inputs): its inputs
 *
 * Runs an op of qfu-tpm about attestation.
 */
QfuPieces *qfu_remote_ask (const QfuConfig *config,
                           const char *op,
                           guint64 flags,
                           const QfuUntrustedBlob *const *inputs,
                           gsize n_inputs,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_pieces_free (QfuPieces *pieces);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuPieces, qfu_pieces_free)
/* (transfer none): a piece; %NULL with #QFU_ERROR_PROTOCOL when qfu-tpm did not tell it. */
GBytes *qfu_pieces_get (const QfuPieces *pieces,
                        QfuPieceKind kind,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The handle of the attestation key, as configured. #QFU_ERROR_USAGE */
gboolean qfu_remote_handle (const QfuConfig *config,
                            guint64 *handle,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full): the bytes of --nonce. #QFU_ERROR_USAGE */
GBytes *qfu_remote_nonce (const QfuOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full): lower-case hexadecimal digits. */
char *qfu_remote_hex (GBytes *bytes);
/* (transfer full): file @name of @folder, of at most @max bytes. A link is not followed: the folder
 * came from elsewhere. */
QfuUntrustedBlob *qfu_remote_load (const char *folder,
                                   const char *name,
                                   guint64 max,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes a file as a whole. */
gboolean qfu_remote_write (const char *folder, const char *name, GBytes *bytes, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Whether an option asks for one of these ways of `attest`. */
gboolean qfu_remote_wanted (const QfuOptions *options);
/* That way. */
gboolean qfu_remote_run (const QfuConfig *config, const QfuOptions *options, GError **error);

/* The ways, on the machine that is attested */
gboolean qfu_remote_enroll (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_remote_activate (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_remote_quote (const QfuConfig *config, const QfuOptions *options, GError **error);
/* and on the verifier. */
gboolean qfu_remote_challenge (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_remote_accept (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_remote_verify (const QfuConfig *config, const QfuOptions *options, GError **error);
