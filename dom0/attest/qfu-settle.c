/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-settle.h"

#include <string.h>

static gboolean
was_written (const QfuRefRecord *record)
{
  return record->state == QFU_REF_WRITTEN || record->state == QFU_REF_CONSUMED;
}

/* Whether @record was written for a boot, by a boot other than @boot_id, and is not settled. A
 * write that a recovery finished belongs to the boot of the recovery: what that boot started with
 * was not all of it. */
static gboolean
is_open (const QfuRefRecord *record, const char *boot_id)
{
  return was_written (record) && strcmp (record->state_boot_id, boot_id) != 0;
}

/* The newest update that was written in this boot (@here) or in an earlier one. */
static const QfuRefRecord *
newest_written (const GPtrArray *records, const char *boot_id, gboolean here)
{
  for (guint i = records->len; i > 0; i--) {
    const QfuRefRecord *record = g_ptr_array_index (records, i - 1);

    if (was_written (record) && (strcmp (record->state_boot_id, boot_id) == 0) == here)
      return record;
  }
  return NULL;
}

/* The newest record but @judged whose values the PCRs hold. What has failed or was never written is
 * none. */
static const QfuRefRecord *
find_booted (const GPtrArray *records,
             const QfuPcrSet *pcrs,
             const char *boot_id,
             const QfuRefRecord *judged)
{
  const QfuRefRecord *former = NULL;

  for (guint i = records->len; i > 0; i--) {
    const QfuRefRecord *record = g_ptr_array_index (records, i - 1);
    gboolean in_use = record->state == QFU_REF_CURRENT || is_open (record, boot_id);

    if (record == judged || (!in_use && record->state != QFU_REF_SUPERSEDED) ||
        !qfu_attest_matches (record, pcrs))
      continue;
    if (in_use)
      return record;
    if (former == NULL)
      former = record;
  }
  return former;
}

static QfuSettleKind
judge_record (QfuSettle *settle, const GPtrArray *records, const QfuPcrSet *pcrs, const char *boot)
{
  QfuVerdict verdict =
      qfu_attest_compare (settle->record, pcrs, &settle->compared, settle->differences);

  if (verdict == QFU_VERDICT_MATCH)
    return QFU_SETTLE_MATCH;
  settle->booted = find_booted (records, pcrs, boot, settle->record);
  if (verdict == QFU_VERDICT_EMPTY)
    return QFU_SETTLE_UNKNOWN;
  return settle->booted != NULL && settle->booted->state != QFU_REF_SUPERSEDED ? QFU_SETTLE_OLD
                                                                               : QFU_SETTLE_ALARM;
}

/* Whether a recovery in this boot finished or undid the write of an earlier one. */
static gboolean
was_mended (const GPtrArray *records, const char *boot_id)
{
  for (guint i = 0; i < records->len; i++) {
    const QfuRefRecord *record = g_ptr_array_index (records, i);

    if (strcmp (record->state_boot_id, boot_id) == 0 && strcmp (record->boot_id, boot_id) != 0)
      return TRUE;
  }
  return FALSE;
}

/* A boot that began with a part of an update may hold its values already. That is no alarm, and no
 * attestation: the next boot is the one that counts. */
static gboolean
is_early (const QfuSettle *settle, const QfuPcrSet *pcrs)
{
  return settle->kind == QFU_SETTLE_ALARM && settle->mended && settle->waiting != NULL &&
         qfu_attest_matches (settle->waiting, pcrs);
}

void
qfu_settle_judge (const QfuRefStore *store,
                  const QfuPcrSet *pcrs,
                  const char *boot_id,
                  QfuSettle *settle)
{
  const GPtrArray *records = qfu_refstore_records (store);

  memset (settle, 0, sizeof *settle);
  settle->differences = qfu_differences_new ();
  settle->waiting = newest_written (records, boot_id, TRUE);
  settle->record = newest_written (records, boot_id, FALSE);
  if (settle->record == NULL)
    settle->record = qfu_refstore_latest (store, QFU_REF_CURRENT);
  if (settle->record != NULL)
    settle->kind = judge_record (settle, records, pcrs, boot_id);
  else
    settle->kind = settle->waiting != NULL ? QFU_SETTLE_WAITING : QFU_SETTLE_NONE;
  settle->mended = was_mended (records, boot_id);
  if (is_early (settle, pcrs))
    settle->kind = QFU_SETTLE_WAITING;
}

void
qfu_settle_clear (QfuSettle *settle)
{
  g_clear_pointer (&settle->differences, g_array_unref);
}

/* The first bank that a difference is for and that the TPM does not have, when all are of such a
 * bank; 0 when they are not. */
static guint
gone_bank (const QfuSettle *settle, const QfuPcrSet *pcrs)
{
  for (guint i = 0; i < settle->differences->len; i++) {
    if (!qfu_attest_bank_gone (pcrs, g_array_index (settle->differences, QfuDifference, i).bank))
      return 0;
  }
  return settle->differences->len == 0 ? 0
                                       : g_array_index (settle->differences, QfuDifference, 0).bank;
}

const char *
qfu_settle_cause (const QfuSettle *settle, const QfuPcrSet *pcrs)
{
  if (settle->kind == QFU_SETTLE_OLD)
    return "flash-did-not-take";
  if (settle->kind != QFU_SETTLE_ALARM)
    return NULL;
  if (gone_bank (settle, pcrs) != 0)
    return "bank-gone";
  if (settle->mended)
    return "half-written";
  return settle->booted != NULL ? "older-firmware" : "other-firmware";
}

char *
qfu_settle_why (const QfuSettle *settle, const QfuPcrSet *pcrs)
{
  const char *cause = qfu_settle_cause (settle, pcrs);

  if (cause == NULL)
    return NULL;
  if (strcmp (cause, "bank-gone") == 0)
    return g_strdup_printf ("the TPM has no bank %s any more; what can be compared is as recorded",
                            qfu_hash_name (gone_bank (settle, pcrs)));
  if (strcmp (cause, "half-written") == 0)
    return g_strdup (
        "a write of the chip had been cut off when this boot began, and what booted is "
        "neither the old nor the new firmware; the chip was set right since: restart");
  if (settle->kind == QFU_SETTLE_OLD && settle->booted->state != QFU_REF_CURRENT)
    return g_strdup_printf ("the firmware of record %u booted: the last flash did not take",
                            settle->booted->id);
  if (settle->kind == QFU_SETTLE_OLD)
    return g_strdup ("the old firmware booted: the flash did not take");
  if (settle->booted != NULL)
    return g_strdup_printf ("the firmware of record %u, which is no longer in use, booted",
                            settle->booted->id);
  return g_strdup (settle->record->state == QFU_REF_CURRENT
                       ? "the firmware that booted is not the one that was attested last"
                       : "the firmware that booted is neither the old nor the new one");
}

/* Another run may have seen the same. */
static gboolean
move (QfuRefStore *store, guint id, QfuRefState state, const char *reason, GError **error)
{
  const QfuRefRecord *record = qfu_refstore_record (store, id);

  return (record != NULL && record->state == state) ||
         qfu_refstore_move (store, id, state, reason, error);
}

/* No update of an earlier boot can come true any more. The one that was judged comes last, so that
 * a run that is cut off is repeated whole. */
static gboolean
fail_open (QfuRefStore *store,
           const QfuSettle *settle,
           const char *why,
           const char *boot_id,
           GError **error)
{
  const GPtrArray *records = qfu_refstore_records (store);

  for (guint i = 0; i < records->len; i++) {
    const QfuRefRecord *record = g_ptr_array_index (records, i);

    if (!is_open (record, boot_id) || record->id > settle->record->id ||
        (settle->booted != NULL && record->id == settle->booted->id))
      continue;
    if (!qfu_refstore_move (store, record->id, QFU_REF_FAILED, why, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_settle_apply (QfuRefStore *store,
                  const QfuSettle *settle,
                  const char *why,
                  const char *boot_id,
                  GError **error)
{
  static const char attested[] = "attested after the boot";

  if (settle->kind == QFU_SETTLE_MATCH && settle->record->state != QFU_REF_CURRENT)
    return move (store, settle->record->id, QFU_REF_CURRENT, attested, error);
  if (settle->kind != QFU_SETTLE_OLD && settle->kind != QFU_SETTLE_ALARM)
    return TRUE;
  if (!fail_open (store, settle, why, boot_id, error))
    return FALSE;
  return settle->kind == QFU_SETTLE_ALARM || settle->booted->state == QFU_REF_CURRENT ||
         move (store, settle->booted->id, QFU_REF_CURRENT, attested, error);
}
