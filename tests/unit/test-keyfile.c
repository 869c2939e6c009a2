/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-keyfile.h"

#include "qfu-error.h"
#include "qfu-limits.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testconfig.h"

typedef struct {
  char *directory;
  char *path;   /* of the file */
  char *folder; /* of its drop-ins; not there yet */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->directory = test_directory ();
  fixture->path = g_build_filename (fixture->directory, "conf", NULL);
  fixture->folder = g_strconcat (fixture->path, ".d", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  test_directory_remove (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
put (const char *path, const char *text)
{
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
}

static char *
put_dropin (const Fixture *fixture, const char *name, const char *text)
{
  char *path = g_build_filename (fixture->folder, name, NULL);

  put (path, text);
  return path;
}

static void
expect_line (const QfuKeyfile *keyfile,
             guint index,
             guint number,
             const char *group,
             const char *key,
             const char *value)
{
  const QfuKeyfileLine *line;

  g_assert_cmpuint (index, <, keyfile->lines->len);
  line = g_ptr_array_index (keyfile->lines, index);
  g_assert_cmpuint (line->number, ==, number);
  g_assert_cmpstr (line->group, ==, group);
  g_assert_cmpstr (line->key, ==, key);
  g_assert_cmpstr (line->value, ==, value);
}

static void
expect_refused (const Fixture *fixture, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_keyfile_read (fixture->path, TRUE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  if (strstr (error->message, says) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, says);
}

static void
test_lines (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (QfuKeyfile) keyfile = NULL;

  put (fixture->path, "\n# [Not a group]\n  [ A b ]  \r\n\tKey = a=b \\s\\\\ \n\nOther=\n[Empty]\n"
                      "Key=\\n\\t\\rend");
  keyfile = qfu_keyfile_read (fixture->path, FALSE, NULL);
  g_assert_nonnull (keyfile);
  g_assert_cmpuint (keyfile->files->len, ==, 1);
  g_assert_cmpuint (keyfile->lines->len, ==, 5);
  expect_line (keyfile, 0, 3, " A b ", NULL, NULL);
  expect_line (keyfile, 1, 4, " A b ", "Key", "a=b  \\");
  expect_line (keyfile, 2, 6, " A b ", "Other", "");
  expect_line (keyfile, 3, 7, "Empty", NULL, NULL);
  expect_line (keyfile, 4, 8, "Empty", "Key", "\n\t\rend");
}

static void
test_wrong (Fixture *fixture, gconstpointer unused)
{
  static const struct {
    const char *text;
    const char *says;
  } bad[] = {
      {"Key=value\n", "conf:1: a group"},
      {"[A]\n\nword\n", "conf:3: a comment"},
      {"[A]\n=value\n", "conf:2: a comment"},
      {"[A\n", "conf:1: a group"},
      {"[]\n", "conf:1: a group"},
      {"[A]B\n", "conf:1: a group"},
      {"[A[B]\n", "conf:1: a group"},
      {"[A\001]\n", "conf:1: a group"},
      {"[A]\nKey=\\x\n", "conf:2: [A] Key=\\\\x: behind a \\"},
      {"[A]\nKey=end\\", "conf:2: [A] Key=end\\\\: behind a \\"},
      {"[A]\n#\xff\n", "conf:2: it is not UTF-8"},
      {"[A]\nKey=\xff\n", "conf:2: it is not UTF-8"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    put (fixture->path, bad[i].text);
    expect_refused (fixture, bad[i].says);
  }
  g_assert_true (g_file_set_contents (fixture->path, "[A]\nK=\0x\n", 9, NULL));
  expect_refused (fixture, "it holds a NUL");
}

static void
test_order (Fixture *fixture, gconstpointer unused)
{
  static const char *const names[] = {"20-b.conf", "3.conf", "A.conf", "a.conf"};
  g_autoptr (QfuKeyfile) keyfile = NULL;
  G_GNUC_UNUSED g_autofree char *hidden = put_dropin (fixture, ".9.conf", "nothing that is read\n");
  G_GNUC_UNUSED g_autofree char *other = put_dropin (fixture, "9.conf.dpkg-old", "nor this\n");

  put (fixture->path, "[A]\nKey=0\n");
  for (gsize i = G_N_ELEMENTS (names); i > 0; i--) {
    g_autofree char *text = g_strdup_printf ("\n[A]\nKey=%s\n", names[i - 1]);
    G_GNUC_UNUSED g_autofree char *path = put_dropin (fixture, names[i - 1], text);
  }
  keyfile = qfu_keyfile_read (fixture->path, FALSE, NULL);
  g_assert_nonnull (keyfile);
  g_assert_cmpuint (keyfile->files->len, ==, 1 + G_N_ELEMENTS (names));
  expect_line (keyfile, 1, 2, "A", "Key", "0");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const QfuKeyfileLine *line = g_ptr_array_index (keyfile->lines, 3 + 2 * i);
    g_autofree char *path = g_build_filename (fixture->folder, names[i], NULL);

    expect_line (keyfile, 3 + 2 * i, 3, "A", "Key", names[i]);
    g_assert_cmpstr (line->file, ==, path);
    g_assert_cmpstr (g_ptr_array_index (keyfile->files, 1 + i), ==, path);
  }
}

/* A group of one file does not go on in the next. */
static void
test_group_ends (Fixture *fixture, gconstpointer unused)
{
  G_GNUC_UNUSED g_autofree char *path = put_dropin (fixture, "1.conf", "Key=1\n");

  put (fixture->path, "[A]\n");
  expect_refused (fixture, "1.conf:1: a group");
}

static void
test_missing (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (QfuKeyfile) none = qfu_keyfile_read (fixture->path, TRUE, NULL);
  g_autoptr (QfuKeyfile) dropin_alone = NULL;
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autofree char *path = put_dropin (fixture, "1.conf", "[A]\n");

  g_assert_cmpuint (none->files->len, ==, 0);
  dropin_alone = qfu_keyfile_read (fixture->path, TRUE, NULL);
  g_assert_cmpuint (dropin_alone->files->len, ==, 1);
  g_assert_null (qfu_keyfile_read (fixture->path, FALSE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
}

static void
test_not_regular (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (fixture->folder, "1.conf", NULL);
  g_autofree char *target = g_build_filename (fixture->directory, "target", NULL);

  /* a file of the settings */
  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  expect_refused (fixture, "conf is not a regular file");
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  expect_refused (fixture, "conf is not a regular file");
  g_assert_cmpint (g_rmdir (fixture->path), ==, 0);
  /* a drop-in */
  g_assert_cmpint (g_mkdir (fixture->folder, 0755), ==, 0);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  expect_refused (fixture, "1.conf is not a regular file");
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  expect_refused (fixture, "1.conf is not a regular file");
  g_assert_cmpint (g_rmdir (path), ==, 0);
  put (target, "[A]\n");
  g_assert_cmpint (symlink (target, path), ==, 0);
  expect_refused (fixture, "symbolic link");
  g_assert_cmpint (g_unlink (path), ==, 0);
  /* their folder */
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_assert_cmpint (symlink (fixture->directory, fixture->folder), ==, 0);
  expect_refused (fixture, "symbolic link");
  g_assert_cmpint (g_unlink (fixture->folder), ==, 0);
  put (fixture->folder, "");
  expect_refused (fixture, "no folder");
}

/* The file that is named may be a link: whoever names it means what it leads to. */
static void
test_named_link (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *target = g_build_filename (fixture->directory, "target", NULL);
  g_autoptr (QfuKeyfile) keyfile = NULL;

  put (target, "[A]\n");
  g_assert_cmpint (symlink (target, fixture->path), ==, 0);
  keyfile = qfu_keyfile_read (fixture->path, FALSE, NULL);
  g_assert_nonnull (keyfile);
  g_assert_cmpuint (keyfile->lines->len, ==, 1);
}

static void
test_writable (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = put_dropin (fixture, "1.conf", "[A]\n");

  put (fixture->path, "[A]\n");
  g_assert_cmpint (g_chmod (fixture->path, 0646), ==, 0);
  expect_refused (fixture, "conf may be written by others");
  g_assert_cmpint (g_chmod (fixture->path, 0664), ==, 0); /* by our own group */
  g_assert_cmpint (g_chmod (path, 0602), ==, 0);
  expect_refused (fixture, "1.conf may be written by others");
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  g_assert_cmpint (g_chmod (fixture->folder, 0777), ==, 0);
  expect_refused (fixture, "conf.d may be written by others");
  g_assert_cmpint (g_chmod (fixture->folder, 01777), ==, 0);
  expect_refused (fixture, "conf.d may be written by others");
  g_assert_cmpint (g_chmod (fixture->folder, 0755), ==, 0);
}

static void
test_owner (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = put_dropin (fixture, "1.conf", "[A]\n");

  if (geteuid () != 0) {
    g_test_skip ("only root can give files away");
    return;
  }
  put (fixture->path, "[A]\n");
  g_assert_cmpint (chown (path, TEST_WORKER_UID, 0), ==, 0);
  expect_refused (fixture, "1.conf must belong to root");
  g_assert_cmpint (chown (path, 0, TEST_WORKER_UID), ==, 0);
  g_assert_cmpint (g_chmod (path, 0664), ==, 0);
  expect_refused (fixture, "1.conf may be written by others");
  g_assert_cmpint (chown (path, 0, 0), ==, 0);
  g_assert_cmpint (chown (fixture->folder, TEST_WORKER_UID, 0), ==, 0);
  expect_refused (fixture, "conf.d must belong to root");
  g_assert_cmpint (chown (fixture->folder, 0, 0), ==, 0);
  g_assert_cmpint (chown (fixture->path, TEST_WORKER_UID, 0), ==, 0);
  expect_refused (fixture, "conf must belong to root");
  g_assert_cmpint (chown (fixture->path, 0, 0), ==, 0);
}

static void
test_unreadable (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = put_dropin (fixture, "1.conf", "[A]\n");

  if (geteuid () == 0) {
    g_test_skip ("root reads everything");
    return;
  }
  g_assert_cmpint (g_chmod (path, 0), ==, 0);
  expect_refused (fixture, "1.conf cannot be read");
  g_assert_cmpint (g_chmod (fixture->folder, 0), ==, 0);
  expect_refused (fixture, "conf.d cannot be read");
  g_assert_cmpint (g_chmod (fixture->folder, 0755), ==, 0);
}

static void
test_size_limit (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *text = g_strnfill (QFU_KEYFILE_SIZE_MAX + 1, '#');
  g_autoptr (QfuKeyfile) keyfile = NULL;

  put (fixture->path, text);
  expect_refused (fixture, "more than 1 MiB");
  put (fixture->path, text + 1);
  keyfile = qfu_keyfile_read (fixture->path, FALSE, NULL);
  g_assert_nonnull (keyfile);
  g_assert_cmpuint (keyfile->lines->len, ==, 0);
}

static void
test_lines_limit (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (QfuKeyfile) keyfile = NULL;

  for (guint i = 0; i < QFU_KEYFILE_LINES_MAX; i++)
    g_string_append (text, "[A]\n");
  put (fixture->path, text->str);
  keyfile = qfu_keyfile_read (fixture->path, FALSE, NULL);
  g_assert_nonnull (keyfile);
  g_assert_cmpuint (keyfile->lines->len, ==, QFU_KEYFILE_LINES_MAX);
  g_string_append (text, "[A]\n");
  put (fixture->path, text->str);
  expect_refused (fixture, "too many lines");
}

static void
test_dropins_limit (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (QfuKeyfile) keyfile = NULL;

  for (guint i = 0; i < QFU_KEYFILE_DROPINS_MAX; i++) {
    g_autofree char *name = g_strdup_printf ("%u.conf", i);
    G_GNUC_UNUSED g_autofree char *path = put_dropin (fixture, name, "");
  }
  keyfile = qfu_keyfile_read (fixture->path, TRUE, NULL);
  g_assert_nonnull (keyfile);
  g_assert_cmpuint (keyfile->files->len, ==, QFU_KEYFILE_DROPINS_MAX);
  g_free (put_dropin (fixture, "more.conf", ""));
  expect_refused (fixture, "holds more than 256 files");
}

/* What is in a file goes to a terminal. */
static void
test_escaped (Fixture *fixture, gconstpointer unused)
{
  put (fixture->path, "[A]\nKey=\033[31m\\x\n");
  expect_refused (fixture, "Key=\\033[31m");
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("/keyfile/lines", test_lines);
  ADD ("/keyfile/wrong", test_wrong);
  ADD ("/keyfile/order", test_order);
  ADD ("/keyfile/group-ends", test_group_ends);
  ADD ("/keyfile/missing", test_missing);
  ADD ("/keyfile/not-regular", test_not_regular);
  ADD ("/keyfile/named-link", test_named_link);
  ADD ("/keyfile/writable", test_writable);
  ADD ("/keyfile/owner", test_owner);
  ADD ("/keyfile/unreadable", test_unreadable);
  ADD ("/keyfile/limit/size", test_size_limit);
  ADD ("/keyfile/limit/lines", test_lines_limit);
  ADD ("/keyfile/limit/drop-ins", test_dropins_limit);
  ADD ("/keyfile/escaped", test_escaped);
  return g_test_run ();
}
