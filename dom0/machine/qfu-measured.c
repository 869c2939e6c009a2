/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-measured.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"
#include "qfu-machine-logs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

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

/* A regular file of a sensible size, so that no device or pipe keeps us. */
static char *
read_text (const char *path, GError **error)
{
  g_auto (QfuFd) fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  g_autofree char *text = g_malloc0 (QFU_MEASURED_TEXT_MAX + 1);
  struct stat st;
  gssize n;

  if (fd < 0 || fstat (fd, &st) != 0) {
    qfu_error_errno (error, errno, "%s cannot be opened", path);
    return NULL;
  }
  if (!S_ISREG (st.st_mode) || st.st_size > QFU_MEASURED_TEXT_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s is not a regular file of at most %d bytes",
                 path, QFU_MEASURED_TEXT_MAX);
    return NULL;
  }
  n = read (fd, text, QFU_MEASURED_TEXT_MAX);
  if (n < 0 || strlen (text) != (gsize)n) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "%s is not text", path);
    return NULL;
  }
  return g_steal_pointer (&text);
}

gboolean
qfu_measured_pcrs (const char *path, QfuPcrSet *pcrs, GError **error)
{
  g_autofree char *text = read_text (path, error);
  g_auto (GStrv) lines = NULL;

  if (text == NULL)
    return FALSE;
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

static QfuEventLog *
read_log (const QfuConfig *config, const char *path, GError **error)
{
  g_autoptr (QfuUntrustedBlob) blob =
      qfu_untrusted_blob_load (path, QFU_EVENTLOG_SIZE_MAX, FALSE, error);
  g_autoptr (QfuEventLog) log = blob == NULL ? NULL : qfu_eventlog_read (config, blob, error);

  if (log == NULL && blob != NULL)
    g_prefix_error (error, "%s: ", path);
  if (log != NULL)
    log->source = g_strdup (path);
  return g_steal_pointer (&log);
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

  if (paths == NULL)
    return qfu_machine_event_logs (config, error);
  for (gsize i = 0; paths[i] != NULL; i++) {
    g_autoptr (GError) local = NULL;
    QfuEventLog *log = read_log (config, paths[i], &local);

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
