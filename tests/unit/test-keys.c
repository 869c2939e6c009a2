/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-keys.h"
#include "testconfig.h"

#include <string.h>

#define BEGIN "-----BEGIN CERTIFICATE-----\n"

static void
put (const char *directory, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
expect (const char *directory, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) keys = qfu_keys_load (directory, &error);
  QfuDigest expected;

  g_assert_no_error (error);
  qfu_digest_compute (QFU_HASH_SHA256, text, strlen (text), &expected);
  g_assert_cmpuint (qfu_untrusted_blob_size (keys), ==, strlen (text));
  g_assert_true (qfu_digest_equal (&expected, qfu_untrusted_blob_sha256 (keys)));
}

static void
expect_error (const char *directory, QfuError code, const char *names)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) keys = qfu_keys_load (directory, &error);

  g_assert_null (keys);
  g_assert_error (error, QFU_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, names));
}

static void
test_order (void)
{
  g_autofree char *directory = test_directory ();

  put (directory, "b.pem", BEGIN "b");
  put (directory, "a.crt", BEGIN "a\n");
  put (directory, "GPG-KEY-of-somebody", "no certificate");
  put (directory, "c.pem.old", BEGIN "c");
  expect (directory, BEGIN "a\n\n" BEGIN "b\n");
  test_directory_remove (directory);
}

static void
test_none (void)
{
  g_autofree char *directory = test_directory ();

  put (directory, "GPG-KEY-of-somebody", "no certificate");
  expect_error (directory, QFU_ERROR_NOT_FOUND, directory);
  test_directory_remove (directory);
  expect_error (directory, QFU_ERROR_NOT_FOUND, directory);
}

static void
test_no_certificate (void)
{
  g_autofree char *directory = test_directory ();

  put (directory, "a.pem", BEGIN);
  put (directory, "der.crt", "\x30\x82");
  expect_error (directory, QFU_ERROR_FORMAT, "der.crt");
  test_directory_remove (directory);
}

static void
test_limits (void)
{
  g_autofree char *directory = test_directory ();
  g_autofree char *filler = g_strnfill (QFU_KEYS_SIZE_MAX - strlen (BEGIN) - 1, '\n');
  g_autofree char *at = g_strconcat (BEGIN, filler, NULL);
  g_autofree char *at_newline = g_strconcat (at, "\n", NULL);

  put (directory, "a.pem", at);
  expect (directory, at_newline);
  put (directory, "a.pem", at_newline);
  expect_error (directory, QFU_ERROR_LIMIT, "a.pem");
  put (directory, "a.pem", BEGIN);
  for (guint i = 1; i <= QFU_KEYS_FILES_MAX; i++) {
    g_autofree char *name = g_strdup_printf ("%u.pem", i);
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuUntrustedBlob) keys = qfu_keys_load (directory, &error);

    g_assert_no_error (error);
    g_assert_nonnull (keys);
    put (directory, name, BEGIN);
  }
  expect_error (directory, QFU_ERROR_LIMIT, directory);
  test_directory_remove (directory);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/keys/order", test_order);
  g_test_add_func ("/keys/none", test_none);
  g_test_add_func ("/keys/no-certificate", test_no_certificate);
  g_test_add_func ("/keys/limits", test_limits);
  return g_test_run ();
}
