/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-refstore.h"

/**
 * QfuVerdict:
 * @QFU_VERDICT_MATCH: every reference value equals the TPM's
 * @QFU_VERDICT_MISMATCH: at least one differs
 * @QFU_VERDICT_EMPTY: the record has no value to compare
 */
typedef enum { QFU_VERDICT_MATCH, QFU_VERDICT_MISMATCH, QFU_VERDICT_EMPTY } QfuVerdict;

/**
 * QfuDifference:
 *
 * A PCR that does not hold what the record says.
 */
typedef struct {
  guint pcr;
  QfuHash bank;
  QfuDigest expected;
  QfuDigest actual; /* size 0: the TPM does not have it */
} QfuDifference;

/* (transfer full) (element-type QfuDifference): an empty array. */
GArray *qfu_differences_new (void);

/* Whether @forecast is compared: it has a value, and that is a promise of the firmware's. */
gboolean qfu_attest_is_reference (const QfuForecast *forecast);

/**
 * qfu_attest_compare:
 * @record: reference values
 * @pcrs: as read from the TPM
 * @compared: (out): how many values were compared
 * @differences: (transfer none) (element-type QfuDifference): gets what differs
 *
 * A bank that the TPM no longer has is a difference. Of what the vendor declares, one of the
 * alternatives must be there, and banks that the TPM does not have count only when nothing else
 * was compared with a record that is current: the vendor does not know which banks are active.
 */
QfuVerdict qfu_attest_compare (const QfuRefRecord *record,
                               const QfuPcrSet *pcrs,
                               guint *compared,
                               GArray *differences);

/* Whether all of @pcrs that @record has values for are these, and there is one at least. */
gboolean qfu_attest_matches (const QfuRefRecord *record, const QfuPcrSet *pcrs);

/* Whether the TPM has no PCR of @bank. */
gboolean qfu_attest_bank_gone (const QfuPcrSet *pcrs, QfuHash bank);
