/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-highwater.h"

#include "qfu-cache.h"
#include "qfu-clock.h"
#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-limits.h"

#include <errno.h>
#include <string.h>

#define GROUP "HighWater"

char *
qfu_highwater_folder (const QfuConfig *config)
{
  return g_build_filename (config->state, "highwater", NULL);
}

static void
add_digest (GString *text, const char *key, const QfuDigest *digest)
{
  g_autofree char *hex = digest->size == 0 ? NULL : qfu_digest_to_hex (digest);

  if (hex != NULL)
    g_string_append_printf (text, "%s=%s\n", key, hex);
}

static char *
mark_to_text (const QfuHighWater *mark)
{
  GString *text = g_string_new ("[" GROUP "]\nVersion=1\n");

  g_string_append_printf (text, "Signed=%" G_GINT64_FORMAT "\n", mark->time);
  add_digest (text, "Metadata", &mark->metadata);
  add_digest (text, "Index", &mark->index);
  add_digest (text, "Authorities", &mark->authorities);
  if (mark->serial[0] != '\0')
    g_string_append_printf (text, "Serial=%s\n", mark->serial);
  if (mark->not_after != 0)
    g_string_append_printf (text, "NotAfter=%" G_GINT64_FORMAT "\n", mark->not_after);
  return g_string_free (text, FALSE);
}

/* A key that is not there leaves @digest empty, as does one that is no SHA-256: the comparison of
 * the whole text finds that. */
static void
take_digest (GKeyFile *file, const char *key, QfuDigest *digest)
{
  g_autofree char *hex = g_key_file_get_string (file, GROUP, key, NULL);

  if (hex == NULL || !qfu_digest_from_hex (digest, QFU_HASH_SHA256, hex))
    memset (digest, 0, sizeof *digest);
}

/* Good is only what we would have written, byte by byte: no unknown key, no second one, no other
 * order. */
static gboolean
mark_from_text (const char *text, QfuHighWater *mark)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *serial = NULL;
  g_autofree char *again = NULL;

  memset (mark, 0, sizeof *mark);
  if (!g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, NULL))
    return FALSE;
  mark->time = g_key_file_get_int64 (file, GROUP, "Signed", NULL);
  mark->not_after = g_key_file_get_int64 (file, GROUP, "NotAfter", NULL);
  take_digest (file, "Metadata", &mark->metadata);
  take_digest (file, "Index", &mark->index);
  take_digest (file, "Authorities", &mark->authorities);
  serial = g_key_file_get_string (file, GROUP, "Serial", NULL);
  if (serial != NULL && strspn (serial, "0123456789abcdef") == strlen (serial))
    (void)g_strlcpy (mark->serial, serial, sizeof mark->serial);
  again = mark_to_text (mark);
  return mark->time > 0 && mark->not_after >= 0 && mark->metadata.size > 0 &&
         strcmp (again, text) == 0;
}

static gboolean
check_remote (const char *remote, GError **error)
{
  if (qfu_cache_id_ok (remote))
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE,
                       "a remote's name is 1 to 64 characters of [A-Za-z0-9._-] and does not begin "
                       "with a dot");
  return FALSE;
}

gboolean
qfu_highwater_load (const QfuConfig *config, const char *remote, QfuHighWater *mark, GError **error)
{
  g_autofree char *folder = qfu_highwater_folder (config);
  g_autofree char *text = NULL;
  QfuHighWater loaded;

  if (!check_remote (remote, error))
    return FALSE;
  text = qfu_durable_read (folder, remote, QFU_HIGHWATER_TEXT_MAX, error);
  if (text == NULL)
    return FALSE;
  if (mark_from_text (text, &loaded)) {
    *mark = loaded;
    return TRUE;
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT,
               "%s/%s is damaged. It says when the newest metadata of remote %s was signed; "
               "without it older metadata cannot be told. Restore it from a backup, or move it out "
               "of that folder and run `qubes-fwupdmgr refresh %s`, which then believes the first "
               "signing time that it gets: look whether that is recent",
               folder, remote, remote, remote);
  return FALSE;
}

/* What is in the place of @remote's mark; %FALSE with @error unset when nothing is. */
static gboolean
load_present (const QfuConfig *config, const char *remote, QfuHighWater *mark, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (qfu_highwater_load (config, remote, mark, &local))
    return TRUE;
  if (!g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
qfu_highwater_store (const QfuConfig *config,
                     const char *remote,
                     const QfuHighWater *mark,
                     GError **error)
{
  g_autofree char *folder = qfu_highwater_folder (config);
  g_autofree char *text = mark_to_text (mark);
  g_autoptr (GError) local = NULL;
  QfuHighWater present;
  QfuHighWater read_back;

  if (!mark_from_text (text, &read_back)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_INTERNAL,
                         "this is no mark: no time or no digest, or a serial that is too long");
    return FALSE;
  }
  if (load_present (config, remote, &present, &local)) {
    if (!qfu_highwater_judge (&present, mark->time, &mark->metadata, error))
      return FALSE;
  } else if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  return qfu_durable_write (folder, remote, text, error);
}

/* Every mark in @marks. Files with other names than remotes' are not ours to judge. */
static gboolean
latest_of (const QfuConfig *config, GDir *marks, gint64 *time, char **remote, GError **error)
{
  const char *name;

  while ((name = g_dir_read_name (marks)) != NULL) {
    QfuHighWater mark;

    if (!qfu_cache_id_ok (name))
      continue;
    if (!qfu_highwater_load (config, name, &mark, error))
      return FALSE;
    if (mark.time <= *time)
      continue;
    *time = mark.time;
    g_free (*remote);
    *remote = g_strdup (name);
  }
  return TRUE;
}

gboolean
qfu_highwater_latest (const QfuConfig *config, gint64 *time, char **remote, GError **error)
{
  g_autofree char *folder = qfu_highwater_folder (config);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) marks = g_dir_open (folder, 0, &local);
  g_autofree char *whose = NULL;

  *time = 0;
  *remote = NULL;
  if (marks == NULL) {
    if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
      return TRUE;
    g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "%s cannot be read: %s", folder, local->message);
    return FALSE;
  }
  if (!latest_of (config, marks, time, &whose, error))
    return FALSE;
  *remote = g_steal_pointer (&whose);
  return TRUE;
}

gboolean
qfu_highwater_judge (const QfuHighWater *mark,
                     gint64 time,
                     const QfuDigest *metadata,
                     GError **error)
{
  g_autofree char *given = qfu_clock_text (time);
  g_autofree char *known = mark == NULL ? NULL : qfu_clock_text (mark->time);

  if (mark == NULL || time > mark->time)
    return TRUE;
  if (time < mark->time) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_STALE,
                 "the metadata was signed at %s, but newer one, signed at %s, was verified before",
                 given, known);
    return FALSE;
  }
  if (!qfu_digest_equal (&mark->metadata, metadata)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                 "the metadata was signed at %s, as other metadata that was verified before: there "
                 "are two of one second",
                 given);
    return FALSE;
  }
  return TRUE;
}

gboolean
qfu_highwater_judge_ahead (gint64 time, gint64 now, GError **error)
{
  g_autofree char *given = qfu_clock_text (time);
  g_autofree char *clock = qfu_clock_text (now);

  if (time <= now || time - now <= QFU_HIGHWATER_AHEAD_MAX)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_CLOCK,
               "the metadata says that it was signed at %s, more than %d hours ahead of this "
               "machine's clock, which says %s. If the clock is behind, set it: " QFU_CLOCK_ADVICE,
               given, QFU_HIGHWATER_AHEAD_MAX / 3600, clock);
  return FALSE;
}
