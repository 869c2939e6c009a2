/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse-json.h"
#include "qfu-parse-selection.h"

/**
 * QfuClevisToken:
 * @tpm: whether a TPM guards it, or may
 * @odd: whether something of its policy is not understood
 * @selection: the PCRs that it depends on
 */
typedef struct {
  gboolean tpm;
  gboolean odd;
  QfuSelection selection;
} QfuClevisToken;

/**
 * qfu_clevis_read:
 * @token: a LUKS2 token of type `clevis`
 * @out: (out): what its pin is
 *
 * Reads the header of the JWE that the token holds. One that cannot be read may be anything, and is
 * said to be odd.
 */
void qfu_clevis_read (JsonObject *token, QfuClevisToken *out);
