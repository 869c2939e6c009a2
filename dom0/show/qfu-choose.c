/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-choose.h"

#include "qfu-error.h"
#include "qfu-print.h"

#include <stdio.h>
#include <string.h>

/* One line of the terminal as a number of 1 to @n; 0 for everything else. */
static guint
read_number (guint n)
{
  char answer[16] = "";
  guint64 number = 0;

  (void)fflush (stdout);
  if (fgets (answer, sizeof answer, stdin) == NULL)
    (void)puts ("");
  if (!g_ascii_string_to_unsigned (g_strchomp (answer), 10, 1, n, &number, NULL))
    return 0;
  return (guint)number;
}

gboolean
qfu_choose (const QfuOptions *options,
            const char *question,
            const char *instead,
            const char *const *choices,
            guint *chosen,
            GError **error)
{
  guint n = g_strv_length ((char **)choices);
  guint number;

  if (!qfu_can_ask_person (options)) {
    g_autofree char *all = g_strjoinv (", ", (char **)choices);

    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s? There is %s. Nobody is there to choose; %s", question, all, instead);
    return FALSE;
  }
  for (guint i = 0; i < n; i++)
    qfu_say (options, "  %u  %s", i + 1, choices[i]);
  (void)printf ("%s? [1-%u, nothing for none] ", question, n);
  number = read_number (n);
  if (number == 0)
    return qfu_error_set (error, QFU_ERROR_REFUSED, "you chose none; nothing was changed");
  *chosen = number - 1;
  return TRUE;
}
