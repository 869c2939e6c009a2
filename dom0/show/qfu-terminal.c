/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-terminal.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

guint
qfu_terminal_width (int fd)
{
  struct winsize size;

  return isatty (fd) && ioctl (fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

gboolean
qfu_terminal_draws (int fd)
{
  const char *term = g_getenv ("TERM");

  return isatty (fd) && term != NULL && *term != '\0' && strcmp (term, "dumb") != 0;
}
