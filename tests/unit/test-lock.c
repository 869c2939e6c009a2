/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-lock.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "testconfig.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
  char *directory;
  QfuConfig *config;
  QfuOptions person;
  QfuOptions timer;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  (void)unused;
  f->directory = test_directory ();
  f->config = test_config (f->directory, G_STRINGIFY (TEST_WORKER_UID));
  f->config->lock_seconds = 1;
  f->person = (QfuOptions){.verb = "update"};
  f->timer = (QfuOptions){.verb = "refresh", .unattended = TRUE};
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  (void)unused;
  qfu_config_free (f->config);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

static void
refused (const Fixture *f, const QfuOptions *options, guint seconds, const char *text)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  int fd = -1;

  g_assert_false (qfu_lock_take (f->config, options, &fd, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, text));
  g_assert_nonnull (strstr (error->message, "update.lock"));
  g_assert_cmpint (fd, ==, -1);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, seconds * G_USEC_PER_SEC);
}

static void
taken (const Fixture *f, const QfuOptions *options, int *fd)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_lock_take (f->config, options, fd, &error));
  g_assert_no_error (error);
}

/* Who waits how long for whom, and what it is told. */
static void
test_held (Fixture *f, gconstpointer unused)
{
  g_autofree char *timer = g_strdup_printf ("(process %d: refresh, unattended)", (int)getpid ());
  g_autofree char *person = g_strdup_printf ("(process %d: update)", (int)getpid ());
  g_auto (QfuFd) first = -1;
  g_auto (QfuFd) second = -1;
  g_autoptr (GError) error = NULL;

  (void)unused;
  taken (f, &f->timer, &first);
  refused (f, &f->person, 1, timer);
  refused (f, &f->timer, 1, timer);
  f->config->lock_seconds = 0;
  refused (f, &f->person, 0, timer);
  g_assert_false (qfu_lock_try (f->config, &second, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_BUSY);
  g_clear_error (&error);
  qfu_fd_clear (&first);
  taken (f, &f->person, &first);
  refused (f, &f->timer, 0, person);
  refused (f, &f->person, 3, person); /* whatever LockSeconds= is */
  qfu_fd_clear (&first);
  g_assert_true (qfu_lock_try (f->config, &second, &error));
  g_assert_no_error (error);
}

/* What the file holds is for people, and may be anything. */
static void
test_holder (Fixture *f, gconstpointer unused)
{
  static const char *const texts[] = {"",         "1 update", "\033[2J\n",
                                      "update\n", "\n",       "1 up date x\n"};
  g_autofree char *path = g_build_filename (f->config->runtime, "update.lock", NULL);

  (void)unused;
  f->config->lock_seconds = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_auto (QfuFd) fd = -1;

    g_assert_cmpint (g_mkdir_with_parents (f->config->runtime, 0700), ==, 0);
    g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
    fd = open (path, O_RDWR | O_CLOEXEC);
    g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
    refused (f, &f->timer, 0, "another qubes-fwupdmgr is at work");
  }
}

/* Lets the holder go once somebody waits. */
static gpointer
watch (gpointer user)
{
  int *end = user;
  gboolean waits = FALSE;

  while (!waits) {
    g_autofree char *locks = NULL;

    g_assert_true (g_file_get_contents ("/proc/locks", &locks, NULL, NULL));
    waits = g_pattern_match_simple ("*-> FLOCK*", locks);
    g_usleep (1000);
  }
  qfu_fd_clear (end);
  return NULL;
}

static void
test_waits (Fixture *f, gconstpointer unused)
{
  g_auto (QfuFd) fd = -1;
  int pipes[2], ready[2], status;
  char byte;
  pid_t child;
  GThread *thread;

  (void)unused;
  f->config->lock_seconds = 60;
  g_assert_cmpint (pipe (pipes) | pipe (ready), ==, 0);
  child = fork ();
  if (child == 0) {
    close (pipes[1]);
    taken (f, &f->timer, &fd);
    g_assert_cmpint (write (ready[1], "x", 1), ==, 1);
    _exit ((int)read (pipes[0], &byte, 1));
  }
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  thread = g_thread_new ("watch", watch, &pipes[1]);
  taken (f, &f->person, &fd);
  (void)g_thread_join (thread);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  close (pipes[0]), close (ready[0]), close (ready[1]);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/lock/held", Fixture, NULL, set_up, test_held, tear_down);
  g_test_add ("/lock/holder", Fixture, NULL, set_up, test_holder, tear_down);
  g_test_add ("/lock/waits", Fixture, NULL, set_up, test_waits, tear_down);
  return g_test_run ();
}
