/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-seen.h"

#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-limits.h"

#include <string.h>

#define GROUP "Seen"
#define SUFFIX ".seen"

/* The folder and the name of the file. */
static void
split (const char *key_file, char **folder, char **name)
{
  g_autofree char *path = g_canonicalize_filename (key_file, NULL);
  g_autofree char *base = g_path_get_basename (path);

  *folder = g_path_get_dirname (path);
  *name = g_strconcat (base, SUFFIX, NULL);
}

static gboolean
read_file (GKeyFile *file, const QfuQuote *quote, QfuSeen *seen)
{
  g_autofree char *key = g_key_file_get_string (file, GROUP, "Key", NULL);
  g_autoptr (GError) error = NULL;
  guint64 numbers[4];
  static const char *const names[] = {"ResetCount", "RestartCount", "Clock", "Time"};

  if (key == NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    numbers[i] = g_key_file_get_uint64 (file, GROUP, names[i], &error);
    if (error != NULL)
      return FALSE;
  }
  if (numbers[0] > G_MAXUINT32 || numbers[1] > G_MAXUINT32 || numbers[3] > G_MAXINT64)
    return FALSE;
  *seen = (QfuSeen){strcmp (key, quote->key_name) == 0, (guint32)numbers[0], (guint32)numbers[1],
                    numbers[2], (gint64)numbers[3]};
  return TRUE;
}

gboolean
qfu_seen_load (const char *key_file, const QfuQuote *quote, QfuSeen *seen, GError **error)
{
  g_autofree char *folder = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) local = NULL;

  *seen = (QfuSeen){.there = FALSE};
  split (key_file, &folder, &name);
  text = qfu_durable_read (folder, name, QFU_SEEN_TEXT_MAX, &local);
  if (g_error_matches (local, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    return TRUE;
  if (text == NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, NULL) &&
      read_file (file, quote, seen))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT,
               "%s/%s is damaged: what it kept of the machine's TPM is lost; remove it to go on",
               folder, name);
  return FALSE;
}

gboolean
qfu_seen_save (const char *key_file, const QfuQuote *quote, GError **error)
{
  g_autofree char *folder = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = g_strdup_printf (
      "[" GROUP "]\nKey=%s\nResetCount=%u\nRestartCount=%u\nClock=%" G_GUINT64_FORMAT
      "\nTime=%" G_GINT64_FORMAT "\n",
      quote->key_name, quote->reset_count, quote->restart_count, quote->clock,
      g_get_real_time () / G_USEC_PER_SEC);

  split (key_file, &folder, &name);
  return qfu_durable_write (folder, name, text, error);
}

static void
add_change (const QfuOptions *options, JsonBuilder *builder, const char *code, const char *message)
{
  qfu_say (options, "CHANGED: %s", message);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "code", code);
  qfu_json_text (builder, "message", message);
  json_builder_end_object (builder);
}

static void
add_changes (const QfuOptions *options,
             JsonBuilder *builder,
             const QfuSeen *seen,
             const QfuQuote *quote)
{
  g_autofree char *time = qfu_time_text (seen->time);
  g_autofree char *started = NULL;

  /* after a reset without a farewell the clock goes on from where the TPM has kept it last, and the
   * TPM says that it is not safe until it has passed what it may have said before */
  if (quote->reset_count < seen->reset_count ||
      (quote->clock < seen->clock && (quote->safe || quote->reset_count == seen->reset_count))) {
    add_change (options, builder, "went-back",
                "the TPM's counters went back: it was cleared since the last verification, or an "
                "older state of a TPM in software was put back");
  } else if (quote->reset_count > seen->reset_count) {
    started = g_strdup_printf ("the machine was started %u times since the verification of %s",
                               quote->reset_count - seen->reset_count, time);
    add_change (options, builder, "reset", started);
  } else if (quote->restart_count != seen->restart_count) {
    started = g_strdup_printf ("the machine slept since the verification of %s", time);
    add_change (options, builder, "restart", started);
  }
}

void
qfu_seen_report (const QfuOptions *options,
                 JsonBuilder *builder,
                 const QfuSeen *seen,
                 const QfuQuote *quote)
{
  if (seen->there) {
    json_builder_set_member_name (builder, "previous");
    json_builder_begin_object (builder);
    qfu_json_number (builder, "resetCount", seen->reset_count);
    qfu_json_number (builder, "restartCount", seen->restart_count);
    qfu_json_number (builder, "clock", (gint64)seen->clock);
    qfu_json_number (builder, "time", seen->time);
    json_builder_end_object (builder);
  } else {
    qfu_say (options, "the first verification by this key: nothing to compare its counters with");
  }
  json_builder_set_member_name (builder, "changes");
  json_builder_begin_array (builder);
  if (seen->there)
    add_changes (options, builder, seen, quote);
  json_builder_end_array (builder);
}
