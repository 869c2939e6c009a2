/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-eventlog.h"

#include "qfu-error.h"
#include "qfu-worker.h"

#include <string.h>

#define LEAST_EVENT 32 /* bytes of the smallest event of any format */
#define NO_ACTION 3    /* EV_NO_ACTION: logged, never extended */

static void
clear_event (gpointer element)
{
  g_free (((QfuEvent *)element)->name);
}

static QfuEventLog *
log_new (void)
{
  QfuEventLog *log = g_new0 (QfuEventLog, 1);

  log->events = g_array_new (FALSE, TRUE, sizeof (QfuEvent));
  g_array_set_clear_func (log->events, clear_event);
  return log;
}

void
qfu_eventlog_free (QfuEventLog *log)
{
  if (log == NULL)
    return;
  g_array_unref (log->events);
  g_free (log->source);
  qfu_untrusted_blob_free (log->bytes);
  g_free (log);
}

static gboolean
take_log (QfuEventLog *log, const QfuMessage *message, GError **error)
{
  guint64 untrusted_format;

  if (log->format != 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "the worker for eventlog sends two logs");
    return FALSE;
  }
  if (!qfu_message_number (message, QFU_FIELD_KIND, QFU_LOG_COREBOOT, QFU_LOG_LAST,
                           &untrusted_format, error))
    return FALSE;
  log->format = (QfuLogFormat)untrusted_format;
  log->flags = (guint)qfu_message_number_or (message, QFU_FIELD_FLAGS, 0,
                                             QFU_LOG_FLAG_COREBOOT | QFU_LOG_FLAG_OTHER_BANKS, 0);
  log->locality =
      (guint)qfu_message_number_or (message, QFU_FIELD_LOCALITY, 0, QFU_EVENTLOG_LOCALITY_MAX, 0);
  return TRUE;
}

static gboolean
take_event (QfuEventLog *log, gsize most, const QfuMessage *message, GError **error)
{
  QfuEvent event = {0};
  guint64 untrusted_pcr;
  guint64 untrusted_type;
  const char *untrusted_name = qfu_message_text (message, QFU_FIELD_NAME, 0);

  if (log->format == 0 || log->events->len >= most) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "the worker for eventlog sends an event too early or too much");
    return FALSE;
  }
  if (!qfu_message_number (message, QFU_FIELD_PCR, 0, QFU_PCR_COUNT - 1, &untrusted_pcr, error) ||
      !qfu_message_number (message, QFU_FIELD_KIND, 0, G_MAXUINT32, &untrusted_type, error))
    return FALSE;
  for (guint i = 0; i < qfu_message_count (message, QFU_FIELD_DIGEST); i++) {
    QfuDigest untrusted_digest;

    if (!qfu_message_digest (message, QFU_FIELD_DIGEST, i, &untrusted_digest)) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                           "the worker for eventlog sends what is no digest");
      return FALSE;
    }
    event.digests[qfu_bank_index (untrusted_digest.hash)] = untrusted_digest;
  }
  event.pcr = (guint)untrusted_pcr;
  event.type = (guint)untrusted_type;
  event.flags =
      (guint)qfu_message_number_or (message, QFU_FIELD_FLAGS, 0, QFU_EVENT_FLAG_FIRMWARE, 0);
  event.name = g_strdup (untrusted_name != NULL ? untrusted_name : "");
  g_array_append_val (log->events, event);
  return TRUE;
}

QfuEventLog *
qfu_eventlog_read (const QfuConfig *config, const QfuUntrustedBlob *blob, GError **error)
{
  g_autoptr (QfuProcess) process = NULL;
  g_autoptr (QfuEventLog) log = log_new ();
  /* so that a worker cannot make much of little */
  gsize most = (gsize)MIN (qfu_untrusted_blob_size (blob) / LEAST_EVENT, QFU_EVENTLOG_EVENTS_MAX);

  log->bytes = qfu_untrusted_blob_ref (blob);
  process = qfu_worker_start (config, QFU_OP_EVENTLOG, NULL, &blob, 1, error);
  if (process == NULL)
    return NULL;
  for (;;) {
    g_autoptr (QfuMessage) message = NULL;
    gboolean ok;

    if (!qfu_process_next (process, &message, error))
      return NULL;
    if (message == NULL)
      break;
    ok = qfu_message_type (message) == QFU_FRAME_LOG ? take_log (log, message, error)
                                                     : take_event (log, most, message, error);
    if (!ok)
      return NULL;
  }
  if (log->format == 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "the worker for eventlog sends no log");
    return NULL;
  }
  return g_steal_pointer (&log);
}

gboolean
qfu_eventlog_extends (const QfuEvent *event)
{
  return event->type != NO_ACTION;
}

gboolean
qfu_eventlog_launched (const QfuEventLog *log, gboolean *only)
{
  gboolean launched = FALSE;
  gboolean other = FALSE;

  for (guint i = 0; i < log->events->len; i++) {
    const QfuEvent *event = &g_array_index (log->events, QfuEvent, i);

    if (qfu_eventlog_extends (event)) {
      launched = launched || qfu_pcr_is_drtm (event->pcr);
      other = other || !qfu_pcr_is_drtm (event->pcr);
    }
  }
  if (only != NULL)
    *only = launched && !other;
  return launched;
}

static gboolean
has_bank (const QfuEventLog *log, gsize bank)
{
  for (guint i = 0; i < log->events->len; i++) {
    if (g_array_index (log->events, QfuEvent, i).digests[bank].size > 0)
      return TRUE;
  }
  return FALSE;
}

static void
replay_bank (const QfuEventLog *log, gsize bank, QfuPcrSet *out)
{
  gboolean launched = qfu_eventlog_launched (log, NULL);

  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    qfu_pcr_start (&out->value[bank][pcr], qfu_bank_hash (bank), pcr, log->locality, launched);
    out->known[bank][pcr] = TRUE;
  }
  for (guint i = 0; i < log->events->len; i++) {
    const QfuEvent *event = &g_array_index (log->events, QfuEvent, i);

    if (qfu_eventlog_extends (event) && event->digests[bank].size > 0)
      qfu_pcr_extend (&out->value[bank][event->pcr], &event->digests[bank]);
  }
}

void
qfu_eventlog_replay (const QfuEventLog *log, QfuPcrSet *out)
{
  qfu_pcr_set_clear (out);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    if (has_bank (log, bank))
      replay_bank (log, bank, out);
  }
}
