/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-directory.h"

#include "qfu-error.h"
#include "qfu-limits.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "testconfig.h"

typedef struct {
  char *directory;
  char *folder;
  GPtrArray *remotes; /* one that is enabled, in @folder; the array does not own it */
  QfuRemote remote;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->directory = test_directory ();
  fixture->folder = g_build_filename (fixture->directory, "cabs", NULL);
  g_assert_cmpint (g_mkdir (fixture->folder, 0755), ==, 0);
  fixture->remote = (QfuRemote){.id = (char *)"vendor",
                                .path = fixture->folder,
                                .kind = QFU_REMOTE_KIND_DIRECTORY,
                                .enabled = TRUE};
  fixture->remotes = g_ptr_array_new ();
  g_ptr_array_add (fixture->remotes, &fixture->remote);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_ptr_array_unref (fixture->remotes);
  test_directory_remove (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->folder);
}

static char *
put (const char *folder, const char *name)
{
  char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  return path;
}

static void
test_list (Fixture *fixture, gconstpointer unused)
{
  static const char *const names[] = {"b.cab", "a.cab", ".c.cab", "d.cab.part", "README"};
  g_autoptr (GPtrArray) cabs = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (put (fixture->folder, names[i]));
  cabs = qfu_directory_cabs (&fixture->remote, NULL);
  g_assert_nonnull (cabs);
  g_assert_cmpuint (cabs->len, ==, 2);
  g_assert_true (g_str_has_suffix (g_ptr_array_index (cabs, 0), "/cabs/a.cab"));
  g_assert_true (g_str_has_suffix (g_ptr_array_index (cabs, 1), "/cabs/b.cab"));
}

static void
test_missing (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  fixture->remote.path = (char *)"/nonexistent/folder";
  g_assert_null (qfu_directory_cabs (&fixture->remote, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "vendor"));
}

static void
fill (const Fixture *fixture, guint count)
{
  for (guint i = 0; i < count; i++) {
    g_autofree char *name = g_strdup_printf ("%u.cab", i);

    g_free (put (fixture->folder, name));
  }
}

static void
test_at (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) cabs = NULL;

  fill (fixture, QFU_DIRECTORY_CABS_MAX);
  cabs = qfu_directory_cabs (&fixture->remote, NULL);
  g_assert_cmpuint (cabs->len, ==, QFU_DIRECTORY_CABS_MAX);
}

static void
test_past (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  fill (fixture, QFU_DIRECTORY_CABS_MAX + 1);
  g_assert_null (qfu_directory_cabs (&fixture->remote, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

/* Whose rules count for a file is not a matter of how its path is written. */
static void
test_remote (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *inside = put (fixture->folder, "a.cab");
  g_autofree char *outside = put (fixture->directory, "a.cab");
  g_autofree char *detour =
      g_build_filename (fixture->directory, ".", "cabs", "..", "cabs", "a.cab", NULL);
  g_autofree char *link = g_build_filename (fixture->directory, "link.cab", NULL);
  g_autofree char *missing = g_build_filename (fixture->folder, "b.cab", NULL);

  g_assert_cmpint (symlink (inside, link), ==, 0);
  g_assert_true (qfu_directory_remote (fixture->remotes, inside) == &fixture->remote);
  g_assert_true (qfu_directory_remote (fixture->remotes, detour) == &fixture->remote);
  g_assert_true (qfu_directory_remote (fixture->remotes, link) == &fixture->remote);
  g_assert_null (qfu_directory_remote (fixture->remotes, outside));
  g_assert_null (qfu_directory_remote (fixture->remotes, missing));
  fixture->remote.kind = QFU_REMOTE_KIND_LOCAL;
  g_assert_null (qfu_directory_remote (fixture->remotes, inside));
  fixture->remote.kind = QFU_REMOTE_KIND_DIRECTORY;
  fixture->remote.enabled = FALSE;
  g_assert_null (qfu_directory_remote (fixture->remotes, inside));
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("/directory/list", test_list);
  ADD ("/directory/missing", test_missing);
  ADD ("/directory/cabs-at", test_at);
  ADD ("/directory/cabs-past", test_past);
  ADD ("/directory/remote", test_remote);
  return g_test_run ();
}
