/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-plugin-builds.h"

#include "testconfig.h"

#include <string.h>

static void
put (const char *root, const char *folder, const char *name)
{
  g_autofree char *full = g_build_filename (root, folder, NULL);
  g_autofree char *path = g_build_filename (full, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (full, 0700), ==, 0);
  g_file_set_contents (path, "", 0, &error);
  g_assert_no_error (error);
}

static void
test_builds (void)
{
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, G_STRINGIFY (TEST_WORKER_UID));
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GPtrArray) builds = NULL;
  g_autofree char *silent = NULL;
  g_autofree char *fits = NULL;
  g_autofree char *trouble = NULL;

  g_free (config->fwupd_plugins);
  config->fwupd_plugins = g_build_filename (directory, "lib", NULL);
  none = qfu_plugin_builds (config);
  g_assert_cmpuint (none->len, ==, 0);
  silent = qfu_plugin_builds_trouble (none, "2.0.20");
  g_assert_null (silent);

  put (config->fwupd_plugins, "fwupd-2.0.9", "libfu_plugin_qubes_coreboot.so");
  put (config->fwupd_plugins, "fwupd-2.0.19", "libfu_plugin_qubes_coreboot.so");
  put (config->fwupd_plugins, "fwupd-2.0.20", "libfu_plugin_flashrom.so");
  put (config->fwupd_plugins, "fwupd-plugins", "libfu_plugin_qubes_coreboot.so");
  put (config->fwupd_plugins, "other-2.0.20", "libfu_plugin_qubes_coreboot.so");
  builds = qfu_plugin_builds (config);
  g_assert_cmpuint (builds->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (builds, 0), ==, "2.0.19");
  g_assert_cmpstr (g_ptr_array_index (builds, 1), ==, "2.0.9");
  fits = qfu_plugin_builds_trouble (builds, "2.0.9");
  g_assert_null (fits);
  trouble = qfu_plugin_builds_trouble (builds, "2.0.20");
  g_assert_nonnull (strstr (trouble, "built for fwupd 2.0.19, 2.0.9, fwupd is 2.0.20"));
  g_assert_nonnull (strstr (trouble, "qubes-dom0-update"));
  test_directory_remove (directory);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/plugin-builds/builds", test_builds);
  return g_test_run ();
}
