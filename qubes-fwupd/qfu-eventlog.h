/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"
#include "qfu-limits.h"
#include "qfu-pcr.h"
#include "qfu-wire-table.h"

typedef struct {
  guint pcr;
  guint type;  /* TCG event type */
  guint flags; /* QFU_EVENT_FLAG_… */
  char *name;  /* printable ASCII; empty when the event has no readable text */
  QfuDigest digests[QFU_BANK_COUNT]; /* by bank index; size 0: none */
} QfuEvent;

/**
 * QfuEventLog:
 *
 * Events as worker `eventlog` claims them.
 *
 * Trust: believed only as far as the replay agrees with PCRs that we read.
 */
typedef struct {
  QfuLogFormat format;
  guint flags;
  guint locality;          /* StartupLocality */
  GArray *events;          /* QfuEvent */
  char *source;            /* (nullable): where the caller has it from, for people */
  QfuUntrustedBlob *bytes; /* the log as it was read */
} QfuEventLog;

/* Runs worker `eventlog`. */
QfuEventLog *qfu_eventlog_read (const QfuConfig *config,
                                const QfuUntrustedBlob *log,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_eventlog_free (QfuEventLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuEventLog, qfu_eventlog_free)

/* Whether an event extends the PCR that it names. */
gboolean qfu_eventlog_extends (const QfuEvent *event);
/* Whether the log is one of a dynamic launch: it extends a PCR that only such a launch resets; and
 * whether it is of nothing else. */
gboolean qfu_eventlog_launched (const QfuEventLog *log, gboolean *only);
/* Replays every bank that the log has; banks without digests stay unknown. */
void qfu_eventlog_replay (const QfuEventLog *log, QfuPcrSet *out);
