/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-durable.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX 8

static char *directory;
static char *folder;

static char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static void
put (const char *name, const char *text)
{
  g_autofree char *path = path_of (name);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
}

static void
refuses_to_read (const char *name, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_durable_read (folder, name, TEXT_MAX, &error));
  g_assert_error (error, QFU_ERROR, code);
}

static void
refuses_to_write (const char *name, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_durable_write (folder, name, "x", &error));
  g_assert_error (error, QFU_ERROR, code);
}

static void
set_up (void)
{
  directory = test_directory ();
  folder = g_build_filename (directory, "a", "b", NULL);
}

static void
tear_down (void)
{
  test_directory_remove (directory);
  g_clear_pointer (&directory, g_free);
  g_clear_pointer (&folder, g_free);
}

static void
test_round (void)
{
  g_autofree char *path = path_of ("one");
  g_autofree char *left = path_of (".new");
  g_autoptr (GError) error = NULL;
  GStatBuf st;

  refuses_to_read ("one", QFU_ERROR_NOT_FOUND); /* no folder either */
  for (guint i = 0; i < 2; i++) {
    const char *text = i == 0 ? "first" : "12345678";
    g_autofree char *read = NULL;

    g_assert_true (qfu_durable_write (folder, "one", text, &error));
    g_assert_no_error (error);
    read = qfu_durable_read (folder, "one", TEXT_MAX, &error);
    g_assert_cmpstr (read, ==, text);
  }
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0644);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
  refuses_to_read ("two", QFU_ERROR_NOT_FOUND);
}

/* A file that is made once is never replaced, and nothing is left beside it. */
static void
test_create (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autofree char *left = path_of (".new");
  int fd = -1;

  put ("other", "x");
  g_assert_true (qfu_durable_open_folder (AT_FDCWD, folder, &fd, &error));
  g_assert_true (qfu_durable_create (fd, "once", "first", &error));
  g_assert_no_error (error);
  g_assert_false (qfu_durable_create (fd, "once", "second", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  close (fd);
  text = qfu_durable_read (folder, "once", TEXT_MAX, NULL);
  g_assert_cmpstr (text, ==, "first");
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
}

static void
test_bad_text (void)
{
  g_autofree char *path = path_of ("nul");
  g_autofree char *empty = NULL;

  put ("long", "123456789");
  refuses_to_read ("long", QFU_ERROR_FORMAT);
  g_assert_true (g_file_set_contents (path, "a\0b", 3, NULL));
  refuses_to_read ("nul", QFU_ERROR_FORMAT);
  put ("empty", "");
  empty = qfu_durable_read (folder, "empty", TEXT_MAX, NULL);
  g_assert_cmpstr (empty, ==, "");
}

/* What a killed run left is in nobody's way, not even when it is a link. */
static void
test_left_over (void)
{
  g_autofree char *left = path_of (".new");
  g_autofree char *target = path_of ("target");
  g_autofree char *text = NULL;

  put ("target", "old");
  g_assert_cmpint (symlink (target, left), ==, 0);
  g_assert_true (qfu_durable_write (folder, "one", "new", NULL));
  g_assert_true (g_file_get_contents (target, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "old");
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
}

static void
test_links (void)
{
  g_autofree char *link = path_of ("link");
  g_autofree char *target = path_of ("target");
  g_autofree char *elsewhere = g_build_filename (directory, "elsewhere", NULL);

  put ("target", "old");
  g_assert_cmpint (symlink (target, link), ==, 0);
  refuses_to_read ("link", QFU_ERROR_REFUSED);
  g_assert_cmpint (g_rename (folder, elsewhere), ==, 0);
  g_assert_cmpint (symlink (elsewhere, folder), ==, 0);
  refuses_to_read ("target", QFU_ERROR_REFUSED);
  refuses_to_write ("target", QFU_ERROR_REFUSED);
}

static void
test_owners (void)
{
  g_autofree char *open_file = path_of ("open");
  g_autofree char *pipe = path_of ("pipe");
  g_autofree char *directory_inside = path_of ("inside");
  g_autofree char *left = path_of (".new");

  put ("open", "x");
  g_assert_cmpint (g_chmod (open_file, 0664), ==, 0);
  refuses_to_read ("open", QFU_ERROR_REFUSED);
  g_assert_cmpint (g_chmod (open_file, 0646), ==, 0);
  refuses_to_read ("open", QFU_ERROR_REFUSED);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  refuses_to_read ("pipe", QFU_ERROR_REFUSED);
  g_assert_cmpint (g_mkdir (directory_inside, 0755), ==, 0);
  refuses_to_read ("inside", QFU_ERROR_REFUSED);
  refuses_to_write ("inside", QFU_ERROR_IO); /* and leaves nothing */
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
  if (geteuid () == 0) {
    g_assert_cmpint (g_chmod (open_file, 0644), ==, 0);
    g_assert_cmpint (chown (open_file, TEST_WORKER_UID, 0), ==, 0);
    refuses_to_read ("open", QFU_ERROR_REFUSED);
  }
  g_assert_cmpint (g_chmod (folder, 0777), ==, 0);
  refuses_to_read ("open", QFU_ERROR_REFUSED);
  refuses_to_write ("open", QFU_ERROR_REFUSED);
}

/* What root wrote, an ordinary user may read, and no more. */
static void
test_ordinary_user (void)
{
  g_autofree char *parent = g_path_get_dirname (folder);
  g_autofree char *text = NULL;

  if (geteuid () != 0) {
    g_test_skip ("only root can become somebody else");
    return;
  }
  g_assert_true (qfu_durable_write (folder, "one", "text", NULL));
  g_assert_cmpint (g_chmod (directory, 0755), ==, 0);
  g_assert_cmpint (g_chmod (parent, 0755), ==, 0);
  g_assert_cmpint (seteuid (TEST_WORKER_UID), ==, 0);
  text = qfu_durable_read (folder, "one", TEXT_MAX, NULL);
  refuses_to_write ("one", QFU_ERROR_IO);
  g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpstr (text, ==, "text");
}

static void
test_no_place (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_durable_write ("/proc/nowhere", "one", "x", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
}

typedef void (*Body) (void);

static void
in_directory (gconstpointer data)
{
  Body const *body = data;

  set_up ();
  (*body) ();
  tear_down ();
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    Body body;
  } tests[] = {
      {"/durable/round", test_round},
      {"/durable/create", test_create},
      {"/durable/bad-text", test_bad_text},
      {"/durable/links", test_links},
      {"/durable/left-over", test_left_over},
      {"/durable/owners", test_owners},
      {"/durable/ordinary-user", test_ordinary_user},
      {"/durable/no-place", test_no_place},
  };

  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].name, &tests[i].body, in_directory);
  return g_test_run ();
}
