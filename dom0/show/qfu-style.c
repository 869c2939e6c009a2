/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-style.h"

#include "qfu-text.h"

#include <string.h>
#include <unistd.h>

static gboolean
wanted (int fd)
{
  const char *no_color = g_getenv ("NO_COLOR");
  const char *term = g_getenv ("TERM");

  return (no_color == NULL || *no_color == '\0') && term != NULL && strcmp (term, "dumb") != 0 &&
         isatty (fd) != 0;
}

const char *
qfu_style (QfuStyle style, int fd)
{
  static const char *const codes[] = {
      [QFU_STYLE_PLAIN] = "\x1b[0m", [QFU_STYLE_BOLD] = "\x1b[1m",  [QFU_STYLE_DIM] = "\x1b[2m",
      [QFU_STYLE_GOOD] = "\x1b[32m", [QFU_STYLE_WARN] = "\x1b[33m", [QFU_STYLE_BAD] = "\x1b[31m"};

  return wanted (fd) ? codes[style] : "";
}

char *
qfu_style_text (QfuStyle style, int fd, const char *text)
{
  g_autofree char *clean = qfu_text_clean (text);

  if (style == QFU_STYLE_PLAIN)
    return g_steal_pointer (&clean);
  return g_strconcat (qfu_style (style, fd), clean, qfu_style (QFU_STYLE_PLAIN, fd), NULL);
}
