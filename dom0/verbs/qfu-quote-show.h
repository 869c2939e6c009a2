/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-attest.h"
#include "qfu-eventlog.h"
#include "qfu-replay.h"
#include "qfu-seen.h"

/**
 * QfuQuoteCheck:
 * @quote: what the TPM has signed
 * @values: the PCRs that it is about
 * @logs: (element-type QfuEventLog): the event logs beside it
 * @replay: (nullable): the one that explains the values; %NULL without a log
 * @references: (element-type QfuRefRecord) (nullable): what --refvals names
 * @reference: (nullable): the record that fits, else the one that was judged first
 * @verdict, @compared, @differences: how @reference compares with @values
 * @seen: what the last verification kept
 *
 * A verification of another machine's quote.
 */
typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  QfuQuote *quote;
  QfuPcrSet values;
  GPtrArray *logs;
  QfuReplay *replay;
  GPtrArray *references;
  const QfuRefRecord *reference;
  QfuVerdict verdict;
  guint compared;
  GArray *differences;
  QfuSeen seen;
} QfuQuoteCheck;

/* Whether a log has events for the PCR, in that bank. */
gboolean qfu_replay_has_events (const QfuReplay *replay, gsize bank, guint pcr);
/* Whether the value is both quoted and replayed. */
gboolean qfu_quote_replayed (const QfuQuoteCheck *check, gsize bank, guint pcr);

/* Says what was found out, as text and as JSON. */
void qfu_quote_show (const QfuQuoteCheck *check);
