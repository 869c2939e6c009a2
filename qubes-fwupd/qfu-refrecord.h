/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-refstore.h"

#include <json-glib/json-glib.h>

/* The JSON of one entry, as schemas/refvalue.schema.json says. A first entry carries the whole
 * record, later ones the change of state only. */

/* (transfer full): the first entry of @record. */
JsonNode *qfu_ref_record_to_json (const QfuRefRecord *record, guint sequence);
/* (transfer full): the entry that moves record @id to @state, in boot @boot_id (nullable: that of
 * the record). */
JsonNode *qfu_ref_move_to_json (guint sequence,
                                guint id,
                                QfuRefState state,
                                gint64 time,
                                const char *boot_id,
                                const char *reason);
/* Whether a record in state @from may come to @to. */
gboolean qfu_ref_move_allowed (QfuRefState from, QfuRefState to);
/* (transfer none) (nullable): the boot that an entry names. */
const char *qfu_ref_entry_boot (JsonObject *entry);
/* (transfer full): the record of a first entry; %NULL with #QFU_ERROR_FORMAT when the entry is
 * broken. */
QfuRefRecord *qfu_ref_record_from_json (JsonObject *entry,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads what every entry has; @state is 0 when unknown. */
gboolean qfu_ref_entry_head (
    JsonObject *entry, guint *id, QfuRefState *state, gint64 *time, const char **reason);
