/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-url.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

static void
test_good (void)
{
  static const char *const good[] = {
      "https://a",
      "https://fwupd.org/downloads/firmware.xml.zst.jcat",
      "https://127.0.0.1:8443/x?y=a@b&c=%20",
      "https://[::1]/x",
  };
  g_autofree char *path = g_strnfill (QFU_URL_MAX - 8, 'a');
  g_autofree char *longest = g_strconcat ("https://", path, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GError) error = NULL;
    gboolean ok = qfu_url_check (good[i], &error);

    g_assert_no_error (error);
    g_assert_true (ok);
  }
  g_assert_true (qfu_url_check (longest, NULL));
}

static void
test_bad (void)
{
  static const char *const bad[] = {
      "",
      "https:",
      "https://",
      "https:///x",
      "https://?x",
      "https://:1/",
      "http://a/",
      "HTTPS://a/",
      "file:///etc/passwd",
      "https://user@a/",
      "https://user:secret@a/x",
      "https://a/x#part",
      "https://a/x y",
      "https://a/x\ny",
      "https://a/\x7f",
      "https://a/\xc3\xa9",
      "https://a\\@b/",
      " https://a/",
  };
  g_autofree char *path = g_strnfill (QFU_URL_MAX - 7, 'a');
  g_autofree char *longer = g_strconcat ("https://", path, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (qfu_url_check (bad[i], &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  }
  g_assert_false (qfu_url_check (longer, NULL));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/url/good", test_good);
  g_test_add_func ("/url/bad", test_bad);
  return g_test_run ();
}
