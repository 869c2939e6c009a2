/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib/gstdio.h>
#include <unistd.h>

/* Folders as the kernel's of PCI devices; test_directory_remove() leaves folders, so each is told
 * apart and removed again. */

static inline void
pci_put (const char *folder, const char *way, const char *file, const char *text)
{
  g_autofree char *path = g_build_filename (folder, "devices", way, file, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* @way: from the root to the device, with a bridge before each '/'; @driver: (nullable). */
static inline void
pci_device (const char *folder, const char *way, const char *class, const char *driver)
{
  g_autofree char *real = g_build_filename (folder, "devices", way, NULL);
  g_autofree char *bus = g_build_filename (folder, "bus", NULL);
  g_autofree char *name = g_path_get_basename (way);
  g_autofree char *link = g_build_filename (bus, name, NULL);
  g_autofree char *target = g_strdup_printf ("../devices/%s", way);

  g_assert_cmpint (g_mkdir_with_parents (real, 0755), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (bus, 0755), ==, 0);
  g_assert_cmpint (symlink (target, link), ==, 0);
  pci_put (folder, way, "class", class);
  if (driver != NULL) {
    g_autofree char *drivers = g_build_filename (real, "driver", NULL);
    g_autofree char *to = g_strdup_printf ("../../../../bus/pci/drivers/%s", driver);

    g_assert_cmpint (symlink (to, drivers), ==, 0);
  }
}

static inline void
pci_remove (const char *folder)
{
  const char *const argv[] = {"rm", "-rf", folder, NULL};

  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
}
