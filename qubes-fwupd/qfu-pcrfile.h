/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"
#include "qfu-message.h"
#include "qfu-pcr.h"

/* The values that a quote was made over: which they are, what the TPM signs of them, and the file
 * that tpm2_quote writes and tpm2_checkquote reads. */

/**
 * QfuSelection:
 * @hash: algorithm of the bank
 * @pcrs: a bit for each PCR
 *
 * PCRs of one bank. A quote has a list of them, whose order counts.
 */
typedef struct {
  QfuHash hash;
  guint32 pcrs;
} QfuSelection;

/* Fills @out, with room for QFU_BANK_COUNT, with all that is known in @values, and returns how many
 * there are. */
guint qfu_selection_of (const QfuPcrSet *values, QfuSelection *out);

/**
 * qfu_selection_digest:
 * @selection: (array length=n): of the quote, in its order
 * @hash: the algorithm of the quote's signature
 *
 * Computes what a TPM signs of the values.
 *
 * Returns: %FALSE when one of them is not known
 */
gboolean qfu_selection_digest (const QfuSelection *selection,
                               guint n,
                               const QfuPcrSet *values,
                               QfuHash hash,
                               QfuDigest *out) G_GNUC_WARN_UNUSED_RESULT;

/* Takes the value of a PCR frame; %FALSE when @message is another one or no value. */
gboolean qfu_pcr_set_take (QfuPcrSet *values, const QfuMessage *message) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): the file for all that is known in @values. */
GBytes *qfu_pcrfile_make (const QfuPcrSet *values);

/**
 * qfu_pcrfile_read:
 * @file: as tpm2_quote writes it
 *
 * Runs worker `pcrfile`.
 *
 * Trust: the values are anybody's until their digest is the one in a good quote.
 */
gboolean qfu_pcrfile_read (const QfuConfig *config,
                           const QfuUntrustedBlob *file,
                           QfuPcrSet *values,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
