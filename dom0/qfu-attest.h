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

/**
 * qfu_attest_compare:
 * @record: reference values
 * @pcrs: as read from the TPM
 * @compared: (out): how many values were compared
 * @differences: (transfer none) (element-type QfuDifference): gets what differs
 */
QfuVerdict qfu_attest_compare (const QfuRefRecord *record,
                               const QfuPcrSet *pcrs,
                               guint *compared,
                               GArray *differences);

/* The first PCR whose replayed value is not the TPM's; %FALSE when the log replays to everything
 * that it has events for. */
gboolean qfu_attest_replay_differs (const QfuPcrSet *replayed,
                                    const QfuPcrSet *pcrs,
                                    guint *pcr,
                                    QfuHash *bank);
