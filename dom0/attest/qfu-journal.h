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
