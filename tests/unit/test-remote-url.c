/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-remote-url.h"

#include "qfu-error.h"
#include "qfu-fwupd-calls.h"
#include "testconfig.h"

#include <string.h>

/* as in QfuRemote, without a title */
static const struct {
  const char *id, *url;
  gboolean enabled, download;
} remotes[] = {
    {"lvfs", "https://cdn.fwupd.org/downloads/firmware.xml.zst", TRUE, TRUE},
    {"lvfs-testing", "https://cdn.fwupd.org/downloads/firmware-testing.xml.zst", FALSE, TRUE},
    {"vendor", "https://vendor.example/metadata.xml.xz", TRUE, TRUE},
    {"folder", "file:///usr/share/vendor/metadata.xml.xz", TRUE, FALSE},
    {"none", NULL, TRUE, TRUE},
    {"copy", "https://cdn.fwupd.org/downloads/copy.xml.xz", TRUE, TRUE},
};

static char *
find (const char *url, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_remote_free);

  for (gsize i = 0; i < G_N_ELEMENTS (remotes); i++) {
    QfuRemote *remote = g_new0 (QfuRemote, 1);

    remote->id = g_strdup (remotes[i].id);
    remote->url = g_strdup (remotes[i].url);
    remote->enabled = remotes[i].enabled;
    remote->download = remotes[i].download;
    g_ptr_array_add (all, remote);
  }
  return g_strdup (qfu_remote_of_url (all, url, error));
}

static void
test_found (void)
{
  const char *const rows[][2] = {
      {"https://cdn.fwupd.org/downloads/firmware.xml.zst", "lvfs"},
      {"https://fwupd.org/downloads/firmware.xml.xz", "lvfs"},
      {"https://fwupd.org/downloads/firmware.xml.gz", "lvfs"},
      {"https://vendor.example/metadata.xml.xz", "vendor"},
      {"https://cdn.fwupd.org/downloads/copy.xml.xz", "copy"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *id = find (rows[i][0], &error);

    g_assert_no_error (error);
    g_assert_cmpstr (id, ==, rows[i][1]);
  }
}

/* Nothing is found by a part of its address, and nothing that fwupd would not take. */
static void
test_not_found (void)
{
  const char *const rows[][2] = {
      {"https://fwupd.org/downloads/firmware-testing.xml.gz", "enable-remote lvfs-testing"},
      {"https://vendor.example/metadata.xml.gz", "no remote"},
      {"https://vendor.example/", "no remote"},
      {"file:///usr/share/vendor/metadata.xml.xz", "no remote"},
      {"https://fwupd.org/downloads/copy.xml.gz", "no remote"},
      {"https://fwupd.org/downloads/firmware", "no remote"},
      {"https://fwupd.org/downloads/firmware-1.xml.xz", "no remote"},
      {"https://fwupd.org/downloads/", "no remote"},
      {"https://fwupd.org.example/downloads/firmware.xml.xz", "no remote"},
      {"http://fwupd.org/downloads/firmware.xml.xz", "no remote"},
      {"", "no remote"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (find (rows[i][0], &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
    g_assert_nonnull (strstr (error->message, rows[i][1]));
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/remote-url/found", test_found);
  g_test_add_func ("/remote-url/not-found", test_not_found);
  return g_test_run ();
}
