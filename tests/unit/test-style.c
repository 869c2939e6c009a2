/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-style.h"

#include "qfu-fd.h"
#include "testconfig.h"

#include <fcntl.h>
#include <stdlib.h>

typedef struct {
  int terminal; /* the side of programs */
  int other;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->other = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (f->other, >=, 0);
  g_assert_cmpint (grantpt (f->other), ==, 0);
  g_assert_cmpint (unlockpt (f->other), ==, 0);
  f->terminal = open (ptsname (f->other), O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (f->terminal, >=, 0);
  g_unsetenv ("NO_COLOR");
  g_setenv ("TERM", "xterm", TRUE);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  close (f->terminal);
  close (f->other);
}

static void
test_terminal (Fixture *f, gconstpointer unused)
{
  g_autofree char *bad = qfu_style_text (QFU_STYLE_BAD, f->terminal, "no\x1b[2J");
  g_autofree char *plain = qfu_style_text (QFU_STYLE_PLAIN, f->terminal, "a\nb");

  g_assert_cmpstr (bad, ==, "\x1b[31mno?[2J\x1b[0m");
  g_assert_cmpstr (plain, ==, "a?b");
  for (QfuStyle style = QFU_STYLE_PLAIN; style <= QFU_STYLE_BAD; style++)
    g_assert_true (g_str_has_prefix (qfu_style (style, f->terminal), "\x1b["));
  /* empty counts as not set */
  g_setenv ("NO_COLOR", "", TRUE);
  g_assert_cmpstr (qfu_style (QFU_STYLE_BOLD, f->terminal), ==, "\x1b[1m");
}

static void
assert_without (int fd)
{
  for (QfuStyle style = QFU_STYLE_PLAIN; style <= QFU_STYLE_BAD; style++) {
    g_autofree char *text = qfu_style_text (style, fd, "text");

    g_assert_cmpstr (qfu_style (style, fd), ==, "");
    g_assert_cmpstr (text, ==, "text");
  }
}

static void
test_without (Fixture *f, gconstpointer unused)
{
  g_auto (QfuFd) file = open ("/dev/null", O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (file, >=, 0);
  assert_without (file);
  assert_without (-1);
  g_setenv ("NO_COLOR", "1", TRUE);
  assert_without (f->terminal);
  g_unsetenv ("NO_COLOR");
  g_setenv ("TERM", "dumb", TRUE);
  assert_without (f->terminal);
  g_unsetenv ("TERM");
  assert_without (f->terminal);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/style/terminal", Fixture, NULL, set_up, test_terminal, tear_down);
  g_test_add ("/style/without", Fixture, NULL, set_up, test_without, tear_down);
  return g_test_run ();
}
