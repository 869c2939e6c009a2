/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-version.h"

#include <string.h>

/* The number at the start of a section; stays at the largest when it has too many digits. */
static guint64
section_number (const char **here)
{
  guint64 number = 0;

  for (; g_ascii_isdigit (**here); (*here)++) {
    guint digit = (guint)(**here - '0');

    number = number > (guint64)(G_MAXINT64 - digit) / 10 ? G_MAXINT64 : number * 10 + digit;
  }
  return number;
}

static gboolean
section_ends (char c)
{
  return c == '\0' || c == '.';
}

/* Where a character stands in the order: a tilde before the end, the end before the rest. */
static int
char_rank (char c)
{
  if (c == '~')
    return -1;
  return section_ends (c) ? 0 : (guchar)c;
}

/* Compares one section and moves both cursors to its end. */
static int
compare_section (const char **a, const char **b)
{
  guint64 number_a = section_number (a);
  guint64 number_b = section_number (b);

  if (number_a != number_b)
    return number_a < number_b ? -1 : 1;
  while (!section_ends (**a) || !section_ends (**b)) {
    int rank_a = char_rank (**a);
    int rank_b = char_rank (**b);

    if (rank_a != rank_b)
      return rank_a < rank_b ? -1 : 1;
    (*a)++;
    (*b)++;
  }
  return 0;
}

static int
compare_sections (const char *a, const char *b)
{
  for (;;) {
    int order = compare_section (&a, &b);

    if (order != 0)
      return order;
    if (*a == '\0' || *b == '\0')
      return (*a != '\0') - (*b != '\0');
    a++;
    b++;
  }
}

static int
compare_hex (const char *a, const char *b)
{
  guint64 number_a = g_ascii_strtoull (a, NULL, g_str_has_prefix (a, "0x") ? 16 : 10);
  guint64 number_b = g_ascii_strtoull (b, NULL, g_str_has_prefix (b, "0x") ? 16 : 10);

  return (number_a > number_b) - (number_a < number_b);
}

int
qfu_version_compare (const char *a, const char *b, const char *format)
{
  if (g_strcmp0 (format, "plain") == 0)
    return strcmp (a, b);
  if (g_strcmp0 (format, "hex") == 0)
    return compare_hex (a, b);
  return compare_sections (a, b);
}

static gboolean
glob_matches (const char *version, const char *patterns)
{
  g_auto (GStrv) list = g_strsplit (patterns, "|", -1);

  for (gsize i = 0; list[i] != NULL; i++) {
    if (g_pattern_match_simple (list[i], version))
      return TRUE;
  }
  return FALSE;
}

gboolean
qfu_version_matches (const char *version,
                     const char *compare,
                     const char *bound,
                     const char *format,
                     gboolean *holds)
{
  static const struct {
    const char *word;
    gboolean lower, equal, higher;
  } rows[] = {
      {"eq", FALSE, TRUE, FALSE}, {"ne", TRUE, FALSE, TRUE},  {"lt", TRUE, FALSE, FALSE},
      {"le", TRUE, TRUE, FALSE},  {"gt", FALSE, FALSE, TRUE}, {"ge", FALSE, TRUE, TRUE},
  };

  if (strcmp (compare, "glob") == 0) {
    *holds = glob_matches (version, bound);
    return TRUE;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    int order;

    if (strcmp (compare, rows[i].word) != 0)
      continue;
    order = qfu_version_compare (version, bound, format);
    *holds = order < 0 ? rows[i].lower : order > 0 ? rows[i].higher : rows[i].equal;
    return TRUE;
  }
  return FALSE;
}
