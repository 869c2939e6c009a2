/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-print.h"

#include "qfu-error.h"
#include "qfu-text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BAR 30       /* characters */
#define QUOTE "  | " /* before lines of others */

static JsonNode *document; /* what --json prints at the end */
static int output_errno;   /* of the first output that failed */

static void
put (const char *text)
{
  if ((fputs (text, stdout) == EOF || fflush (stdout) != 0) && output_errno == 0)
    output_errno = errno;
}

void
qfu_say (const QfuOptions *options, const char *format, ...)
{
  va_list args;

  if (options->json)
    return;
  va_start (args, format);
  g_autofree char *line = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *clean = qfu_text_clean (line);
  put (clean);
  put ("\n");
}

void
qfu_say_prose (const QfuOptions *options, const char *text)
{
  g_autofree char *quoted = qfu_text_quote (text, QUOTE);

  if (options->json)
    return;
  put (quoted);
  put ("\n");
}

void
qfu_warn (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *line = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *clean = qfu_text_clean (line);
  (void)fflush (stdout);
  (void)fprintf (stderr, "%s\n", clean);
}

void
qfu_print_json (const QfuOptions *options, JsonBuilder *builder)
{
  g_autoptr (JsonBuilder) owned = builder;
  g_autoptr (JsonNode) root = json_builder_get_root (owned);

  if (!options->json)
    return;
  g_clear_pointer (&document, json_node_unref);
  document = g_steal_pointer (&root);
}

static JsonNode *
error_to_json (const GError *error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  qfu_json_text (builder, "code",
                 qfu_error_name (error->domain == QFU_ERROR ? error->code : QFU_ERROR_INTERNAL));
  qfu_json_text (builder, "message", error->message);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
print_document (const GError *error)
{
  g_autoptr (JsonNode) root = g_steal_pointer (&document);
  g_autofree char *text = NULL;
  g_autofree char *clean = NULL;

  if (root == NULL) {
    root = json_node_new (JSON_NODE_OBJECT);
    json_node_take_object (root, json_object_new ());
  }
  if (error != NULL)
    json_object_set_member (json_node_get_object (root), "error", error_to_json (error));
  text = json_to_string (root, TRUE);
  clean = qfu_text_json (text);
  put (clean);
  put ("\n");
}

gboolean
qfu_print_end (gboolean json, const GError *error)
{
  if (error != NULL)
    qfu_warn ("qubes-fwupdmgr: %s", error->message);
  if (json)
    print_document (error);
  put ("");
  if (output_errno == 0)
    return TRUE;
  /* who closed the pipe knows */
  if (output_errno != EPIPE)
    qfu_warn ("qubes-fwupdmgr: standard output could not be written to the end: %s%s",
              g_strerror (output_errno), error == NULL ? "; the work itself is done" : "");
  return FALSE;
}

static void
add_string (JsonBuilder *builder, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  json_builder_add_string_value (builder, valid);
}

void
qfu_json_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text == NULL)
    json_builder_add_null_value (builder);
  else
    add_string (builder, text);
}

void
qfu_json_number (JsonBuilder *builder, const char *name, gint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

void
qfu_json_flag (JsonBuilder *builder, const char *name, gboolean flag)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, flag);
}

void
qfu_json_digest (JsonBuilder *builder, const char *name, const QfuDigest *digest)
{
  g_autofree char *hex = digest->size == 0 ? NULL : qfu_digest_to_hex (digest);

  qfu_json_text (builder, name, hex);
}

void
qfu_json_texts (JsonBuilder *builder, const char *name, const char *const *texts)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (gsize i = 0; texts != NULL && texts[i] != NULL; i++)
    add_string (builder, texts[i]);
  json_builder_end_array (builder);
}

void
qfu_json_error (JsonBuilder *builder, const GError *error)
{
  json_builder_set_member_name (builder, "error");
  json_builder_add_value (builder, error_to_json (error));
}

char *
qfu_time_text (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  return time == NULL ? g_strdup ("an unknown time")
                      : g_date_time_format (time, "%Y-%m-%d %H:%M:%S UTC");
}

static gboolean
terminal_there (const QfuOptions *options)
{
  return !options->json && isatty (STDIN_FILENO) && isatty (STDOUT_FILENO);
}

static gboolean
read_answer (const char *question, GError **error)
{
  g_autofree char *clean = qfu_text_clean (question);
  char answer[16] = "";

  (void)printf ("%s [y/N] ", clean);
  (void)fflush (stdout);
  if (fgets (answer, sizeof answer, stdin) == NULL)
    (void)puts ("");
  if (strcmp (answer, "y\n") == 0 || strcmp (answer, "Y\n") == 0 || strcmp (answer, "yes\n") == 0)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_REFUSED, "you said no; nothing was changed");
  return FALSE;
}

gboolean
qfu_ask (const QfuOptions *options, const char *question, GError **error)
{
  if (options->yes)
    return TRUE;
  if (terminal_there (options))
    return read_answer (question, error);
  g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
               "nobody is there to answer \"%s\"; give -y to say yes", question);
  return FALSE;
}

gboolean
qfu_can_ask_person (const QfuOptions *options)
{
  return !options->yes && terminal_there (options);
}

gboolean
qfu_need_person (const QfuOptions *options, const char *what, GError **error)
{
  if (qfu_can_ask_person (options))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
               "%s is never unattended: it asks a question on a terminal, that neither -y nor "
               "--json answers",
               what);
  return FALSE;
}

gboolean
qfu_ask_person (const QfuOptions *options, const char *question, GError **error)
{
  return qfu_need_person (options, question, error) && read_answer (question, error);
}

static gboolean
progress_visible (const QfuOptions *options)
{
  return !options->json && isatty (STDOUT_FILENO);
}

gboolean
qfu_progress (const QfuOptions *options, const char *what, guint64 done, guint64 total)
{
  guint64 permille = total == 0 ? 0 : (guint64)(MIN (1.0, (double)done / (double)total) * 1000);
  int filled = (int)(permille * BAR / 1000);
  g_autofree char *size = g_format_size (done);
  g_autofree char *line = total == 0 ? g_strdup_printf ("%s: %s", what, size) : g_strdup (what);
  g_autofree char *clean = qfu_text_clean (line);

  if (!progress_visible (options))
    return FALSE;
  if (total == 0)
    (void)printf ("\r%s\033[K", clean);
  else
    (void)printf ("\r%s: [%.*s%*s] %3d%%\033[K", clean, filled, "##############################",
                  BAR - filled, "", (int)(permille / 10));
  (void)fflush (stdout);
  return TRUE;
}

void
qfu_progress_end (const QfuOptions *options)
{
  if (progress_visible (options))
    (void)printf ("\r\033[K");
}
