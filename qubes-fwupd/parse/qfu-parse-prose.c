/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-prose.h"

#include <string.h>

static gboolean
is_block (const char *element)
{
  static const char *const blocks[] = {"p", "li", "ul", "ol", NULL};

  return g_strv_contains (blocks, element);
}

static gboolean
line_empty (const QfuProse *prose)
{
  return prose->text->len == 0 || prose->text->str[prose->text->len - 1] == '\n';
}

static void
end_line (QfuProse *prose)
{
  if (!line_empty (prose))
    g_string_append_c (prose->text, '\n');
  prose->gap = FALSE;
}

void
qfu_prose_start (QfuProse *prose, const char *element)
{
  if (is_block (element))
    end_line (prose);
  if (strcmp (element, "li") == 0)
    g_string_append (prose->text, "* ");
}

void
qfu_prose_end (QfuProse *prose, const char *element)
{
  if (is_block (element))
    end_line (prose);
}

static gboolean
is_ascii (const char *text, gsize size)
{
  guint8 all = 0;

  for (gsize i = 0; i < size; i++)
    all |= (guint8)text[i];
  return all < 0x80;
}

/* (transfer full): @text is checked UTF-8; the table that GLib carries needs no file. */
static char *
to_ascii (const char *text, gsize size)
{
  g_autofree char *copy = g_strndup (text, size);

  return g_str_to_ascii (copy, "C");
}

static gboolean
is_graph (char c)
{
  return c > ' ' && c < 0x7f;
}

/* Whether so many bytes, the gap before them and the end of the line fit. */
static gboolean
has_room (const QfuProse *prose, gsize size, gsize max)
{
  return max > prose->text->len && max - prose->text->len > size + 1;
}

/* Appends a piece of a word, or words. %FALSE when there is no room for it. */
static gboolean
append_word (QfuProse *prose, const char *word, gsize size, gsize max)
{
  gsize gap = prose->gap && !line_empty (prose) && prose->text->str[prose->text->len - 1] != ' ';
  gsize room = max - MIN (max, prose->text->len + 1); /* one byte stays for the end of the line */

  if (room <= gap)
    return FALSE;
  if (gap > 0)
    g_string_append_c (prose->text, ' ');
  prose->gap = FALSE;
  g_string_append_len (prose->text, word, (gssize)MIN (size, room - gap));
  return size <= room - gap;
}

/* Bytes of words with one blank between them, as almost all text is. */
static gsize
plain_run (const char *text, gsize size)
{
  gsize run = 0;

  while (run < size) {
    if (is_graph (text[run]))
      run++;
    else if (text[run] == ' ' && run > 0 && size - run > 1 && is_graph (text[run + 1]))
      run += 2;
    else
      break;
  }
  return run;
}

static gsize
word_run (const char *text, gsize size)
{
  gsize run = 0;

  while (run < size && is_graph (text[run]))
    run++;
  return run;
}

static void
append_ascii (QfuProse *prose, const char *text, gsize size, gsize max)
{
  const char *end = text + size;
  gboolean roomy = TRUE;

  while (text < end) {
    gsize run = roomy ? plain_run (text, (gsize)(end - text)) : 0;

    roomy = roomy && has_room (prose, run, max);
    if (!roomy) /* it is cut word by word */
      run = word_run (text, (gsize)(end - text));
    if (run > 0 && !append_word (prose, text, run, max))
      return;
    for (text += run; text < end && !is_graph (*text); text++)
      prose->gap = TRUE;
  }
}

void
qfu_prose_text (QfuProse *prose, const char *text, gsize size, gsize max)
{
  if (is_ascii (text, size)) {
    append_ascii (prose, text, size, max);
  } else {
    g_autofree char *ascii = to_ascii (text, size);

    append_ascii (prose, ascii, strlen (ascii), max);
  }
}

static void
spaces (char *text, gsize size)
{
  for (gsize i = 0; i < size; i++)
    text[i] = (char)(text[i] >= '\t' && text[i] <= '\r' ? ' ' : text[i]);
}

const char *
qfu_prose_plain_in_place (GString *text)
{
  char *start = text->str;

  if (!is_ascii (text->str, text->len)) {
    g_autofree char *ascii = to_ascii (text->str, text->len);

    g_string_assign (text, ascii);
    start = text->str;
  }
  while (text->len > 0 && g_ascii_isspace (text->str[text->len - 1]))
    g_string_truncate (text, text->len - 1);
  while (g_ascii_isspace (*start))
    start++;
  spaces (text->str, text->len);
  return start;
}

char *
qfu_prose_plain (const char *text)
{
  g_autoptr (GString) copy = g_string_new (text);

  return g_strdup (qfu_prose_plain_in_place (copy));
}
