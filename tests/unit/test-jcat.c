/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki.h"
#include "qfu-error.h"
#include "qfu-jcat.h"
#include "testconfig.h"

#include <string.h>

typedef TestHome Fixture;

static QfuJcat *
read_bytes (const Fixture *f, GBytes *bytes, GError **error)
{
  g_autoptr (QfuUntrustedBlob) blob =
      test_blob (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  return qfu_jcat_read (f->config, blob, error);
}

/* What is written can be read, and nothing else is in it. */
static void
test_rebuild (Fixture *f, gconstpointer unused)
{
  static const char *const aliases[] = {"a", "b", NULL};
  g_autoptr (GBytes) pkcs7 = g_bytes_new_static ("-----BEGIN\n\"x\"\\\n", 16);
  g_autoptr (GBytes) gzip = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuJcat) jcat = NULL;
  g_autofree char *hex = NULL;
  const QfuJcatItem *item;
  const QfuJcatBlob *blobs;
  QfuDigest digest;

  qfu_digest_compute (QFU_HASH_SHA256, "x", 1, &digest);
  hex = qfu_digest_to_hex (&digest);
  gzip = qfu_jcat_rebuild ("a-1", aliases, &digest, pkcs7);
  jcat = read_bytes (f, gzip, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (qfu_jcat_size (jcat), ==, 1);
  item = qfu_jcat_item (jcat, 0);
  blobs = (const QfuJcatBlob *)(gconstpointer)item->blobs->data;
  g_assert_cmpstr (item->id, ==, "a-1");
  g_assert_cmpuint (g_strv_length (item->aliases), ==, 2);
  g_assert_true (qfu_jcat_item_is (item, "a-1"));
  g_assert_true (qfu_jcat_item_is (item, "b"));
  g_assert_false (qfu_jcat_item_is (item, "a-"));
  g_assert_cmpuint (item->blobs->len, ==, 2);
  g_assert_cmpuint (blobs[0].kind, ==, QFU_JCAT_SHA256);
  g_assert_cmpmem (g_bytes_get_data (blobs[0].data, NULL), g_bytes_get_size (blobs[0].data), hex,
                   strlen (hex));
  g_assert_cmpuint (blobs[1].kind, ==, QFU_JCAT_PKCS7);
  g_assert_true (g_bytes_equal (blobs[1].data, pkcs7));
}

/* The text that crashes json-glib, through the real worker. */
static void
test_nested (Fixture *f, gconstpointer unused)
{
  g_autofree char *text = g_strnfill (200000, '[');
  g_autoptr (GBytes) gzip = pki_gzip (text, 200000);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuJcat) jcat = read_bytes (f, gzip, &error);

  g_assert_cmpuint (g_bytes_get_size (gzip), <, 500);
  g_assert_null (jcat);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

/* Each item of a file's name keeps up to 16 workers busy: 64 of them would be a thousand. */
static void
test_namesakes (Fixture *f, gconstpointer unused)
{
  for (guint n = QFU_JCAT_NAMESAKES_MAX; n <= QFU_JCAT_NAMESAKES_MAX + 1; n++) {
    g_autoptr (GString) json = g_string_new ("{\"Items\":[{\"Id\":\"other\"},{\"Id\":\"a\"}");
    g_autoptr (GBytes) gzip = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuJcat) jcat = NULL;

    for (guint i = 1; i < n; i++)
      g_string_append_printf (json, ",{\"Id\":\"%u\",\"AliasIds\":[\"x%u\",\"a\"]}", i, i);
    g_string_append (json, "]}");
    gzip = pki_gzip (json->str, json->len);
    jcat = read_bytes (f, gzip, &error);
    g_assert_true ((jcat != NULL) == (n == QFU_JCAT_NAMESAKES_MAX));
    if (jcat == NULL)
      g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_home_add ("/jcat/rebuild", test_rebuild);
  test_home_add ("/jcat/nested", test_nested);
  test_home_add ("/jcat/namesakes", test_namesakes);
  return g_test_run ();
}
