/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-replay.h"

/**
 * QfuLogDifference:
 * @replayed: what the events give
 * @actual: what the TPM holds
 * @running: whether it is of a PCR that the running system goes on extending, so that it says
 * nothing of the log
 *
 * A PCR that a log does not replay to.
 */
typedef struct {
  guint pcr;
  QfuHash bank;
  QfuDigest replayed;
  QfuDigest actual;
  gboolean running;
} QfuLogDifference;

/**
 * QfuLogCheck:
 * @compared: values that were compared, @differences among them
 * @differences: (element-type QfuLogDifference): by PCR, then bank
 * @first: (nullable): the first that is not @running
 * @silent: banks of the TPM, by bank index, that the log says nothing of
 */
typedef struct {
  guint compared;
  GArray *differences;
  const QfuLogDifference *first;
  gboolean silent[QFU_BANK_COUNT];
} QfuLogCheck;

/**
 * qfu_logcheck:
 *
 * Compares what events replay to with what the TPM holds: PCRs 0 to 7, which are the firmware's
 * alone, and others that the events extend.
 *
 * Returns: (transfer full): what was found; the log replays when @compared is not 0 and @first is
 * %NULL
 */
QfuLogCheck *qfu_logcheck (const QfuReplay *replay, const QfuPcrSet *pcrs);
void qfu_logcheck_free (QfuLogCheck *check);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuLogCheck, qfu_logcheck_free)

/* Whether the log replays. */
gboolean qfu_logcheck_replays (const QfuLogCheck *check);
