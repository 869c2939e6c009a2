/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-fd.h"
#include "qfu-print.h"
#include "qfu-progress.h"
#include "testconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

typedef void (*SayFunc) (const QfuOptions *options);

/* (transfer full): what @say brings to @end (transfer full), which is standard output meanwhile. It
 * fits into the buffer of a terminal or pipe, and is read at @other up to its end. */
static char *
said_to (int end, int other, SayFunc say, const QfuOptions *options)
{
  g_auto (QfuFd) before = dup (STDOUT_FILENO);
  g_autoptr (GString) said = g_string_new (NULL);
  char part[1024];
  ssize_t size;

  (void)fflush (stdout);
  g_assert_cmpint (dup2 (end, STDOUT_FILENO), ==, STDOUT_FILENO);
  say (options);
  (void)fflush (stdout);
  g_assert_cmpint (dup2 (before, STDOUT_FILENO), ==, STDOUT_FILENO);
  g_assert_no_errno (close (end));
  while ((size = read (other, part, sizeof part)) > 0)
    g_string_append_len (said, part, size);
  g_assert_true (size == 0 || errno == EIO); /* as terminals end */
  return g_string_free (g_steal_pointer (&said), FALSE);
}

static char *
said_on_terminal (guint columns, SayFunc say)
{
  const QfuOptions options = {0};
  const struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)columns};
  g_auto (QfuFd) screen = posix_openpt (O_RDWR | O_NOCTTY);
  int end;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (screen >= 0 && grantpt (screen) == 0 && unlockpt (screen) == 0);
  end = open (ptsname (screen), O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_no_errno (end);
  g_assert_no_errno (ioctl (screen, TIOCSWINSZ, &size));
  text = said_to (end, screen, say, &options);
  /* the terminal's own line breaks */
  lines = g_strsplit (text, "\r\n", -1);
  return g_strjoinv ("\n", lines);
}

static char *
said_into_pipe (SayFunc say, const QfuOptions *options)
{
  int ends[2];
  g_autofree char *text = NULL;

  g_assert_no_errno (pipe (ends));
  text = said_to (ends[1], ends[0], say, options);
  g_assert_no_errno (close (ends[0]));
  return g_steal_pointer (&text);
}

static void
say_everything (const QfuOptions *options)
{
  qfu_say_as (options, QFU_STYLE_BOLD, "A board\x1b[2J of somebody");
  qfu_say_fact (options, "vendor", "one with a name that does not fit");
  qfu_say (options, "    a line that is set in goes on further in");
  qfu_say_whole (options, "flashrom -p PROGRAMMER -w IMAGE-OF-THE-CHIP");
  qfu_say_prose (options, "Words of the vendor, in a paragraph.\n* and an item of a list of his\n");
}

#define TOLD                                                                                       \
  "A board?[2J of somebody\n"                                                                      \
  "  vendor      one with a name that does not fit\n"                                              \
  "    a line that is set in goes on further in\n"                                                 \
  "flashrom -p PROGRAMMER -w IMAGE-OF-THE-CHIP\n"                                                  \
  "  | Words of the vendor, in a paragraph.\n"                                                     \
  "  | * and an item of a list of his\n"

static void
test_pipe (void)
{
  const QfuOptions plain = {0};
  const QfuOptions json = {.json = TRUE};
  g_autofree char *said = NULL;
  g_autofree char *nothing = NULL;

  g_setenv ("TERM", "xterm", TRUE);
  said = said_into_pipe (say_everything, &plain);
  g_assert_cmpstr (said, ==, TOLD);
  nothing = said_into_pipe (say_everything, &json);
  g_assert_cmpstr (nothing, ==, "");
}

static void
test_widths (void)
{
  g_autofree char *wide = NULL;
  g_autofree char *narrow = NULL;
  g_autofree char *unknown = NULL;

  g_setenv ("TERM", "dumb", TRUE);
  wide = said_on_terminal (80, say_everything);
  g_assert_cmpstr (wide, ==, TOLD);
  unknown = said_on_terminal (0, say_everything);
  g_assert_cmpstr (unknown, ==, TOLD);
  narrow = said_on_terminal (30, say_everything);
  g_assert_cmpstr (narrow, ==,
                   "A board?[2J of somebody\n"
                   "  vendor      one with a name\n"
                   "    that does not fit\n"
                   "    a line that is set in goes\n"
                   "      on further in\n"
                   "flashrom -p PROGRAMMER -w IMAGE-OF-THE-CHIP\n"
                   "  | Words of the vendor, in a\n"
                   "  | paragraph.\n"
                   "  | * and an item of a list of\n"
                   "  |   his\n");
}

static void
say_margin (const QfuOptions *options)
{
  qfu_print_margin ("`- ", "   |");
  qfu_say_as (options, QFU_STYLE_BOLD, "a part of it");
  qfu_say_fact (options, "id", "0123456789");
  qfu_print_margin (NULL, NULL);
  qfu_say_fact_as (options, QFU_STYLE_WARN, "risk", "some");
}

static void
test_styles (void)
{
  g_autofree char *coloured = NULL;
  g_autofree char *plain = NULL;

  g_setenv ("TERM", "xterm", TRUE);
  coloured = said_on_terminal (80, say_margin);
  g_assert_cmpstr (coloured, ==,
                   "`- \033[1ma part of it\033[0m\n"
                   "   |\033[2m  id          \033[0m0123456789\n"
                   "\033[2m  risk        \033[0m\033[33msome\033[0m\n");
  g_setenv ("NO_COLOR", "1", TRUE);
  plain = said_on_terminal (80, say_margin);
  g_unsetenv ("NO_COLOR");
  g_assert_cmpstr (plain, ==,
                   "`- a part of it\n"
                   "   |  id          0123456789\n"
                   "  risk        some\n");
}

static void
say_progress (const QfuOptions *options)
{
  g_autoptr (QfuProgress) progress =
      qfu_progress_new (options, "fetch\x1b]0;x\007ing", QFU_PROGRESS_BYTES);

  qfu_progress_on_bytes (5, 10, progress);
  qfu_progress_on_bytes (6, 10, progress); /* too soon to draw it again */
  qfu_say (options, "something happened");
  qfu_progress_turn_to (progress, "checking");
  qfu_progress_tell (progress, 1, 0);
}

static void
test_progress (void)
{
  const QfuOptions plain = {0};
  g_autofree char *drawn = NULL;
  g_autofree char *dumb = NULL;
  g_autofree char *piped = NULL;

  g_setenv ("TERM", "xterm", TRUE);
  drawn = said_on_terminal (40, say_progress);
  g_assert_cmpstr (drawn, ==,
                   "\r\033[Kfetch?]0;x?ing ..."
                   "\r\033[Kfetch?]0;x?ing  50%"
                   "\r\033[Ksomething happened\n"
                   "\r\033[Kchecking ..."
                   "\r\033[Kchecking   1 byte\r\033[K");
  piped = said_into_pipe (say_progress, &plain);
  g_assert_cmpstr (piped, ==, "something happened\n");
  g_setenv ("TERM", "dumb", TRUE);
  dumb = said_on_terminal (40, say_progress);
  g_assert_cmpstr (dumb, ==, "something happened\n");
}

static void
draw_too_much (const QfuOptions *options)
{
  (void)options;
  qfu_draw ("a row that is wider than the terminal");
  qfu_draw (NULL);
  qfu_draw (NULL); /* there is nothing to take away */
}

static void
test_draw (void)
{
  g_autofree char *drawn = NULL;

  g_setenv ("TERM", "xterm", TRUE);
  drawn = said_on_terminal (20, draw_too_much);
  g_assert_cmpstr (drawn, ==, "\r\033[Ka row that is wider\r\033[K");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/print/pipe", test_pipe);
  g_test_add_func ("/print/widths", test_widths);
  g_test_add_func ("/print/styles", test_styles);
  g_test_add_func ("/print/draw", test_draw);
  g_test_add_func ("/print/progress", test_progress);
  return g_test_run ();
}
