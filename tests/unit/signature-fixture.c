/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "signature-fixture.h"

#include <string.h>

void
signature_set_up (SignatureFixture *f, gconstpointer unused)
{
  g_autofree char *pem = NULL;

  f->directory = test_directory ();
  f->config = test_config (f->directory, G_STRINGIFY (TEST_WORKER_UID));
  f->authority = pki_new ("Authority", NULL, &pki_authority);
  f->leaf = pki_new ("Leaf", f->authority, &pki_leaf);
  f->bytes = g_bytes_new_static ("firmware", 8);
  f->data = test_blob ("firmware", 8);
  f->now = g_get_real_time () / G_USEC_PER_SEC;
  pem = pki_pem (f->authority);
  f->keys = test_blob (pem, strlen (pem));
}

void
signature_tear_down (SignatureFixture *f, gconstpointer unused)
{
  qfu_config_free (f->config);
  pki_free (f->authority);
  pki_free (f->leaf);
  g_bytes_unref (f->bytes);
  qfu_untrusted_blob_free (f->data);
  qfu_untrusted_blob_free (f->keys);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

char *
signature_checksum (guint kind, GChecksumType type, GBytes *bytes)
{
  g_autofree char *hex = g_compute_checksum_for_bytes (type, bytes);
  g_autoptr (GBytes) text = g_bytes_new (hex, strlen (hex));

  return pki_json_blob (kind, text);
}

QfuJcat *
signature_read_jcat (const SignatureFixture *f, GBytes *gzip)
{
  gsize size;
  const void *data = g_bytes_get_data (gzip, &size);
  g_autoptr (QfuUntrustedBlob) blob = test_blob (data, size);
  g_autoptr (GError) error = NULL;
  QfuJcat *jcat = qfu_jcat_read (f->config, blob, &error);

  g_assert_no_error (error);
  return jcat;
}

/* A jcat file with one item "a-1", alias "a", and these blobs. */
QfuJcat *
signature_jcat (const SignatureFixture *f, const char *first, const char *second, const char *third)
{
  g_autofree char *json = g_strdup_printf (
      SIGNATURE_HEAD "{\"Id\":\"a-1\",\"AliasIds\":[\"a\"],\"Blobs\":[%s%s%s%s%s]}" SIGNATURE_TAIL,
      first != NULL ? first : "", second != NULL ? "," : "", second != NULL ? second : "",
      third != NULL ? "," : "", third != NULL ? third : "");
  g_autoptr (GBytes) gzip = pki_gzip (json, strlen (json));

  return signature_read_jcat (f, gzip);
}

QfuSignature *
signature_verify (const SignatureFixture *f, const QfuJcat *jcat, const char *name, GError **error)
{
  const QfuSignaturePolicy policy = {f->keys, QFU_SIGNATURE_VALID_NOW, f->now};

  return qfu_signature_verify (f->config, jcat, name, f->data, &policy, error);
}

void
signature_expect (
    const SignatureFixture *f, QfuJcat *jcat, const char *name, QfuError code, const char *why)
{
  g_autoptr (QfuJcat) owned = jcat;
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuSignature) signature = signature_verify (f, owned, name, &error);

  g_assert_null (signature);
  g_assert_error (error, QFU_ERROR, (int)code);
  if (strstr (error->message, why) == NULL)
    g_error ("%s: no \"%s\" in it", error->message, why);
}

void
signature_expect_good (const SignatureFixture *f, QfuJcat *jcat)
{
  g_autoptr (QfuJcat) owned = jcat;
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuSignature) signature = signature_verify (f, owned, "a", &error);

  g_assert_no_error (error);
  g_assert_nonnull (signature);
}
