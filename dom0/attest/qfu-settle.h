/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-attest.h"

/**
 * QfuSettleKind:
 * @QFU_SETTLE_NONE: there are no reference values
 * @QFU_SETTLE_WAITING: an update was written in this boot, and there is nothing else to compare
 * with; or a recovery finished it in this boot, which holds its values already
 * @QFU_SETTLE_MATCH: the values are those of the record
 * @QFU_SETTLE_OLD: an update was written, but what was there before it booted
 * @QFU_SETTLE_ALARM: the values are of no firmware that is in use
 * @QFU_SETTLE_UNKNOWN: an update was written without values to compare; a person has to decide
 *
 * What the PCRs of a boot mean for the records.
 */
typedef enum {
  QFU_SETTLE_NONE = 1,
  QFU_SETTLE_WAITING,
  QFU_SETTLE_MATCH,
  QFU_SETTLE_OLD,
  QFU_SETTLE_ALARM,
  QFU_SETTLE_UNKNOWN
} QfuSettleKind;

/**
 * QfuSettle:
 * @kind: what the PCRs mean
 * @record: (nullable): what was judged: the newest update of an earlier boot that is not settled,
 * else the current record
 * @booted: (nullable): another record whose values the PCRs hold
 * @waiting: (nullable): what was written in this boot and boots next
 * @mended: whether a recovery in this boot finished or undid a write, so that what booted may have
 * been a mixture
 * @compared: how many values of @record were compared
 * @differences: (element-type QfuDifference): what differs from @record
 *
 * The records belong to the store.
 */
typedef struct {
  QfuSettleKind kind;
  const QfuRefRecord *record;
  const QfuRefRecord *booted;
  const QfuRefRecord *waiting;
  gboolean mended;
  guint compared;
  GArray *differences;
} QfuSettle;

/* Judges @pcrs of boot @boot_id; changes nothing. */
void qfu_settle_judge (const QfuRefStore *store,
                       const QfuPcrSet *pcrs,
                       const char *boot_id,
                       QfuSettle *settle);
void qfu_settle_clear (QfuSettle *settle);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (QfuSettle, qfu_settle_clear)

/* A stable word for what is wrong: "flash-did-not-take", "bank-gone", "half-written",
 * "older-firmware", "other-firmware"; %NULL when nothing is. */
const char *qfu_settle_cause (const QfuSettle *settle, const QfuPcrSet *pcrs);
/* (transfer full) (nullable): the same for people. */
char *qfu_settle_why (const QfuSettle *settle, const QfuPcrSet *pcrs);

/**
 * qfu_settle_apply:
 * @store: opened writable; may be another object than the one that was judged
 * @settle: what was judged
 * @why: (nullable): of qfu_settle_why()
 * @boot_id: of this boot
 * @error: #QFU_ERROR_STALE when the store has changed meanwhile, or why it cannot be written
 *
 * Moves the records: what booted becomes current, updates that did not boot have failed. What asks
 * for a person's decision stays as it is.
 */
gboolean qfu_settle_apply (QfuRefStore *store,
                           const QfuSettle *settle,
                           const char *why,
                           const char *boot_id,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
