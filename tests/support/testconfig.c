/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "testconfig.h"

#include <glib/gstdio.h>

#include <signal.h>

void
test_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  g_assert_true (signal (SIGPIPE, SIG_IGN) != SIG_ERR);
}

char *
test_directory (void)
{
  g_autoptr (GError) error = NULL;
  char *directory = g_dir_make_tmp ("qfu-test-XXXXXX", &error);

  g_assert_no_error (error);
  return directory;
}

void
test_directory_remove (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (directory, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      test_directory_remove (path);
    else
      g_assert_cmpint (g_unlink (path), ==, 0);
  }
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

QfuConfig *
test_config (const char *directory, const char *worker_user)
{
  const char *build = g_getenv ("QFU_BUILD_ROOT");
  g_autofree char *path = g_build_filename (directory, "test.conf", NULL);
  g_autofree char *text =
      g_strdup_printf ("[Trust]\nMetadataKeys=%s/metadata-keys\nFirmwareKeys=%s/firmware-keys\n"
                       "[Paths]\nState=%s/state\nCache=%s/cache\nRuntime=%s/run\nPrograms=%s/dom0\n"
                       "[Worker]\nUser=%s\n",
                       directory, directory, directory, directory, directory,
                       build != NULL ? build : "build", worker_user);
  g_autoptr (GError) error = NULL;
  QfuConfig *config;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_setenv ("QFU_CONFIG", path, TRUE);
  config = qfu_config_load (&error);
  g_assert_no_error (error);
  return config;
}

void
test_home_set_up (TestHome *home, gconstpointer unused)
{
  home->directory = test_directory ();
  home->config = test_config (home->directory, G_STRINGIFY (TEST_WORKER_UID));
}

void
test_home_tear_down (TestHome *home, gconstpointer unused)
{
  g_clear_pointer (&home->config, qfu_config_free);
  test_directory_remove (home->directory);
  g_clear_pointer (&home->directory, g_free);
}

QfuUntrustedBlob *
test_blob (const void *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  QfuBlobBuilder *builder = qfu_blob_builder_new (size, &error);
  QfuUntrustedBlob *blob;

  g_assert_no_error (error);
  g_assert_true (qfu_blob_builder_append (builder, data, size, &error));
  blob = qfu_blob_builder_finish (builder, &error);
  g_assert_no_error (error);
  return blob;
}
