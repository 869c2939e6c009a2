/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-refstore.h"

/**
 * qfu_journal_note:
 * @result: of an attestation, as in schemas/attestation.schema.json
 * @record: (nullable): what it is about
 * @cause: (nullable): a stable word for what is wrong
 * @why: (nullable): the same for people
 *
 * Writes one entry to the journal when standard error leads there, as it does for a unit of
 * systemd: with a MESSAGE_ID for each result that will not change, a priority, and the fields
 * QFU_RESULT, QFU_RECORD, QFU_VERSION and QFU_CAUSE. The manual has the table.
 */
void qfu_journal_note (const char *result,
                       const QfuRefRecord *record,
                       const char *cause,
                       const char *why);

/**
 * qfu_journal_refresh:
 * @result: "refreshed", "updates", "skipped", "failed", "stale" or "too-stale"
 * @cause: (nullable): a stable word for why
 * @updates: (nullable): names and versions of newer firmware
 * @why: (nullable): what happened, for people
 *
 * The same for a refresh that nobody waits for, with the fields QFU_RESULT, QFU_CAUSE and
 * QFU_UPDATES.
 */
void
qfu_journal_refresh (const char *result, const char *cause, const char *updates, const char *why);

/* Whether standard error leads to the journal, so that there is one to write to. */
gboolean qfu_journal_there (void);
