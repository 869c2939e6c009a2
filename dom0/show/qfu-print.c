/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-print.h"

#include "qfu-error.h"
#include "qfu-style.h"
#include "qfu-terminal.h"
#include "qfu-text.h"
#include "qfu-wrap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define QUOTE "  | "    /* before lines of others */
#define ITEM "* "       /* begins an item of a list, as worker `catalog` writes it */
#define HANG "  "       /* what a line is set in by where it goes on */
#define LABEL 10        /* columns of a fact's name */
#define WIDTH_NARROW 50 /* columns; a fact that is longer goes on below its name there */

static JsonNode *document; /* what --json prints at the end */
static gboolean hushed;    /* no warnings */
static int output_errno;   /* of the first output that failed */
static gboolean drawn;     /* whether a row is there that will be taken away */
static char *margin_first; /* before the next line; %NULL: nothing */
static char *margin_rest;  /* before those behind it; %NULL: nothing */

static void
put (const char *text)
{
  if ((fputs (text, stdout) == EOF || fflush (stdout) != 0) && output_errno == 0)
    output_errno = errno;
}

void
qfu_draw (const char *line)
{
  if (!qfu_terminal_draws (STDOUT_FILENO) || (line == NULL && !drawn))
    return;
  put (QFU_TERMINAL_ERASE);
  if (line != NULL) {
    guint width = qfu_terminal_width (STDOUT_FILENO);
    g_autofree char *clean = qfu_text_clean (line);

    /* what goes on in the next row would stay there */
    if (width > 0 && strlen (clean) >= width)
      clean[width - 1] = '\0';
    put (clean);
  }
  drawn = line != NULL;
}

void
qfu_print_margin (const char *first, const char *rest)
{
  g_free (margin_first);
  g_free (margin_rest);
  margin_first = g_strdup (first);
  margin_rest = g_strdup (rest);
}

/* A line: @head, then @text, both clean; @hang stands before what does not fit into a row. */
typedef struct {
  const char *head;
  const char *text;
  const char *hang;
  QfuStyle head_style;
  QfuStyle style;
} Line;

static void
put_styled (QfuStyle style, const char *text)
{
  put (style == QFU_STYLE_PLAIN ? "" : qfu_style (style, STDOUT_FILENO));
  put (text);
  put (style == QFU_STYLE_PLAIN ? "" : qfu_style (QFU_STYLE_PLAIN, STDOUT_FILENO));
}

static void
put_line (const Line *line)
{
  g_autofree char *before = g_steal_pointer (&margin_first);
  const char *rest = margin_rest == NULL ? "" : margin_rest;
  const char *margin = before == NULL ? rest : before;
  g_autofree char *first = g_strconcat (margin, line->head, NULL);
  g_autofree char *hang = g_strconcat (rest, line->hang, NULL);
  g_autofree char *rows = qfu_wrap (line->text, first, hang, qfu_terminal_width (STDOUT_FILENO));

  qfu_draw (NULL);
  put (margin);
  put_styled (line->head_style, line->head);
  put_styled (line->style, rows + strlen (first));
  put ("\n");
}

static void G_GNUC_PRINTF (2, 0) say (QfuStyle style, const char *format, va_list args)
{
  g_autofree char *text = g_strdup_vprintf (format, args);
  g_autofree char *clean = qfu_text_clean (text);
  g_autofree char *hang = g_strdup_printf ("%*s" HANG, (int)strspn (clean, " "), "");

  put_line (&(Line){.head = "", .text = clean, .hang = hang, .style = style});
}

void
qfu_say (const QfuOptions *options, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (!options->json)
    say (QFU_STYLE_PLAIN, format, args);
  va_end (args);
}

void
qfu_say_as (const QfuOptions *options, QfuStyle style, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (!options->json)
    say (style, format, args);
  va_end (args);
}

void
qfu_say_whole (const QfuOptions *options, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *clean = qfu_text_clean (text);
  if (options->json)
    return;
  qfu_draw (NULL);
  put (clean);
  put ("\n");
}

static void G_GNUC_PRINTF (3, 0)
    say_fact (QfuStyle style, const char *name, const char *format, va_list args)
{
  guint width = qfu_terminal_width (STDOUT_FILENO);
  gboolean narrow = width > 0 && width < WIDTH_NARROW;
  g_autofree char *head = g_strdup_printf ("  %-*s  ", LABEL, name);
  g_autofree char *text = g_strdup_vprintf (format, args);
  g_autofree char *clean = qfu_text_clean (text);
  g_autofree char *hang = g_strdup_printf ("%*s", narrow ? 4 : (int)strlen (head), "");

  put_line (&(Line){head, clean, hang, QFU_STYLE_DIM, style});
}

void
qfu_say_fact (const QfuOptions *options, const char *name, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (!options->json)
    say_fact (QFU_STYLE_PLAIN, name, format, args);
  va_end (args);
}

void
qfu_say_fact_as (
    const QfuOptions *options, QfuStyle style, const char *name, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (!options->json)
    say_fact (style, name, format, args);
  va_end (args);
}

void
qfu_say_prose (const QfuOptions *options, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (gsize i = 0; !options->json && lines[i] != NULL; i++) {
    g_autofree char *clean = qfu_text_clean (lines[i]);
    Line line = {.head = QUOTE,
                 .text = clean,
                 .hang = g_str_has_prefix (clean, ITEM) ? QUOTE HANG : QUOTE,
                 .head_style = QFU_STYLE_DIM};

    /* the last one ends, too */
    if (clean[0] != '\0' || lines[i + 1] != NULL)
      put_line (&line);
  }
}

static void G_GNUC_PRINTF (2, 0) say_aside (QfuStyle style, const char *format, va_list args)
{
  g_autofree char *text = g_strdup_vprintf (format, args);
  g_autofree char *clean = qfu_text_clean (text);
  g_autofree char *rows = qfu_wrap (clean, "", HANG, qfu_terminal_width (STDERR_FILENO));

  qfu_draw (NULL);
  (void)fflush (stdout);
  (void)fprintf (stderr, "%s%s%s\n", qfu_style (style, STDERR_FILENO), rows,
                 qfu_style (QFU_STYLE_PLAIN, STDERR_FILENO));
}

void
qfu_warn_hush (gboolean hush)
{
  hushed = hush;
}

void
qfu_warn (const char *format, ...)
{
  va_list args;

  if (hushed)
    return;
  va_start (args, format);
  say_aside (QFU_STYLE_WARN, format, args);
  va_end (args);
}

/* What the program ends with. */
static void G_GNUC_PRINTF (1, 2) complain (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  say_aside (QFU_STYLE_BAD, format, args);
  va_end (args);
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
    complain ("qubes-fwupdmgr: %s", error->message);
  if (json)
    print_document (error);
  put ("");
  if (output_errno == 0)
    return TRUE;
  /* who closed the pipe knows */
  if (output_errno != EPIPE)
    complain ("qubes-fwupdmgr: standard output could not be written to the end: %s%s",
              g_strerror (output_errno), error == NULL ? "; the work itself is done" : "");
  return FALSE;
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
  g_autofree char *line = g_strconcat (clean, " [y/N] ", NULL);
  g_autofree char *rows = qfu_wrap (line, "", HANG, qfu_terminal_width (STDOUT_FILENO));
  char answer[16] = "";

  qfu_draw (NULL);
  put (rows);
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
