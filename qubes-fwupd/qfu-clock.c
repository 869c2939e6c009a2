/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-clock.h"

#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-highwater.h"

#include <string.h>

#define NAME ".clock" /* no remote's id */
#define GROUP "Clock"

char *
qfu_clock_text (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  return time == NULL ? g_strdup ("an unknown time")
                      : g_date_time_format (time, "%Y-%m-%d %H:%M:%S UTC");
}

static char *
seen_to_text (gint64 seen)
{
  return g_strdup_printf ("[" GROUP "]\nVersion=1\nSeen=%" G_GINT64_FORMAT "\n", seen);
}

/* Good is only what we would have written. */
static gboolean
seen_from_text (const char *text, gint64 *seen)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *again = NULL;

  if (!g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, NULL))
    return FALSE;
  *seen = g_key_file_get_int64 (file, GROUP, "Seen", NULL);
  again = seen_to_text (*seen);
  return *seen > 0 && strcmp (again, text) == 0;
}

/* 0 when no time was seen yet. */
static gboolean
load_seen (const char *folder, gint64 *seen, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = qfu_durable_read (folder, NAME, QFU_CLOCK_TEXT_MAX, &local);

  *seen = 0;
  if (text == NULL && g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    return TRUE;
  if (text != NULL && seen_from_text (text, seen))
    return TRUE;
  if (local == NULL)
    g_set_error (&local, QFU_ERROR, QFU_ERROR_FORMAT, "%s/" NAME " is damaged", folder);
  g_prefix_error (&local, "the last time seen cannot be told: ");
  g_propagate_error (error, g_steal_pointer (&local));
  if (error != NULL && g_error_matches (*error, QFU_ERROR, QFU_ERROR_FORMAT)) {
    g_autofree char *what = g_steal_pointer (&(*error)->message);

    (*error)->message = g_strdup_printf (
        "%s. Look whether this machine's clock is right, then remove that file", what);
  }
  return FALSE;
}

static gboolean
check_seen (gint64 now, const char *folder, GError **error)
{
  g_autofree char *now_text = qfu_clock_text (now);
  g_autofree char *seen_text = NULL;
  gint64 seen;

  if (!load_seen (folder, &seen, error))
    return FALSE;
  if (now >= seen)
    return TRUE;
  seen_text = qfu_clock_text (seen);
  g_set_error (error, QFU_ERROR, QFU_ERROR_CLOCK,
               "this machine's clock says %s, but it said %s in an earlier run: it went back, and "
               "what has expired would seem good. Set it: " QFU_CLOCK_ADVICE
               ". If it is right and was wrong then, remove %s/" NAME,
               now_text, seen_text, folder);
  return FALSE;
}

static gboolean
check_marks (const QfuConfig *config, gint64 now, const char *folder, GError **error)
{
  g_autofree char *now_text = qfu_clock_text (now);
  g_autofree char *latest_text = NULL;
  g_autofree char *remote = NULL;
  gint64 latest;

  if (!qfu_highwater_latest (config, &latest, &remote, error))
    return FALSE;
  if (now >= latest)
    return TRUE;
  latest_text = qfu_clock_text (latest);
  g_set_error (error, QFU_ERROR, QFU_ERROR_CLOCK,
               "this machine's clock says %s, but metadata of remote %s was signed at %s "
               "(%s/%s): the clock is behind. Set it: " QFU_CLOCK_ADVICE,
               now_text, remote, latest_text, folder, remote);
  return FALSE;
}

gboolean
qfu_clock_now (const QfuConfig *config, gint64 *now, GError **error)
{
  g_autofree char *folder = qfu_highwater_folder (config);
  gint64 system = g_get_real_time () / G_USEC_PER_SEC;

  if (!check_seen (system, folder, error) || !check_marks (config, system, folder, error))
    return FALSE;
  *now = system;
  return TRUE;
}

gboolean
qfu_clock_start (const QfuConfig *config, gint64 *now, GError **error)
{
  g_autofree char *folder = qfu_highwater_folder (config);
  g_autofree char *text = NULL;

  if (!qfu_clock_now (config, now, error))
    return FALSE;
  text = seen_to_text (*now);
  return qfu_durable_write (folder, NAME, text, error);
}
