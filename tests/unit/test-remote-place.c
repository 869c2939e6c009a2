/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-remote-place.h"
#include "testconfig.h"

#include <string.h>

static const QfuRemote download = {.id = (char *)"vendor",
                                   .url = (char *)"https://vendor.example/a/vendor.xml.zst",
                                   .kind = QFU_REMOTE_KIND_DOWNLOAD,
                                   .download = TRUE};

static void
assert_trouble (const QfuRemote *remote, const char *trouble)
{
  const char *said = qfu_remote_trouble (remote);

  if (trouble == NULL)
    g_assert_cmpstr (said, ==, NULL);
  else
    g_assert_nonnull (strstr (said, trouble));
}

/* What would have to be given to the UpdateVM is not used at all. */
static void
test_password (void)
{
  QfuRemote remote = download;

  g_assert_true (qfu_remote_has_metadata (&remote));
  assert_trouble (&remote, NULL);
  remote.password = TRUE;
  g_assert_false (qfu_remote_has_metadata (&remote));
  assert_trouble (&remote, "it wants a password");
}

static void
test_local (void)
{
  g_autofree char *directory = test_directory ();
  g_autofree char *path = g_build_filename (directory, "vendor.xml.zst", NULL);
  g_autofree char *jcat = g_strconcat (path, ".jcat", NULL);
  QfuRemote remote = {.id = (char *)"vendor", .path = path, .kind = QFU_REMOTE_KIND_LOCAL};

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_false (qfu_remote_has_metadata (&remote));
  assert_trouble (&remote, "no signature");
  g_assert_true (g_file_set_contents (jcat, "", 0, NULL));
  g_assert_true (qfu_remote_has_metadata (&remote));
  assert_trouble (&remote, NULL);
  remote.password = TRUE; /* nobody is asked for a file of this machine */
  g_assert_true (qfu_remote_has_metadata (&remote));
  assert_trouble (&remote, NULL);
  test_directory_remove (directory);
}

static void
test_others (void)
{
  const QfuRemote directory = {.path = (char *)"/usr/share", .kind = QFU_REMOTE_KIND_DIRECTORY};
  const QfuRemote unknown = {.kind = QFU_REMOTE_KIND_UNKNOWN};

  g_assert_false (qfu_remote_has_metadata (&directory));
  assert_trouble (&directory, NULL);
  g_assert_false (qfu_remote_has_metadata (&unknown));
  assert_trouble (&unknown, "neither an https nor a file address");
}

static void
test_file_name (void)
{
  static const char *const unfit[] = {"https://vendor.example/", "https://vendor.example/.xml",
                                      "https://vendor.example/a%20b.xml", "vendor.xml", NULL};
  g_autoptr (GError) error = NULL;
  g_autofree char *name = qfu_remote_file_name (&download, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, "vendor.xml.zst");
  for (gsize i = 0; i < G_N_ELEMENTS (unfit); i++) {
    QfuRemote remote = download;
    g_autoptr (GError) local = NULL;

    remote.url = (char *)unfit[i];
    g_assert_null (qfu_remote_file_name (&remote, &local));
    g_assert_error (local, QFU_ERROR, QFU_ERROR_USAGE);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/remote-place/password", test_password);
  g_test_add_func ("/remote-place/local", test_local);
  g_test_add_func ("/remote-place/others", test_others);
  g_test_add_func ("/remote-place/file-name", test_file_name);
  return g_test_run ();
}
