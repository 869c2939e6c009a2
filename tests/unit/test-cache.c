/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cache.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static QfuConfig config;

static QfuUntrustedBlob *
make (const char *text)
{
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (64, NULL);

  g_assert_true (qfu_blob_builder_append (builder, text, strlen (text), NULL));
  return qfu_blob_builder_finish (g_steal_pointer (&builder), NULL);
}

static guint
count_files (const char *folder)
{
  g_autofree char *path = g_build_filename (config.cache, folder, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint count = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

static void
test_store (void)
{
  static const char *const folders[] = {"cabs", "metadata/lvfs-testing"};

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autoptr (QfuUntrustedBlob) one = make ("one");
    g_autoptr (QfuUntrustedBlob) two = make ("second");
    g_autoptr (QfuUntrustedBlob) loaded = NULL;
    g_autofree char *path = g_build_filename (config.cache, folders[i], "a.cab", NULL);
    g_autoptr (GError) error = NULL;
    struct stat st;

    g_assert_true (qfu_cache_store (&config, folders[i], "a.cab", one, NULL));
    g_assert_true (qfu_cache_store (&config, folders[i], "a.cab", two, NULL));
    loaded = qfu_cache_load (&config, folders[i], "a.cab", 6, NULL);
    g_assert_true (qfu_untrusted_blob_equal_range (two, 0, loaded, 0, 6));
    g_assert_cmpint (stat (path, &st), ==, 0);
    g_assert_cmpuint (st.st_mode & 07777, ==, 0644);
    g_assert_null (qfu_cache_load (&config, folders[i], "a.cab", 5, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
    g_clear_error (&error);
    g_assert_cmpuint (count_files (folders[i]), ==, 1); /* nothing temporary stays */
    g_assert_true (qfu_cache_remove (&config, folders[i], "a.cab", NULL));
    g_assert_true (qfu_cache_remove (&config, folders[i], "a.cab", NULL));
    g_assert_null (qfu_cache_load (&config, folders[i], "a.cab", 6, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  }
}

static void
test_names (void)
{
  static const struct {
    const char *folder;
    const char *name;
  } bad[] = {
      {"cabs", ""},       {"cabs", "."},           {"cabs", ".."},       {"cabs", ".x"},
      {"cabs", "a/b"},    {"cabs", "a b"},         {"cabs", "a\n"},      {"", "a"},
      {"/", "a"},         {"/etc", "a"},           {"..", "a"},          {"metadata/..", "a"},
      {"metadata/", "a"}, {"metadata/a/b", "a"},   {"metadata/.x", "a"}, {"metadata//x", "a"},
      {"cabs", "\xc3"},   {"metadata/a\x01", "a"},
  };
  g_autoptr (QfuUntrustedBlob) blob = make ("x");
  g_autofree char *name = g_strnfill (129, 'n');
  g_autofree char *id = g_strnfill (65, 'i');

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (qfu_cache_store (&config, bad[i].folder, bad[i].name, blob, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_clear_error (&error);
    g_assert_null (qfu_cache_load (&config, bad[i].folder, bad[i].name, 9, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_assert_false (qfu_cache_remove (&config, bad[i].folder, bad[i].name, NULL));
  }
  g_assert_false (qfu_cache_store (&config, "cabs", name, blob, NULL));
  g_assert_false (qfu_cache_store (&config, id, "a", blob, NULL));
  g_assert_false (qfu_cache_id_ok (id));
  g_assert_true (qfu_cache_id_ok (id + 1));
  g_assert_true (qfu_cache_store (&config, "cabs", name + 1, blob, NULL));
  g_assert_true (qfu_cache_remove (&config, "cabs", name + 1, NULL));
}

static void
test_prune (void)
{
  static const char *const keep[] = {"b", "not-there", NULL};
  static const char *const names[] = {"a", "b", "c.jcat"};
  g_autoptr (QfuUntrustedBlob) blob = make ("x");
  g_autofree char *left = g_build_filename (config.cache, "cabs", ".a.Ab12Cd", NULL);
  g_autofree char *kept = g_build_filename (config.cache, "cabs", "b", NULL);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (qfu_cache_store (&config, "cabs", names[i], blob, NULL));
  g_assert_cmpint (symlink ("b", left), ==, 0);
  g_assert_true (qfu_cache_prune (&config, "cabs", keep, NULL));
  g_assert_cmpuint (count_files ("cabs"), ==, 1);
  g_assert_true (g_file_test (kept, G_FILE_TEST_IS_REGULAR));
  g_assert_true (qfu_cache_prune (&config, "nothing", keep, NULL));
  g_assert_true (qfu_cache_remove (&config, "cabs", "b", NULL));
  g_assert_false (qfu_cache_prune (&config, "../x", keep, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
}

/* Somebody put a link where a file belongs: it is replaced, never followed. */
static void
test_links (void)
{
  g_autofree char *path = g_build_filename (config.cache, "cabs", "link", NULL);
  g_autofree char *target = g_build_filename (config.cache, "target", NULL);
  g_autoptr (QfuUntrustedBlob) blob = make ("new");
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (target, "old", 3, NULL));
  g_assert_cmpint (symlink (target, path), ==, 0);
  g_assert_null (qfu_cache_load (&config, "cabs", "link", 9, NULL));
  g_assert_true (qfu_cache_store (&config, "cabs", "link", blob, NULL));
  g_assert_true (g_file_get_contents (target, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "old");
  g_assert_false (g_file_test (path, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (qfu_cache_remove (&config, "cabs", "link", NULL));
  g_assert_cmpint (g_unlink (target), ==, 0);
}

static void
refuses (const char *folder)
{
  static const char *const keep[] = {NULL};
  g_autoptr (QfuUntrustedBlob) blob = make ("new");
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_cache_store (&config, folder, "a", blob, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_null (qfu_cache_load (&config, folder, "a", 9, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_false (qfu_cache_remove (&config, folder, "a", NULL));
  g_assert_false (qfu_cache_prune (&config, folder, keep, NULL));
}

/* A folder that leads elsewhere, or that others can write, is none of ours. */
static void
test_folders (void)
{
  g_autofree char *outside = g_dir_make_tmp ("qfu-outside-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (outside, "a", NULL);
  g_autofree char *link = g_build_filename (config.cache, "link", NULL);
  g_autofree char *cabs = g_build_filename (config.cache, "cabs", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_set_contents (file, "old", 3, NULL));
  g_assert_cmpint (symlink (outside, link), ==, 0);
  refuses ("link");
  g_assert_cmpint (g_unlink (link), ==, 0);
  g_assert_cmpint (g_chmod (cabs, 0777), ==, 0);
  refuses ("cabs");
  g_assert_cmpint (g_chmod (cabs, 0755), ==, 0);
  g_assert_cmpint (symlink (config.cache, link), ==, 0);
  {
    QfuConfig by_link = {.cache = link};
    g_autoptr (QfuUntrustedBlob) blob = make ("new");
    g_autoptr (GError) error = NULL;

    g_assert_false (qfu_cache_store (&by_link, "cabs", "a", blob, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  }
  g_assert_cmpint (g_unlink (link), ==, 0);
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "old");
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_rmdir (outside), ==, 0);
}

/* What a killed run left is neither read nor in the way. */
static void
test_left_over (void)
{
  g_autofree char *path = g_build_filename (config.cache, "cabs", ".new", NULL);
  g_autoptr (QfuUntrustedBlob) blob = make ("new");

  g_assert_true (g_file_set_contents (path, "half", 4, NULL));
  g_assert_true (qfu_cache_store (&config, "cabs", "a", blob, NULL));
  g_assert_cmpuint (count_files ("cabs"), ==, 1);
  g_assert_true (qfu_cache_remove (&config, "cabs", "a", NULL));
}

static void
test_no_place (void)
{
  QfuConfig nowhere = {.cache = (char *)"/proc/nowhere"};
  g_autoptr (QfuUntrustedBlob) blob = make ("x");
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_cache_store (&nowhere, "cabs", "a", blob, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
}

int
main (int argc, char **argv)
{
  static const char *const folders[] = {"metadata/lvfs-testing", "metadata", "cabs", "."};
  int result;

  test_init (&argc, &argv);
  config.cache = g_dir_make_tmp ("qfu-cache-XXXXXX", NULL);
  g_test_add_func ("/cache/store", test_store);
  g_test_add_func ("/cache/names", test_names);
  g_test_add_func ("/cache/prune", test_prune);
  g_test_add_func ("/cache/links", test_links);
  g_test_add_func ("/cache/folders", test_folders);
  g_test_add_func ("/cache/left-over", test_left_over);
  g_test_add_func ("/cache/no-place", test_no_place);
  result = g_test_run ();
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *path = g_build_filename (config.cache, folders[i], NULL);
    g_autofree char *real = g_canonicalize_filename (path, NULL);

    g_assert_cmpint (g_rmdir (real), ==, 0);
  }
  g_free (config.cache);
  return result;
}
