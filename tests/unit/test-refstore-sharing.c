/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Several programs and users at one store. */

#include "qfu-error.h"
#include "refstore-fixture.h"
#include "testconfig.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static gboolean
lock_is_free (const Fixture *fixture)
{
  g_autofree char *path = fixture_path (fixture, ".lock");
  int fd = open (path, O_RDWR | O_CLOEXEC);
  gboolean is_free;

  g_assert_cmpint (fd, >=, 0);
  is_free = flock (fd, LOCK_EX | LOCK_NB) == 0;
  g_assert_true (g_close (fd, NULL));
  return is_free;
}

static void
test_lock (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  QfuRefStore *store = fixture_open (fixture, TRUE);
  g_autoptr (QfuRefStore) reader = NULL;

  g_assert_false (lock_is_free (fixture));
  reader = fixture_open (fixture, FALSE);
  g_assert_cmpuint (qfu_refstore_records (reader)->len, ==, 0);
  qfu_refstore_close (store);
  g_assert_true (lock_is_free (fixture));
}

static void
assert_child (pid_t child)
{
  int status;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

#define WRITERS 3
#define ROUNDS 5

/* Writers at once lose nothing, and a reader in between never sees half of it. */
static void
test_at_once (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (QfuRefStore) last = NULL;
  pid_t children[WRITERS];

  for (guint i = 0; i < WRITERS; i++) {
    children[i] = fork ();
    for (guint n = 0; children[i] == 0 && n < ROUNDS; n++) {
      g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);

      fixture_stage (store, "a");
    }
    if (children[i] == 0)
      _exit (0);
  }
  for (guint n = 0; fixture_entries (fixture) < WRITERS * ROUNDS; n++) {
    g_autoptr (QfuRefStore) reader = fixture_open (fixture, FALSE);

    g_assert_cmpuint (qfu_refstore_records (reader)->len, <=, WRITERS * ROUNDS);
  }
  for (guint i = 0; i < WRITERS; i++)
    assert_child (children[i]);
  last = fixture_open (fixture, FALSE);
  g_assert_cmpuint (qfu_refstore_records (last)->len, ==, WRITERS * ROUNDS);
  /* each but the last was abandoned by the next */
  g_assert_cmpuint (fixture_entries (fixture), ==, 2 * WRITERS * ROUNDS - 1);
}

/* Gives up the right to write: as root by another uid, else by the modes. */
static void
drop_writing (const char *folder)
{
  if (geteuid () == 0)
    g_assert_cmpint (setresuid (65533, 65533, 65533), ==, 0);
  else
    g_assert_cmpint (g_chmod (folder, 0555), ==, 0);
}

static void
read_without_writing (const Fixture *fixture)
{
  g_autofree char *folder = fixture_path (fixture, NULL);
  g_autofree char *lock = fixture_path (fixture, ".lock");
  g_autoptr (QfuRefStore) store = NULL;
  g_autoptr (QfuRefStore) writer = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chmod (lock, 0400), ==, 0);
  drop_writing (folder);
  store = fixture_open (fixture, FALSE);
  g_assert_cmpuint (qfu_refstore_records (store)->len, ==, 1);
  writer = qfu_refstore_open (fixture, TRUE, &error);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  g_assert_null (writer);
}

static void
test_ordinary_user (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *folder = fixture_path (fixture, NULL);
  QfuRefStore *store = fixture_open (fixture, TRUE);
  pid_t child;

  fixture_stage (store, "a");
  qfu_refstore_close (store);
  child = fork ();
  if (child == 0) {
    read_without_writing (fixture);
    _exit (0);
  }
  assert_child (child);
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/refstore-sharing/lock", test_lock);
  g_test_add_func ("/refstore-sharing/at-once", test_at_once);
  g_test_add_func ("/refstore-sharing/ordinary-user", test_ordinary_user);
  return g_test_run ();
}
