/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash-log.h"
#include "testconfig.h"

#include <string.h>

#define NO_REASON "libflashrom gives no reason"

static void
test_first_error (void)
{
  g_autoptr (QfuFlashLog) log = qfu_flash_log_new ();

  g_assert_cmpstr (qfu_flash_log_reason (log), ==, NO_REASON);
  qfu_flash_log_add (log, FALSE, "Reading flash... ");
  qfu_flash_log_add (log, TRUE, "Read operation failed!\nDo not reboot.\n");
  qfu_flash_log_add (log, TRUE, "Ask for help.\n");
  g_assert_cmpstr (qfu_flash_log_reason (log), ==, "Reading flash... Read operation failed!");
  qfu_flash_log_reset (log);
  g_assert_cmpstr (qfu_flash_log_reason (log), ==, NO_REASON);
}

static void
test_unfinished (void)
{
  g_autoptr (QfuFlashLog) log = qfu_flash_log_new ();

  qfu_flash_log_add (log, FALSE, "all is well\n");
  qfu_flash_log_add (log, FALSE, ".\n\n");
  qfu_flash_log_add (log, TRUE, "no end");
  g_assert_cmpstr (qfu_flash_log_reason (log), ==, "no end");
}

static void
test_error_ends_with_its_line (void)
{
  g_autoptr (QfuFlashLog) log = qfu_flash_log_new ();

  qfu_flash_log_add (log, TRUE, "\n");
  qfu_flash_log_add (log, FALSE, "only a remark\n");
  g_assert_cmpstr (qfu_flash_log_reason (log), ==, NO_REASON);
  qfu_flash_log_add (log, TRUE, "first\nsecond");
  g_assert_cmpstr (qfu_flash_log_reason (log), ==, "first");
}

static void
test_unprintable_and_long (void)
{
  g_autoptr (QfuFlashLog) log = qfu_flash_log_new ();
  g_autofree char *lines = g_strnfill (100000, 'x');

  qfu_flash_log_add (log, TRUE, "a\033[2Jb\rc\xff\n");
  g_assert_cmpstr (qfu_flash_log_reason (log), ==, "a [2Jb c");
  qfu_flash_log_reset (log);
  qfu_flash_log_add (log, TRUE, lines);
  g_assert_cmpuint (strlen (qfu_flash_log_reason (log)), ==, 512);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/flash-log/first-error", test_first_error);
  g_test_add_func ("/flash-log/unfinished", test_unfinished);
  g_test_add_func ("/flash-log/error-ends-with-its-line", test_error_ends_with_its_line);
  g_test_add_func ("/flash-log/unprintable-and-long", test_unprintable_and_long);
  return g_test_run ();
}
