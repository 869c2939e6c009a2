/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-suggest.h"

#include <string.h>

#define LONGEST 32 /* bytes of a word that is compared */
#define ONE_IN 3   /* letters that may be wrong */

/* Optimal string alignment. Both are at most LONGEST long. */
static guint
distance (const char *a, const char *b)
{
  guint rows[3][LONGEST + 1];
  gsize n = strlen (b);

  for (gsize j = 0; j <= n; j++)
    rows[0][j] = (guint)j;
  for (gsize i = 1; a[i - 1] != '\0'; i++) {
    const guint *before = rows[(i + 1) % 3], *last = rows[(i + 2) % 3];
    guint *row = rows[i % 3];

    row[0] = (guint)i;
    for (gsize j = 1; j <= n; j++) {
      guint changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);

      row[j] = MIN (MIN (last[j], row[j - 1]) + 1, changed);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = MIN (row[j], before[j - 2] + 1);
    }
  }
  return rows[strlen (a) % 3][n];
}

static const char *
only_beginning (const char *word, const char *const *known)
{
  const char *only = NULL;

  for (; *known != NULL; known++) {
    if (!g_str_has_prefix (*known, word))
      continue;
    if (only != NULL)
      return NULL;
    only = *known;
  }
  return only;
}

const char *
qfu_suggest (const char *word, const char *const *known)
{
  gsize length = strlen (word);
  guint limit = (guint)MAX (1, length / ONE_IN);
  const char *nearest = NULL;

  if (length < 2 || length > LONGEST)
    return NULL;
  for (gsize i = 0; known[i] != NULL; i++) {
    guint wrong = strlen (known[i]) > LONGEST ? G_MAXUINT : distance (word, known[i]);

    if (wrong > limit)
      continue;
    nearest = known[i];
    limit = wrong == 0 ? 0 : wrong - 1;
    if (wrong == 0)
      break;
  }
  return nearest != NULL ? nearest : only_beginning (word, known);
}
