/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the pending record is used up. Declared in qfu-refstore.h. */

#include "qfu-error.h"
#include "qfu-refstore.h"

#include <string.h>

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
qfu_refstore_consume (QfuRefStore *store, const QfuRefBinding *binding, guint *id, GError **error)
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
  return qfu_refstore_move (store, record->id, QFU_REF_CONSUMED, "the write began", error);
}
