/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-parse-event.h"

#include <string.h>

static gboolean
is_zero (const guint8 *data, gsize size)
{
  for (gsize i = 0; i < size; i++) {
    if (data[i] != 0)
      return FALSE;
  }
  return TRUE;
}

/* coreboot's table before its first entry: how many fit, and zeros. */
static gboolean
is_unused_table (const QfuParseInput *log)
{
  return log->size >= 4 && is_zero (log->data + 2, log->size - 2);
}

/* coreboot's table names the algorithm of its first entry at a fixed place. */
static gboolean
is_coreboot_table (const QfuParseInput *log)
{
  return log->size >= 12 && memcmp (log->data + 8, "SHA", 3) == 0;
}

gboolean
qfu_parse_eventlog (const QfuMessage *arguments,
                    const QfuParseInput *inputs,
                    gsize n_inputs,
                    const QfuParseSink *sink,
                    GError **error)
{
  const QfuParseInput *log = &inputs[0];

  if (log->size > QFU_EVENTLOG_SIZE_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "the log is larger than 16 MiB");
    return FALSE;
  }
  if (is_zero (log->data, log->size) || is_unused_table (log)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "the log is empty");
    return FALSE;
  }
  if (qfu_eventlog_is_text (log->data, log->size))
    return qfu_eventlog_console (log, sink, error);
  if (is_coreboot_table (log))
    return qfu_eventlog_cb (log, sink, error);
  if (qfu_eventlog_is_ring (log))
    return qfu_eventlog_ring (log, sink, error);
  return qfu_eventlog_tcg (log, sink, error);
}
