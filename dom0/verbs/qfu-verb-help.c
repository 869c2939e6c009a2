/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* help: what the tables of verbs and options say, for people, for programs, and for a shell that
 * completes words. */

#include "qfu-print.h"
#include "qfu-terminal.h"
#include "qfu-verbs.h"
#include "qfu-wrap.h"

#include <string.h>
#include <unistd.h>

#define LEFT 26  /* characters of the left column */
#define WIDTH 80 /* of a line, where no terminal has a width */

static const char *
or_empty (const char *text)
{
  return text == NULL ? "" : text;
}

/* @text between @first and the edge, where it goes on behind @rest. */
static void
say_rows (const QfuOptions *options, const char *first, const char *rest, const char *text)
{
  guint columns = qfu_terminal_width (STDOUT_FILENO);
  g_autofree char *wrapped = qfu_wrap (text, first, rest, columns == 0 ? WIDTH : columns);
  g_auto (GStrv) rows = g_strsplit (wrapped, "\n", -1);

  for (char **row = rows; *row != NULL; row++)
    qfu_say (options, "%s", *row);
}

/* Two columns; what is too wide for the left one gets a line of its own. */
static void
say_row (const QfuOptions *options, const char *left, const char *right)
{
  g_autofree char *first = g_strdup_printf ("  %-*s  ", LEFT, left);
  g_autofree char *rest = g_strnfill (LEFT + 4, ' ');

  if (strlen (left) > LEFT)
    qfu_say (options, "  %s", left);
  say_rows (options, strlen (left) > LEFT ? rest : first, rest, right);
}

/* "-y, --assume-yes", "--device=DEVICE" */
static char *
option_text (const QfuOptionRow *row)
{
  const char letter[] = {'-', row->letter, ',', ' ', '\0'};

  return g_strdup_printf ("%s--%s%s%s", row->letter == 0 ? "" : letter, row->name,
                          row->argument == NULL ? "" : "=", or_empty (row->argument));
}

/* Whether the row is one of @verb's own, or without a verb, one of all. */
static gboolean
belongs (const QfuOptionRow *row, const QfuVerb *verb)
{
  return verb == NULL ? row->takes == QFU_OPTION_ANY : (row->takes & verb->takes) != 0;
}

static void
say_options (const QfuOptions *options, const char *title, const QfuVerb *verb)
{
  gsize n_rows;
  const QfuOptionRow *rows = qfu_option_rows (&n_rows);
  gboolean said = FALSE;

  for (gsize i = 0; i < n_rows; i++) {
    g_autofree char *left = option_text (&rows[i]);

    if (!belongs (&rows[i], verb))
      continue;
    if (!said)
      qfu_say_as (options, QFU_STYLE_BOLD, "%s", title);
    said = TRUE;
    say_row (options, left, rows[i].help);
  }
  if (said)
    qfu_say (options, "%s", "");
}

static void
say_end (const QfuOptions *options)
{
  qfu_say (options, "Exit status: 0 success, 1 error, 2 nothing to do.");
  qfu_say (options, "The manual is qubes-fwupdmgr(1).");
}

static void
say_verb (const QfuOptions *options, const QfuVerb *verb)
{
  const char *arguments = or_empty (verb->arguments);

  qfu_say (options, "Usage: qubes-fwupdmgr %s [OPTION...]%s%s", verb->name,
           *arguments == '\0' ? "" : " ", arguments);
  qfu_say (options, "%s", "");
  qfu_say (options, "%s.%s", verb->help, verb->needs_root ? " Root." : "");
  if (verb->details != NULL)
    say_rows (options, "", "", verb->details);
  qfu_say (options, "%s", "");
  say_options (options, "Options", verb);
  say_options (options, "Options of every verb", NULL);
  say_end (options);
}

static void
say_all (const QfuOptions *options)
{
  gsize n_verbs;
  const QfuVerb *verbs = qfu_verbs (&n_verbs);

  qfu_say (options, "Usage: qubes-fwupdmgr VERB [OPTION...] [ARGUMENT...]");
  qfu_say (options, "%s", "");
  qfu_say (options, "Updates the firmware of a domain that has no network.");
  qfu_say (options, "%s", "");
  for (int group = 0; group <= QFU_GROUP_LAST; group++) {
    qfu_say_as (options, QFU_STYLE_BOLD, "%s", qfu_verb_group_title ((QfuVerbGroup)group));
    for (gsize i = 0; i < n_verbs; i++) {
      g_autofree char *left =
          g_strdup_printf ("%s %s", verbs[i].name, or_empty (verbs[i].arguments));

      if ((int)verbs[i].group == group)
        say_row (options, left, verbs[i].help);
    }
    qfu_say (options, "%s", "");
  }
  say_options (options, "Options of every verb", NULL);
  qfu_say (options, "`qubes-fwupdmgr help VERB` lists the options of one verb.");
  say_end (options);
}

static void
add_options (JsonBuilder *builder, const QfuVerb *verb)
{
  gsize n_rows;
  const QfuOptionRow *rows = qfu_option_rows (&n_rows);

  json_builder_set_member_name (builder, "options");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < n_rows; i++) {
    const char letter[] = {rows[i].letter, '\0'};

    if (!belongs (&rows[i], verb))
      continue;
    json_builder_begin_object (builder);
    qfu_json_text (builder, "name", rows[i].name);
    qfu_json_text (builder, "letter", rows[i].letter == 0 ? NULL : letter);
    qfu_json_text (builder, "argument", rows[i].argument);
    qfu_json_text (builder, "help", rows[i].help);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_verb (JsonBuilder *builder, const QfuVerb *verb)
{
  json_builder_begin_object (builder);
  qfu_json_text (builder, "name", verb->name);
  qfu_json_text (builder, "arguments", or_empty (verb->arguments));
  qfu_json_text (builder, "group", qfu_verb_group_title (verb->group));
  qfu_json_text (builder, "help", verb->help);
  qfu_json_text (builder, "details", verb->details);
  qfu_json_flag (builder, "needsRoot", verb->needs_root);
  add_options (builder, verb);
  json_builder_end_object (builder);
}

static void
print_json (const QfuOptions *options, const QfuVerb *only)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  gsize n_verbs;
  const QfuVerb *verbs = qfu_verbs (&n_verbs);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "verbs");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < n_verbs; i++) {
    if (only == NULL || only == &verbs[i])
      add_verb (builder, &verbs[i]);
  }
  json_builder_end_array (builder);
  add_options (builder, NULL);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
}

static void
say_option_words (const QfuOptions *options, const QfuVerb *verb)
{
  gsize n_rows;
  const QfuOptionRow *rows = qfu_option_rows (&n_rows);

  for (gsize i = 0; i < n_rows; i++) {
    const char letter[] = {rows[i].letter, '\0'};

    if (verb == NULL || belongs (&rows[i], verb) || belongs (&rows[i], NULL))
      qfu_say (options, "option:--%s:%s:%s:%s", rows[i].name, letter, or_empty (rows[i].argument),
               rows[i].help);
  }
}

/* One line each, its parts between colons, of which only the last may hold one itself: what a
 * completion needs, and easy to take apart in a shell. */
static void
say_words (const QfuOptions *options, const QfuVerb *only)
{
  gsize n_verbs;
  const QfuVerb *verbs = qfu_verbs (&n_verbs);

  for (gsize i = 0; i < n_verbs; i++) {
    if (only == NULL || only == &verbs[i])
      qfu_say (options, "verb:%s::%s:%s", verbs[i].name, or_empty (verbs[i].arguments),
               verbs[i].help);
  }
  say_option_words (options, only);
}

gboolean
qfu_help (const QfuOptions *options, const char *name, GError **error)
{
  const QfuVerb *verb = name == NULL ? NULL : qfu_verb_find (name, error);

  if (name != NULL && verb == NULL)
    return FALSE;
  if (options->json)
    print_json (options, verb);
  else if (options->words)
    say_words (options, verb);
  else if (verb != NULL)
    say_verb (options, verb);
  else
    say_all (options);
  return TRUE;
}

gboolean
qfu_verb_help (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  return qfu_help (options, options->arguments[0], error);
}
