/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-measured.h"

#include "qfu-error.h"
#include "qfu-machine.h"

#include <string.h>

static gboolean
read_line (char *line, QfuPcrSet *pcrs)
{
  g_autofree char *clean = NULL;
  g_auto (GStrv) words = NULL;
  guint64 index;
  QfuDigest value;

  line[strcspn (line, "#")] = '\0';
  clean = g_strdelimit (g_strdup (g_strstrip (line)), "\t", ' ');
  if (*clean == '\0')
    return TRUE;
  words = g_strsplit (clean, " ", -1);
  return g_strv_length (words) == 3 &&
         g_ascii_string_to_unsigned (words[1], 10, 0, QFU_PCR_COUNT - 1, &index, NULL) &&
         qfu_digest_from_hex (&value, qfu_hash_from_name (words[0]), words[2]) &&
         qfu_pcr_set_put (pcrs, (guint)index, &value);
}

gboolean
qfu_measured_pcrs (const char *path, QfuPcrSet *pcrs, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "%s", local->message);
    return FALSE;
  }
  qfu_pcr_set_clear (pcrs);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    if (!read_line (lines[i], pcrs)) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "%s:%u: not BANK INDEX HEX", path, i + 1);
      return FALSE;
    }
  }
  return TRUE;
}

QfuEventLog *
qfu_measured_log (const QfuConfig *config, const char *path, GError **error)
{
  g_autoptr (QfuUntrustedBlob) blob =
      path != NULL ? qfu_untrusted_blob_load (path, QFU_EVENTLOG_SIZE_MAX, FALSE, error)
                   : qfu_machine_event_log (config, error);
  QfuEventLog *log = blob != NULL ? qfu_eventlog_read (config, blob, error) : NULL;

  if (log == NULL && path != NULL)
    g_prefix_error (error, "%s: ", path);
  return log;
}

static void
free_log (gpointer log)
{
  qfu_eventlog_free (log);
}

GPtrArray *
qfu_measured_logs (const QfuConfig *config, char **paths, GError **error)
{
  g_autoptr (GPtrArray) logs = g_ptr_array_new_with_free_func (free_log);
  g_autoptr (GError) empty = NULL;
  gsize count = paths != NULL ? g_strv_length (paths) : 1;

  for (gsize i = 0; i < count; i++) {
    g_autoptr (GError) local = NULL;
    QfuEventLog *log = qfu_measured_log (config, paths != NULL ? paths[i] : NULL, &local);

    if (log != NULL) {
      g_ptr_array_add (logs, log);
    } else if (g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND)) {
      /* an unused table beside the one in use */
      g_clear_error (&empty);
      empty = g_steal_pointer (&local);
    } else {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  }
  if (logs->len > 0)
    return g_steal_pointer (&logs);
  g_propagate_error (error, g_steal_pointer (&empty));
  return NULL;
}
