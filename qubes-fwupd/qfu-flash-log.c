/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash-log.h"

#include "qfu-limits.h"

#include <string.h>

struct _QfuFlashLog {
  GString *line;
  gboolean line_is_error;
  char *first_error;
  GArray *locks; /* QfuFlashLock */
};

QfuFlashLog *
qfu_flash_log_new (void)
{
  QfuFlashLog *log = g_new0 (QfuFlashLog, 1);

  log->line = g_string_new (NULL);
  log->locks = qfu_flash_locks_new ();
  return log;
}

void
qfu_flash_log_free (QfuFlashLog *log)
{
  if (log == NULL)
    return;
  g_string_free (log->line, TRUE);
  g_array_unref (log->locks);
  g_free (log->first_error);
  g_free (log);
}

static void
end_line (QfuFlashLog *log)
{
  g_autofree char *line = g_strstrip (g_strdup (log->line->str));

  g_string_set_size (log->line, 0);
  if (line[0] != '\0' && strcmp (line, ".") != 0) {
    g_debug ("libflashrom: %s", line);
    qfu_flash_locks_note (log->locks, line);
    if (log->line_is_error && log->first_error == NULL)
      log->first_error = g_steal_pointer (&line);
  }
  log->line_is_error = FALSE;
}

void
qfu_flash_log_add (QfuFlashLog *log, gboolean is_error, const char *text)
{
  log->line_is_error |= is_error;
  for (; *text != '\0'; text++) {
    if (*text == '\n') {
      end_line (log);
      /* what follows belongs to the same message */
      log->line_is_error = is_error;
    } else if (log->line->len < QFU_FLASH_LINE_MAX) {
      g_string_append_c (log->line, g_ascii_isprint (*text) ? *text : ' ');
    }
  }
  log->line_is_error &= log->line->len > 0;
}

void
qfu_flash_log_reset (QfuFlashLog *log)
{
  g_string_set_size (log->line, 0);
  log->line_is_error = FALSE;
  g_clear_pointer (&log->first_error, g_free);
  g_array_set_size (log->locks, 0);
}

const char *
qfu_flash_log_reason (QfuFlashLog *log)
{
  end_line (log);
  return log->first_error != NULL ? log->first_error : "libflashrom gives no reason";
}

GArray *
qfu_flash_log_locks (const QfuFlashLog *log)
{
  return g_array_copy (log->locks);
}
