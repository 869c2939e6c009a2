/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

#define QFU_EVENT_PCR_COUNT 24 /* PCRs of a PC client's TPM */
#define QFU_EVENT_NO_ACTION 3  /* EV_NO_ACTION: never extended */
#define QFU_EVENT_ACTION 5     /* EV_ACTION */

/* One event as it stands in a log; @data points into the input. */
typedef struct {
  guint32 pcr;
  guint32 type;
  QfuDigest digests[QFU_EVENTLOG_BANKS_MAX];
  guint n_digests; /* of algorithms that we know */
  const guint8 *data;
  gsize size;
} QfuRawEvent;

/* What a log is, sent before its events. */
typedef struct {
  guint format;   /* QfuLogFormat */
  guint flags;    /* QFU_LOG_FLAG_… */
  guint locality; /* StartupLocality */
  guint count;    /* events */
} QfuRawLog;

gboolean qfu_event_send_log (const QfuRawLog *log,
                             const QfuParseSink *sink,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_event_send:
 * @event: an event of a PCR below QFU_EVENT_PCR_COUNT
 *
 * Sends an EVENT, named by its data as far as that is text.
 */
gboolean qfu_event_send (const QfuRawEvent *event,
                         const QfuParseSink *sink,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The formats; each checks that the whole log is sound before it sends the first frame. */
gboolean qfu_eventlog_cb (const QfuParseInput *log,
                          const QfuParseSink *sink,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean qfu_eventlog_console (const QfuParseInput *log,
                               const QfuParseSink *sink,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean qfu_eventlog_ring (const QfuParseInput *log,
                            const QfuParseSink *sink,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean qfu_eventlog_tcg (const QfuParseInput *log,
                           const QfuParseSink *sink,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether these bytes are text of a console, as far as their beginning tells. */
gboolean qfu_eventlog_is_text (const guint8 *data, gsize size);
/* Whether this is the console's area in memory, for qfu_eventlog_ring(). */
gboolean qfu_eventlog_is_ring (const QfuParseInput *log);
