/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-staging.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A boot folder, and an image for it. */
typedef struct {
  char *directory;
  char *boot;
  QfuUntrustedBlob *image;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
  f->directory = test_directory ();
  f->boot = g_build_filename (f->directory, "boot", NULL);
  g_assert_cmpint (g_mkdir (f->boot, 0755), ==, 0);
  f->image = test_blob ("an image", 8);
}

static void
tear_down (Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
  test_directory_remove (f->directory);
  qfu_untrusted_blob_free (f->image);
  g_free (f->boot);
  g_free (f->directory);
}

static QfuStaging
staging (const Fixture *f, const char *version)
{
  return (QfuStaging){f->boot, version, f->image, qfu_untrusted_blob_sha256 (f->image)};
}

static char *
path_in (const Fixture *f, const char *below)
{
  return g_build_filename (f->boot, QFU_STAGING_FOLDER, below, NULL);
}

static void
put (const Fixture *f, const char *below, const char *text)
{
  g_autofree char *path = path_in (f, below);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
holds (const Fixture *f, const char *below, const char *expected)
{
  g_autofree char *path = path_in (f, below);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

/* How many entries updates has, hidden ones as well. */
static guint
entries (const Fixture *f)
{
  g_autofree char *path = path_in (f, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
stages (const Fixture *f, const char *version)
{
  const QfuStaging s = staging (f, version);
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_staging_check (&s, &error));
  g_assert_no_error (error);
  g_assert_true (qfu_staging_write (&s, &error));
  g_assert_no_error (error);
}

static void
refuses (const Fixture *f, const char *version, int code, const char *text)
{
  const QfuStaging s = staging (f, version);
  guint before = entries (f);
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_staging_check (&s, &error));
  g_assert_error (error, QFU_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, text));
  g_clear_error (&error);
  g_assert_false (qfu_staging_write (&s, &error));
  g_assert_error (error, QFU_ERROR, code);
  g_assert_cmpuint (entries (f), ==, before);
}

static void
test_write (Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
  g_autofree char *hex = qfu_digest_to_hex (qfu_untrusted_blob_sha256 (f->image));
  g_autofree char *sums = g_strdup_printf ("%s  firmware.rom\n", hex);
  g_autofree char *package = path_in (f, "1.2.0/firmware.zip");
  g_autofree char *image = path_in (f, "1.2.0/firmware.rom");
  g_autofree char *bytes = NULL;
  struct stat st;
  gsize size;

  stages (f, "1.2.0");
  holds (f, "1.2.0/firmware.rom", "an image");
  holds (f, "1.2.0/firmware.rom.sha256", sums);
  g_assert_cmpuint (entries (f), ==, 1);
  g_assert_cmpint (g_stat (image, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0644);
  g_assert_true (g_file_get_contents (package, &bytes, &size, NULL));
  g_assert_nonnull (memmem (bytes, size, "sha256sum.txt", 13));
  g_assert_nonnull (memmem (bytes, size, sums, strlen (sums)));
}

static void
test_others_stay (Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
  put (f, "1.0.0/firmware.rom", "old");
  put (f, "notes", "mine");
  stages (f, "1.2.0");
  stages (f, "1.3.0");
  holds (f, "1.0.0/firmware.rom", "old");
  holds (f, "notes", "mine");
  holds (f, "1.2.0/firmware.rom", "an image");
  g_assert_cmpuint (entries (f), ==, 4);
}

static void
test_there (Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
  stages (f, "1.2.0");
  refuses (f, "1.2.0", QFU_ERROR_NOTHING, "exactly this firmware");
  /* what another program left: the image alone */
  put (f, "1.2.1/firmware.rom", "an image");
  refuses (f, "1.2.1", QFU_ERROR_NOTHING, "exactly this firmware");
  put (f, "1.2.2/firmware.rom", "an imagf");
  refuses (f, "1.2.2", QFU_ERROR_REFUSED, "1.2.2 holds other firmware");
  holds (f, "1.2.2/firmware.rom", "an imagf");
  put (f, "1.2.3/else", "");
  refuses (f, "1.2.3", QFU_ERROR_REFUSED, "without a firmware image");
  put (f, "1.2.4/firmware.rom/folder", "");
  refuses (f, "1.2.4", QFU_ERROR_REFUSED, "firmware.rom is no file");
  put (f, "1.2.5", "a file");
  refuses (f, "1.2.5", QFU_ERROR_REFUSED, "1.2.5");
}

static void
test_versions (Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
  g_autofree char *longest = g_strnfill (64, '1');
  g_autofree char *longer = g_strnfill (65, '1');

  refuses (f, "", QFU_ERROR_FORMAT, "version ''");
  refuses (f, "..", QFU_ERROR_FORMAT, "..");
  refuses (f, ".1", QFU_ERROR_FORMAT, ".1");
  refuses (f, "1/2", QFU_ERROR_FORMAT, "1/2");
  refuses (f, "1 2", QFU_ERROR_FORMAT, "1 2");
  refuses (f, "-1", QFU_ERROR_FORMAT, "-1");
  refuses (f, longer, QFU_ERROR_FORMAT, "1 to 64");
  stages (f, longest);
  stages (f, "v1.2.0-42-g0b9d8e4+x~1_a");
}

static void
link_to (const Fixture *f, const char *target, const char *below)
{
  g_autofree char *path = path_in (f, below);

  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
test_links (Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
  g_autofree char *outside = g_build_filename (f->directory, "outside", NULL);

  g_assert_cmpint (g_mkdir (outside, 0755), ==, 0);
  link_to (f, outside, NULL);
  refuses (f, "1.2.0", QFU_ERROR_REFUSED, "is a link");
  {
    g_autofree char *updates = path_in (f, NULL);

    g_assert_cmpint (g_unlink (updates), ==, 0);
  }
  put (f, "1.0.0/firmware.rom", "old");
  link_to (f, outside, "1.2.0");
  refuses (f, "1.2.0", QFU_ERROR_REFUSED, "is a link");
  link_to (f, outside, ".qubes-fwupd.new");
  {
    const QfuStaging s = staging (f, "1.3.0");
    g_autoptr (GError) error = NULL;

    g_assert_false (qfu_staging_write (&s, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  }
}

static void
test_writable_by_others (Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
  g_assert_cmpint (g_chmod (f->boot, 0777), ==, 0);
  refuses (f, "1.2.0", QFU_ERROR_REFUSED, "root alone");
  g_assert_cmpint (g_chmod (f->boot, 0755), ==, 0);
  stages (f, "1.2.0");
}

static void
test_no_boot (Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
  g_assert_cmpint (g_rmdir (f->boot), ==, 0);
  refuses (f, "1.2.0", QFU_ERROR_NOT_FOUND, "there is no");
}

/* Before the image is here its digest says what is there. */
static void
test_without_image (Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
  QfuStaging s = staging (f, "1.2.0");
  g_autoptr (GError) error = NULL;

  s.image = NULL;
  g_assert_true (qfu_staging_check (&s, &error));
  g_assert_no_error (error);
  stages (f, "1.2.0");
  g_assert_false (qfu_staging_check (&s, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOTHING);
}

/* What a run left that was killed: in the middle, and at its end. */
static void
test_leftover (Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
  put (f, ".qubes-fwupd.new/firmware.rom", "half");
  put (f, ".qubes-fwupd.new/firmware.zip", "");
  stages (f, "1.2.0");
  g_assert_cmpuint (entries (f), ==, 1);
  holds (f, "1.2.0/firmware.rom", "an image");
  /* what is not ours is not removed */
  put (f, ".qubes-fwupd.new/mine", "");
  {
    const QfuStaging s = staging (f, "1.3.0");
    g_autoptr (GError) error = NULL;

    g_assert_false (qfu_staging_write (&s, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  }
  holds (f, ".qubes-fwupd.new/mine", "");
}

static void
test_list (Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) none = qfu_staging_list (f->boot);
  g_autoptr (GPtrArray) some = NULL;

  g_assert_cmpuint (none->len, ==, 0);
  put (f, "1.0.0/firmware.rom", "old");
  put (f, "1.1.0/else", "");
  put (f, ".qubes-fwupd.new/firmware.rom", "half");
  stages (f, "0.9");
  some = qfu_staging_list (f->boot);
  g_assert_cmpuint (some->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (some, 0), ==, "0.9");
  g_assert_cmpstr (g_ptr_array_index (some, 1), ==, "1.0.0");
}

#define add(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  add ("/staging/write", test_write);
  add ("/staging/others-stay", test_others_stay);
  add ("/staging/there", test_there);
  add ("/staging/versions", test_versions);
  add ("/staging/links", test_links);
  add ("/staging/writable-by-others", test_writable_by_others);
  add ("/staging/no-boot", test_no_boot);
  add ("/staging/without-image", test_without_image);
  add ("/staging/leftover", test_leftover);
  add ("/staging/list", test_list);
  return g_test_run ();
}
