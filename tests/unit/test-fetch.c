/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-fetch.h"

#include "qfu-cache.h"
#include "qfu-error.h"

#include <glib/gstdio.h>

#include "peer.h"
#include "testconfig.h"

#define SIZE 1000

static QfuConfig config = {
    .transport = (char *)"exec",
    .connect_seconds = 60,
    .first_byte_seconds = 60,
    .idle_seconds = 60,
    .total_seconds = 120,
};
static QfuUntrustedBlob *whole;
static char *hex;
static char *cab_name;

static QfuUntrustedBlob *
content (guint64 size, guint8 shift)
{
  g_autoptr (QfuBlobBuilder) builder = qfu_blob_builder_new (size, NULL);

  for (guint64 i = 0; i < size; i++) {
    guint8 byte = (guint8)(i % 251 + shift);
    g_assert_true (qfu_blob_builder_append (builder, &byte, 1, NULL));
  }
  return qfu_blob_builder_finish (g_steal_pointer (&builder), NULL);
}

static QfuUntrustedBlob *
fetch (const char *script, GError **error)
{
  QfuFetch cab = {.kind = QFU_FETCH_CAB,
                  .url = "https://mirror.example/x.cab",
                  .maximum = SIZE,
                  .sha256 = qfu_untrusted_blob_sha256 (whole)};
  QfuUntrustedBlob *blob;

  config.command = g_strdup_printf ("%s %s", peer_path (), script);
  blob = qfu_fetch_cab (&config, &cab, NULL, NULL, error);
  g_clear_pointer (&config.command, g_free);
  return blob;
}

static void
expect_cab (const char *script)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) blob = fetch (script, &error);

  g_assert_no_error (error);
  g_assert_true (qfu_untrusted_blob_equal_range (whole, 0, blob, 0, SIZE));
}

static void
expect_error (const char *script, QfuError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) blob = fetch (script, &error);

  g_assert_null (blob);
  g_assert_error (error, QFU_ERROR, (int)code);
}

/* Size of what is kept of a cut transfer, 0 for nothing. */
static guint64
partial_size (void)
{
  g_autoptr (QfuUntrustedBlob) blob = qfu_cache_load (&config, "partial", hex, SIZE, NULL);

  return blob == NULL ? 0 : qfu_untrusted_blob_size (blob);
}

static void
forget (void)
{
  g_assert_true (qfu_cache_remove (&config, "cabs", cab_name, NULL));
  g_assert_true (qfu_cache_remove (&config, "partial", hex, NULL));
}

static void
test_cached (void)
{
  g_autoptr (QfuUntrustedBlob) spoilt = content (SIZE, 1);
  g_autoptr (QfuUntrustedBlob) longer = content (SIZE + 1, 0);

  expect_cab ("request hello size:1000 data:1000 end:1000");
  expect_cab ("exit:99"); /* nobody is asked */
  g_assert_true (qfu_cache_store (&config, "cabs", cab_name, spoilt, NULL));
  expect_error ("exit:127", QFU_ERROR_UNREACHABLE); /* hashed before it is used again */
  expect_cab ("request hello size:1000 data:1000 end:1000");
  g_assert_true (qfu_cache_store (&config, "cabs", cab_name, longer, NULL));
  expect_error ("exit:127", QFU_ERROR_UNREACHABLE);
  forget ();
}

static void
test_resume (void)
{
  expect_error ("request hello size:1000 data:400 exit:255", QFU_ERROR_UNREACHABLE);
  g_assert_cmpuint (partial_size (), ==, 400);
  expect_error ("request hello resume:1000,400 data:200 exit:255", QFU_ERROR_UNREACHABLE);
  g_assert_cmpuint (partial_size (), ==, 600);
  expect_error ("exit:127", QFU_ERROR_UNREACHABLE);
  g_assert_cmpuint (partial_size (), ==, 600);
  expect_cab ("request hello resume:1000,600 data:400 end:1000");
  g_assert_cmpuint (partial_size (), ==, 0);
  forget ();
}

/* A server that cannot resume sends all of it. */
static void
test_resume_refused (void)
{
  expect_error ("request hello size:1000 data:400 exit:255", QFU_ERROR_UNREACHABLE);
  expect_cab ("request hello size:1000 data:1000 end:1000");
  g_assert_cmpuint (partial_size (), ==, 0);
  forget ();
}

/* The part was not of this file: it is thrown away, and the next attempt starts at the beginning.
 * The peer plays the same script twice, and the second time nobody asked for an offset. */
static void
test_wrong_part (void)
{
  g_autoptr (QfuUntrustedBlob) wrong = content (400, 7);

  g_assert_true (qfu_cache_store (&config, "partial", hex, wrong, NULL));
  expect_error ("request hello resume:1000,400 data:600 end:1000", QFU_ERROR_PROTOCOL);
  g_assert_cmpuint (partial_size (), ==, 0);
  expect_cab ("request hello size:1000 data:1000 end:1000");
  forget ();
}

static void
test_wrong_file (void)
{
  expect_error ("request hello size:999 data:999 end:999", QFU_ERROR_MISMATCH);
  expect_error ("request hello size:1001 data:1001 end:1001", QFU_ERROR_LIMIT);
  g_assert_cmpuint (partial_size (), ==, 0);
  forget ();
}

int
main (int argc, char **argv)
{
  static const char *const folders[] = {"cabs", "partial"};
  int result;

  test_init (&argc, &argv);
  config.cache = g_dir_make_tmp ("qfu-fetch-XXXXXX", NULL);
  whole = content (SIZE, 0);
  hex = qfu_digest_to_hex (qfu_untrusted_blob_sha256 (whole));
  cab_name = g_strdup_printf ("%s.cab", hex);
  g_test_add_func ("/fetch/cached", test_cached);
  g_test_add_func ("/fetch/resume", test_resume);
  g_test_add_func ("/fetch/resume-refused", test_resume_refused);
  g_test_add_func ("/fetch/wrong-part", test_wrong_part);
  g_test_add_func ("/fetch/wrong-file", test_wrong_file);
  result = g_test_run ();
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *path = g_build_filename (config.cache, folders[i], NULL);
    g_assert_cmpint (g_rmdir (path), ==, 0);
  }
  g_assert_cmpint (g_rmdir (config.cache), ==, 0);
  g_free (config.cache);
  qfu_untrusted_blob_free (whole);
  g_free (hex);
  g_free (cab_name);
  return result;
}
