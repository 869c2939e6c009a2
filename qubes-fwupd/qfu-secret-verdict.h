/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-pcr.h"
#include "qfu-secret.h"

/**
 * QfuSecretVerdict:
 * @QFU_SECRET_STAYS: the TPM gives it out at the next boot, too
 * @QFU_SECRET_WILL_NOT_UNSEAL: it does not
 * @QFU_SECRET_UNKNOWN: cannot be said
 */
typedef enum {
  QFU_SECRET_STAYS = 1,
  QFU_SECRET_WILL_NOT_UNSEAL = 2,
  QFU_SECRET_UNKNOWN = 3
} QfuSecretVerdict;

/* "stays", "will-not-unseal", "unknown" */
const char *qfu_secret_verdict_name (QfuSecretVerdict verdict);

/**
 * qfu_secret_judge:
 * @secret: a secret
 * @forecasts: (nullable) (element-type QfuForecast): what the PCRs will hold; %NULL: nobody knows
 * @reason: (out) (transfer full): why, in a few words that name the PCR
 *
 * What the next boot means to @secret. A PCR that is known to change decides; after it one that is
 * not known.
 */
QfuSecretVerdict qfu_secret_judge (const QfuSecret *secret, const GArray *forecasts, char **reason);

/* Algorithm of the bank of @selection, the one that counts when none is stated included; 0 when
 * that depends on a TPM of which @forecasts (nullable) say nothing. */
guint qfu_secret_bank (const QfuSecretSelection *selection, const GArray *forecasts);
