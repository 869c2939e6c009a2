/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-fwupd-history.h"

#include "qfu-error.h"
#include "qfu-fwupd-calls.h"
#include "qfu-limits.h"

static void
report_free (gpointer data)
{
  QfuUpdateReport *report = data;

  g_free (report->name);
  g_free (report->value);
  g_free (report);
}

static void
history_free (gpointer data)
{
  QfuUpdateHistory *history = data;

  g_free (history->device_id);
  g_free (history->device_name);
  g_free (history->plugin);
  g_free (history->version_from);
  g_free (history->version_to);
  g_free (history->failure);
  g_ptr_array_unref (history->reports);
  g_free (history);
}

const char *
qfu_update_state_name (QfuUpdateState state)
{
  switch (state) {
  case QFU_UPDATE_PENDING:
    return "pending";
  case QFU_UPDATE_SUCCESS:
    return "success";
  case QFU_UPDATE_FAILED:
    return "failed";
  case QFU_UPDATE_NEEDS_REBOOT:
    return "needs-reboot";
  case QFU_UPDATE_FAILED_TRANSIENT:
    return "failed-transient";
  case QFU_UPDATE_UNKNOWN:
    break;
  }
  return "unknown";
}

static char *
text_or_null (const QfuMessage *message, QfuField field)
{
  const char *text = qfu_message_text (message, field, 0);

  return text == NULL || *text == '\0' ? NULL : g_strdup (text);
}

static gboolean
take_entry (GPtrArray *list, const QfuMessage *message, GError **error)
{
  guint64 untrusted_state;
  QfuUpdateHistory *history;

  if (!qfu_message_number (message, QFU_FIELD_STATUS, 0, QFU_UPDATE_LAST, &untrusted_state, error))
    return FALSE;
  history = g_new0 (QfuUpdateHistory, 1);
  g_ptr_array_add (list, history);
  history->reports = g_ptr_array_new_with_free_func (report_free);
  history->state = (QfuUpdateState)untrusted_state;
  history->device_id = g_strdup (qfu_message_text (message, QFU_FIELD_ID, 0));
  history->device_name = text_or_null (message, QFU_FIELD_NAME);
  if (history->device_name == NULL)
    history->device_name = g_strdup (history->device_id);
  history->plugin = text_or_null (message, QFU_FIELD_PLUGIN);
  history->version_from = text_or_null (message, QFU_FIELD_VERSION_FROM);
  history->version_to = text_or_null (message, QFU_FIELD_VERSION);
  history->failure = text_or_null (message, QFU_FIELD_DETAIL);
  history->time =
      (gint64)qfu_message_number_or (message, QFU_FIELD_TIME, 0, (guint64)G_MAXINT64, 0);
  return TRUE;
}

static void
take_report (QfuUpdateHistory *history, const QfuMessage *message)
{
  QfuUpdateReport *report = g_new0 (QfuUpdateReport, 1);

  report->name = g_strdup (qfu_message_text (message, QFU_FIELD_NAME, 0));
  report->value = g_strdup (qfu_message_text (message, QFU_FIELD_VALUE, 0));
  g_ptr_array_add (history->reports, report);
}

static gboolean
take (gpointer user, const QfuMessage *message, GError **error)
{
  GPtrArray *list = user;
  QfuUpdateHistory *last = list->len == 0 ? NULL : g_ptr_array_index (list, list->len - 1);

  if (qfu_message_type (message) == QFU_FRAME_HISTORY && list->len < QFU_FWUPD_HISTORY_MAX)
    return take_entry (list, message, error);
  if (qfu_message_type (message) == QFU_FRAME_SETTING && last != NULL &&
      last->reports->len < QFU_FWUPD_REPORTS_MAX) {
    take_report (last, message);
    return TRUE;
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
               "qfu-fwupd sent something else than a history: %s", qfu_message_name (message));
  return FALSE;
}

static GPtrArray *
ask (const QfuConfig *config, const char *op, const char *id, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (history_free);

  return qfu_fwupd_ask (config, op, id, take, list, error) ? g_steal_pointer (&list) : NULL;
}

GPtrArray *
qfu_fwupd_history (const QfuConfig *config, GError **error)
{
  return ask (config, "history", NULL, error);
}

GPtrArray *
qfu_fwupd_results (const QfuConfig *config, const char *device_id, GError **error)
{
  return ask (config, "results", device_id, error);
}
