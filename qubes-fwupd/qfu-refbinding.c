/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a record comes from state to state: used up, and told what became of it. Declared in
 * qfu-refstore.h and qfu-refrecord.h. */

#include "qfu-error.h"
#include "qfu-refrecord.h"

#include <string.h>

/* Which changes of state there are; everything else is stale. What has failed is written after all
 * when a recovery could finish it. */
static const struct {
  QfuRefState from;
  QfuRefState to;
} moves[] = {
    {QFU_REF_PENDING, QFU_REF_CONSUMED},   {QFU_REF_PENDING, QFU_REF_ABANDONED},
    {QFU_REF_CONSUMED, QFU_REF_WRITTEN},   {QFU_REF_CONSUMED, QFU_REF_FAILED},
    {QFU_REF_WRITTEN, QFU_REF_CURRENT},    {QFU_REF_WRITTEN, QFU_REF_FAILED},
    {QFU_REF_CONSUMED, QFU_REF_CURRENT},   {QFU_REF_CURRENT, QFU_REF_SUPERSEDED},
    {QFU_REF_WRITTEN, QFU_REF_SUPERSEDED}, {QFU_REF_CONSUMED, QFU_REF_SUPERSEDED},
    {QFU_REF_FAILED, QFU_REF_WRITTEN},
};

gboolean
qfu_ref_move_allowed (QfuRefState from, QfuRefState to)
{
  for (gsize i = 0; i < G_N_ELEMENTS (moves); i++) {
    if (moves[i].from == from && moves[i].to == to)
      return TRUE;
  }
  return FALSE;
}

/* What of @binding does not agree with @record, in words; %NULL when all does. */
static const char *
binding_conflict (const QfuRefRecord *record, const QfuRefBinding *binding)
{
  if (strcmp (record->boot_id, binding->boot_id) != 0)
    return "it is of another boot";
  if (binding->now < record->time)
    return "it was written later than it is now; the clock was set back";
  if (binding->now - record->time > QFU_PENDING_SECONDS)
    return "it is too old";
  if (strcmp (record->device_id, binding->device_id) != 0)
    return "it is of another device";
  if (!qfu_digest_equal (&record->old_chip, binding->old_chip))
    return "the chip holds something else than when it was written";
  if (!qfu_digest_equal (&record->image, binding->image))
    return "it is of another image";
  return NULL;
}

gboolean
qfu_refstore_fits (const QfuRefStore *store,
                   const QfuRefBinding *binding,
                   guint *id,
                   GError **error)
{
  const QfuRefRecord *record = qfu_refstore_latest (store, QFU_REF_PENDING);
  const char *conflict = record == NULL ? NULL : binding_conflict (record, binding);

  if (record == NULL) {
    g_set_error_literal (
        error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
        "no pending reference values: nothing is written to the chip without them. Run "
        "`qubes-fwupdmgr update`, which records them");
    return FALSE;
  }
  if (conflict != NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_STALE,
                 "the pending reference values do not fit: %s. Nothing was written; run "
                 "`qubes-fwupdmgr update` again",
                 conflict);
    return FALSE;
  }
  *id = record->id;
  return TRUE;
}

gboolean
qfu_refstore_consume (QfuRefStore *store, const QfuRefBinding *binding, guint *id, GError **error)
{
  return qfu_refstore_fits (store, binding, id, error) &&
         qfu_refstore_move (store, *id, QFU_REF_CONSUMED, "the write began", error);
}

/* How a record comes to where the chip is; 0: it stays. */
static guint
next_state (QfuRefState from, gboolean is_new)
{
  if (from == QFU_REF_PENDING)
    return is_new ? QFU_REF_CONSUMED : QFU_REF_ABANDONED;
  if (from == QFU_REF_CONSUMED)
    return is_new ? QFU_REF_WRITTEN : QFU_REF_FAILED;
  if (from == QFU_REF_WRITTEN)
    return is_new ? 0 : QFU_REF_FAILED;
  return from == QFU_REF_FAILED && is_new ? QFU_REF_WRITTEN : 0;
}

gboolean
qfu_refstore_tell (
    QfuRefStore *store, guint id, gboolean is_new, const char *boot_id, GError **error)
{
  const char *reason = is_new ? "the chip was read back and holds it"
                              : "the chip was read back and holds its old contents";
  const QfuRefRecord *record = qfu_refstore_record (store, id);
  guint state;

  while (record != NULL && (state = next_state (record->state, is_new)) != 0) {
    if (!qfu_refstore_move_in (store, id, (QfuRefState)state, boot_id, reason, error))
      return FALSE;
  }
  return TRUE;
}
