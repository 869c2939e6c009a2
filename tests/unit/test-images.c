/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-images.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *directory;
  QfuConfig *config;
  QfuUntrustedBlob *image;
  char *path; /* of its file */
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->directory = test_directory ();
  f->config = test_config (f->directory, "nobody");
  f->image = test_blob ("an image", 8);
  f->path = qfu_images_path (f->config, qfu_untrusted_blob_sha256 (f->image));
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_free (f->path);
  qfu_untrusted_blob_free (f->image);
  qfu_config_free (f->config);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

static void
keep (const Fixture *f, const QfuUntrustedBlob *image)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_images_keep (f->config, image, NULL, &error));
  g_assert_no_error (error);
}

static void
assert_opens (const Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) again =
      qfu_images_open (f->config, qfu_untrusted_blob_sha256 (f->image), &error);

  g_assert_no_error (error);
  g_assert_true (qfu_untrusted_blob_holds (again, 0, "an image", 8));
}

static void
assert_does_not_open (const Fixture *f, QfuError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_images_open (f->config, qfu_untrusted_blob_sha256 (f->image), &error));
  g_assert_error (error, QFU_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, f->path));
}

static void
damage (const Fixture *f, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (f->path, text, -1, &error);
  g_assert_no_error (error);
}

static void
test_keep (Fixture *f, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *folder = g_path_get_dirname (f->path);
  struct stat st;

  g_assert_true (qfu_images_keep (f->config, f->image, &path, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, f->path);
  g_assert_true (g_str_has_suffix (path, ".rom"));
  assert_opens (f);
  /* a chip may hold passwords */
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (folder, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0700);
  /* once more is no matter */
  keep (f, f->image);
  assert_opens (f);
}

static void
test_damaged (Fixture *f, gconstpointer unused)
{
  keep (f, f->image);
  damage (f, "an imagE");
  assert_does_not_open (f, QFU_ERROR_MISMATCH);
  damage (f, "an imag");
  assert_does_not_open (f, QFU_ERROR_MISMATCH);
  keep (f, f->image);
  assert_opens (f);
}

static void
test_not_there (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuUntrustedBlob) other = test_blob ("other", 5);
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_images_open (f->config, qfu_untrusted_blob_sha256 (f->image), &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  keep (f, other);
  assert_does_not_open (f, QFU_ERROR_NOT_FOUND);
}

static void
test_link (Fixture *f, gconstpointer unused)
{
  g_autofree char *target = g_build_filename (f->directory, "elsewhere", NULL);

  keep (f, f->image);
  g_assert_cmpint (g_rename (f->path, target), ==, 0);
  g_assert_cmpint (symlink (target, f->path), ==, 0);
  assert_does_not_open (f, QFU_ERROR_IO);
}

static void
test_others_folder (Fixture *f, gconstpointer unused)
{
  g_autofree char *folder = g_path_get_dirname (f->path);
  g_autoptr (GError) error = NULL;

  keep (f, f->image);
  g_assert_cmpint (g_chmod (folder, 0777), ==, 0);
  g_assert_false (qfu_images_keep (f->config, f->image, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_null (qfu_images_open (f->config, qfu_untrusted_blob_sha256 (f->image), &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
}

/* What does not fit on the disk leaves nothing behind. */
static void
test_full (Fixture *f, gconstpointer unused)
{
  g_autofree char *folder = g_path_get_dirname (f->path);
  g_autofree char *temporary = g_build_filename (folder, ".new", NULL);
  g_autoptr (GError) error = NULL;
  struct rlimit before;
  struct rlimit small;

  keep (f, f->image);
  g_assert_cmpint (g_unlink (f->path), ==, 0);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  small = before;
  small.rlim_cur = 4;
  g_assert_true (signal (SIGXFSZ, SIG_IGN) != SIG_ERR);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_false (qfu_images_keep (f->config, f->image, NULL, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  g_assert_nonnull (strstr (error->message, f->path));
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (temporary, G_FILE_TEST_EXISTS));
}

/* A run that was killed left a part of an image. */
static void
test_left_over (Fixture *f, gconstpointer unused)
{
  g_autofree char *folder = g_path_get_dirname (f->path);
  g_autofree char *temporary = g_build_filename (folder, ".new", NULL);
  g_autoptr (GError) error = NULL;

  keep (f, f->image);
  g_assert_cmpint (g_unlink (f->path), ==, 0);
  g_file_set_contents (temporary, "an im", -1, &error);
  g_assert_no_error (error);
  keep (f, f->image);
  assert_opens (f);
  g_assert_false (g_file_test (temporary, G_FILE_TEST_EXISTS));
}

static void
test_prune (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuUntrustedBlob) other = test_blob ("other", 5);
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (QfuDigest));
  g_autofree char *other_path = qfu_images_path (f->config, qfu_untrusted_blob_sha256 (other));
  g_autofree char *folder = g_path_get_dirname (f->path);
  g_autofree char *note = g_build_filename (folder, "note.rom", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_images_prune (f->config, wanted, &error));
  keep (f, f->image);
  keep (f, other);
  g_file_set_contents (note, "of a person", -1, &error);
  g_assert_no_error (error);
  g_array_append_val (wanted, *qfu_untrusted_blob_sha256 (f->image));
  g_assert_true (qfu_images_prune (f->config, wanted, &error));
  g_assert_no_error (error);
  assert_opens (f);
  g_assert_false (g_file_test (other_path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (note, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/images/keep", test_keep);
  ADD ("/images/damaged", test_damaged);
  ADD ("/images/not-there", test_not_there);
  ADD ("/images/link", test_link);
  ADD ("/images/others-folder", test_others_folder);
  ADD ("/images/full", test_full);
  ADD ("/images/left-over", test_left_over);
  ADD ("/images/prune", test_prune);
  return g_test_run ();
}
