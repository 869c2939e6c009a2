/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-chiplock.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "testconfig.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

typedef struct {
  char *directory;
  QfuConfig *config;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->directory = test_directory ();
  f->config = test_config (f->directory, G_STRINGIFY (TEST_WORKER_UID));
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  qfu_config_free (f->config);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

static void
assert_holder (const Fixture *f, guint expected)
{
  g_autoptr (GError) error = NULL;
  guint pid = 1;

  g_assert_true (qfu_chiplock_holder (f->config, &pid, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (pid, ==, expected);
}

static void
test_take (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_auto (QfuFd) first = -1;
  g_auto (QfuFd) second = -1;

  assert_holder (f, 0);
  g_assert_true (qfu_chiplock_take (f->config, &first, &error));
  g_assert_no_error (error);
  assert_holder (f, (guint)getpid ());
  g_assert_false (qfu_chiplock_take (f->config, &second, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "chip.lock"));
  g_assert_cmpint (second, ==, -1);
  qfu_fd_clear (&first);
  assert_holder (f, 0);
  g_clear_error (&error);
  g_assert_true (qfu_chiplock_take (f->config, &second, &error));
  g_assert_no_error (error);
}

static void
on_alarm (int number)
{
}

/* The other program is at it for longer than anybody waits; then it is done. */
static void
test_wait (Fixture *f, gconstpointer unused)
{
  const struct sigaction action = {.sa_handler = on_alarm};
  const struct itimerval soon = {.it_value = {.tv_usec = 50000}};
  g_autoptr (GError) error = NULL;
  g_auto (QfuFd) fd = -1;

  g_assert_cmpint (sigaction (SIGALRM, &action, NULL), ==, 0);
  g_assert_true (qfu_chiplock_take (f->config, &fd, &error));
  g_assert_cmpint (setitimer (ITIMER_REAL, &soon, NULL), ==, 0);
  g_assert_false (qfu_chiplock_wait (f->config, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_BUSY);
  g_clear_error (&error);
  qfu_fd_clear (&fd);
  g_assert_true (qfu_chiplock_wait (f->config, &error));
  g_assert_no_error (error);
  assert_holder (f, 0);
}

static void
test_no_folder (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_auto (QfuFd) fd = -1;

  g_free (f->config->runtime);
  f->config->runtime = g_strdup ("/proc/no/folder");
  assert_holder (f, 0);
  g_assert_false (qfu_chiplock_take (f->config, &fd, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/chiplock/take", Fixture, NULL, set_up, test_take, tear_down);
  g_test_add ("/chiplock/wait", Fixture, NULL, set_up, test_wait, tear_down);
  g_test_add ("/chiplock/no-folder", Fixture, NULL, set_up, test_no_folder, tear_down);
  return g_test_run ();
}
