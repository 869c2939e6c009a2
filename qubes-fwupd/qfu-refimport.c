/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-refimport.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-worker.h"

static void
free_record (gpointer record)
{
  qfu_ref_record_free (record);
}

/* The record of number @id; a new one behind those that are there when it is another than the last.
 */
static QfuRefRecord *
record_of (GPtrArray *records, guint id, QfuRefState state, const char *version)
{
  QfuRefRecord *last = records->len == 0 ? NULL : g_ptr_array_index (records, records->len - 1);

  if (last != NULL && last->id == id)
    return last;
  if (records->len == QFU_REFVALS_RECORDS_MAX)
    return NULL;
  last = qfu_ref_record_new ();
  last->id = id;
  last->state = state;
  qfu_ref_record_set (&last->version_to, version);
  g_ptr_array_add (records, last);
  return last;
}

static gboolean
add_value (QfuRefRecord *record, const QfuMessage *message)
{
  QfuForecast value = {.reason = NULL};
  guint64 pcr;
  guint64 status;
  guint64 source;

  if (record->forecasts->len == QFU_REFVALS_VALUES_MAX ||
      !qfu_message_digest (message, QFU_FIELD_DIGEST, 0, &value.value) ||
      !qfu_message_number (message, QFU_FIELD_PCR, 0, QFU_PCR_COUNT - 1, &pcr, NULL) ||
      !qfu_message_number (message, QFU_FIELD_KIND, QFU_PCR_PREDICTED, QFU_PCR_NOT_PREDICTABLE,
                           &status, NULL) ||
      !qfu_message_number (message, QFU_FIELD_FLAGS, QFU_SOURCE_FORECAST, QFU_SOURCE_MEASURED,
                           &source, NULL))
    return FALSE;
  value.pcr = (guint)pcr;
  value.bank = value.value.hash;
  value.status = (QfuPcrStatus)status;
  value.source = (QfuPcrSource)source;
  value.reason = g_strdup ("");
  g_array_append_val (record->forecasts, value);
  return TRUE;
}

static gboolean
take (GPtrArray *records, const QfuMessage *message)
{
  guint64 id;
  guint64 state;
  QfuRefRecord *record;

  if (qfu_message_type (message) != QFU_FRAME_REFERENCE ||
      !qfu_message_number (message, QFU_FIELD_INDEX, 1, G_MAXINT32, &id, NULL) ||
      !qfu_message_number (message, QFU_FIELD_STATUS, QFU_REF_CONSUMED, QFU_REF_CURRENT, &state,
                           NULL))
    return FALSE;
  record = record_of (records, (guint)id, (QfuRefState)state,
                      qfu_message_text (message, QFU_FIELD_VERSION, 0));
  return record != NULL &&
         (qfu_message_count (message, QFU_FIELD_PCR) == 0 || add_value (record, message));
}

GPtrArray *
qfu_refimport_read (const QfuConfig *config, const QfuUntrustedBlob *file, GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func (free_record);
  g_autoptr (QfuProcess) worker = qfu_worker_start (config, QFU_OP_REFVALS, NULL, &file, 1, error);

  while (worker != NULL) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (worker, &message, error))
      return NULL;
    if (message == NULL && records->len > 0)
      return g_steal_pointer (&records);
    if (message == NULL) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                           "the file holds no record that a boot could be compared with");
      return NULL;
    }
    if (!take (records, message)) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                           "the worker for refvals sent something else than reference values");
      return NULL;
    }
  }
  return NULL;
}
