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

/* (transfer full): @text is checked UTF-8; the table that GLib carries needs no file. */
static char *
to_ascii (const char *text, gsize size)
{
  g_autofree char *copy = g_strndup (text, size);

  return g_str_is_ascii (copy) ? g_steal_pointer (&copy) : g_str_to_ascii (copy, "C");
}

void
qfu_prose_text (QfuProse *prose, const char *text, gsize size, gsize max)
{
  g_autofree char *plain = to_ascii (text, size);

  for (const char *here = plain; *here != '\0'; here++) {
    if (g_ascii_isspace (*here) || !g_ascii_isprint (*here)) {
      prose->gap = TRUE;
      continue;
    }
    if (prose->text->len + 2 > max)
      return;
    if (prose->gap && !line_empty (prose) && prose->text->str[prose->text->len - 1] != ' ')
      g_string_append_c (prose->text, ' ');
    prose->gap = FALSE;
    g_string_append_c (prose->text, *here);
  }
}

char *
qfu_prose_plain (const char *text, gsize size)
{
  char *plain = to_ascii (text, size);

  for (char *here = plain; *here != '\0'; here++) {
    if (g_ascii_isspace (*here))
      *here = ' ';
  }
  return g_strstrip (plain);
}
