/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Metadata signed with jcat-tool, verified here; a jcat file written here, verified with jcat-tool.
 */
#include "pki.h"
#include "qfu-error.h"
#include "qfu-metadata.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <gnutls/x509.h>
#include <string.h>

#define FILE_NAME "firmware.xml.zst"
#define VERSIONED "firmware-00001-stable.xml.zst"
#define METADATA "<components/>"

typedef struct {
  char *directory;
  QfuConfig *config;
  Pki *authority;
  Pki *leaf;
} Fixture;

static char *
path_of (const Fixture *f, const char *name)
{
  return g_build_filename (f->directory, name, NULL);
}

static void
put (const Fixture *f, const char *name, const void *data, gsize size)
{
  g_autofree char *path = path_of (f, name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, data, (gssize)size, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_autofree char *keys = NULL;
  g_autofree char *authority_pem = NULL;
  g_autofree char *leaf_pem = NULL;
  gnutls_datum_t key;

  f->directory = test_directory ();
  f->config = test_config (f->directory, G_STRINGIFY (TEST_WORKER_UID));
  keys = path_of (f, "metadata-keys");
  g_assert_cmpint (g_mkdir (keys, 0755), ==, 0);
  f->authority = pki_new ("Authority", NULL, &pki_authority);
  f->leaf = pki_new ("Leaf", f->authority, &pki_leaf);
  authority_pem = pki_pem (f->authority);
  leaf_pem = pki_pem (f->leaf);
  put (f, "metadata-keys/authority.pem", authority_pem, strlen (authority_pem));
  put (f, "leaf.pem", leaf_pem, strlen (leaf_pem));
  put (f, VERSIONED, METADATA, strlen (METADATA));
  g_assert_cmpint (gnutls_x509_privkey_export2_pkcs8 (f->leaf->x509_key, GNUTLS_X509_FMT_PEM, NULL,
                                                      GNUTLS_PKCS_PLAIN, &key),
                   ==, 0);
  put (f, "leaf.key", key.data, key.size);
  gnutls_free (key.data);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  qfu_config_free (f->config);
  pki_free (f->authority);
  pki_free (f->leaf);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

/* Runs jcat-tool in the fixture's directory; (transfer full): what it printed. */
static char *
jcat_tool (const Fixture *f, const char *arguments)
{
  g_autofree char *line =
      g_strdup_printf ("jcat-tool --keyring %s/keyring %s", f->directory, arguments);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  char *out = NULL;
  int status;

  g_assert_true (g_shell_parse_argv (line, NULL, &argv, &error));
  g_assert_true (g_spawn_sync (f->directory, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
                               NULL, &status, &error));
  g_assert_no_error (error);
  g_test_message ("%s: %s", line, out);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  return out;
}

static gboolean
have_jcat_tool (void)
{
  g_autofree char *path = g_find_program_in_path ("jcat-tool");

  if (path == NULL)
    g_test_skip ("no jcat-tool");
  return path != NULL;
}

static QfuUntrustedBlob *
load (const Fixture *f, const char *name)
{
  g_autofree char *path = path_of (f, name);
  g_autoptr (GError) error = NULL;
  QfuUntrustedBlob *blob = qfu_untrusted_blob_load (path, 1 << 20, FALSE, &error);

  g_assert_no_error (error);
  return blob;
}

static QfuSignedMetadata *
verify (const Fixture *f,
        const QfuUntrustedBlob *jcat,
        const QfuUntrustedBlob *data,
        const char *name,
        GError **error)
{
  const QfuMetadataWanted wanted = {"test", name, g_get_real_time () / G_USEC_PER_SEC};

  return qfu_metadata_verify (f->config, &wanted, jcat, data, error);
}

static QfuUntrustedBlob *
sign_with_tool (const Fixture *f)
{
  g_free (jcat_tool (f, "self-sign test.jcat " VERSIONED " --kind sha256"));
  g_free (jcat_tool (f, "sign test.jcat " VERSIONED " leaf.pem leaf.key"));
  g_free (jcat_tool (f, "add-alias test.jcat " VERSIONED " " FILE_NAME));
  return load (f, "test.jcat");
}

static void
test_good (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuUntrustedBlob) jcat = NULL;
  g_autoptr (QfuUntrustedBlob) data = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autoptr (QfuSignedMetadata) metadata = NULL;
  g_autoptr (GBytes) rebuilt = NULL;
  g_autofree char *report = NULL;
  g_autofree char *info = NULL;

  if (!have_jcat_tool ())
    return;
  jcat = sign_with_tool (f);
  data = load (f, VERSIONED);
  name = qfu_metadata_list_item (f->config, jcat, FILE_NAME, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, VERSIONED);
  metadata = verify (f, jcat, data, FILE_NAME, &error);
  g_assert_no_error (error);
  g_assert_true (
      qfu_digest_equal (qfu_untrusted_blob_sha256 (data),
                        qfu_untrusted_blob_sha256 (qfu_signed_metadata_blob (metadata))));
  g_assert_cmpint (qfu_signature_time (qfu_signed_metadata_signature (metadata)), >, PKI_LONG_AGO);

  /* what fwupd will get */
  rebuilt = qfu_signed_metadata_jcat (metadata);
  put (f, "rebuilt.jcat", g_bytes_get_data (rebuilt, NULL), g_bytes_get_size (rebuilt));
  info = jcat_tool (f, "info rebuilt.jcat");
  g_assert_nonnull (strstr (info, VERSIONED));
  g_assert_nonnull (strstr (info, FILE_NAME));
  report = jcat_tool (f, "verify rebuilt.jcat --public-keys metadata-keys");
  g_assert_nonnull (strstr (report, "PASSED sha256"));
  g_assert_nonnull (strstr (report, "PASSED pkcs7: "));
  g_assert_null (strstr (report, "FAILED"));
}

/* A jcat file that lists the metadata under @id with the alias FILE_NAME, properly signed. */
static QfuUntrustedBlob *
sign_as (const Fixture *f, const Pki *leaf, const char *id, unsigned flags)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (METADATA, strlen (METADATA));
  g_autoptr (GBytes) pkcs7 =
      pki_sign (leaf, bytes, PKI_NOW, GNUTLS_DIG_SHA256, flags, GNUTLS_X509_FMT_PEM);
  g_autofree char *hex = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  g_autoptr (GBytes) hex_bytes = g_bytes_new (hex, strlen (hex));
  g_autofree char *sum_blob = pki_json_blob (1, hex_bytes);
  g_autofree char *signature_blob = pki_json_blob (3, pkcs7);
  g_autofree char *escaped = g_strescape (id, NULL);
  g_autofree char *json = g_strdup_printf ("{\"JcatVersionMajor\":0,\"JcatVersionMinor\":1,"
                                           "\"Items\":[{\"Id\":\"%s\",\"AliasIds\":[\"%s\"]"
                                           ",\"Blobs\":[%s,%s]}]}",
                                           escaped, FILE_NAME, sum_blob, signature_blob);
  g_autoptr (GBytes) gzip = pki_gzip (json, strlen (json));

  return test_blob (g_bytes_get_data (gzip, NULL), g_bytes_get_size (gzip));
}

static void
expect_error (const Fixture *f, QfuUntrustedBlob *jcat, const char *text, QfuError code)
{
  g_autoptr (QfuUntrustedBlob) owned = jcat;
  g_autoptr (QfuUntrustedBlob) data = test_blob (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuSignedMetadata) metadata = verify (f, owned, data, FILE_NAME, &error);

  g_assert_null (metadata);
  g_assert_error (error, QFU_ERROR, (int)code);
  g_test_message ("%s", error->message);
}

static void
test_bad (Fixture *f, gconstpointer unused)
{
  const unsigned usual = 4 | 2; /* certificate and time */
  g_autoptr (Pki) other = pki_new ("Other", NULL, &pki_authority);
  g_autoptr (Pki) of_other = pki_new ("Leaf", other, &pki_leaf);
  g_autofree char *keys = path_of (f, "metadata-keys/authority.pem");

  expect_error (f, sign_as (f, f->leaf, VERSIONED, usual), METADATA " ", QFU_ERROR_MISMATCH);
  expect_error (f, sign_as (f, of_other, VERSIONED, usual), METADATA, QFU_ERROR_SIGNATURE);
  expect_error (f, sign_as (f, f->leaf, VERSIONED, 4), METADATA, QFU_ERROR_SIGNATURE);
  expect_error (f, sign_as (f, f->leaf, "../x", usual), METADATA, QFU_ERROR_SIGNATURE);
  expect_error (f, test_blob ("garbage", 7), METADATA, QFU_ERROR_FORMAT);
  g_assert_cmpint (g_unlink (keys), ==, 0);
  expect_error (f, sign_as (f, f->leaf, VERSIONED, usual), METADATA, QFU_ERROR_NOT_FOUND);
}

static void
test_names (Fixture *f, gconstpointer unused)
{
  g_autofree char *longest = g_strnfill (128, 'a');
  g_autofree char *too_long = g_strnfill (129, 'a');
  const char *const good[] = {VERSIONED, FILE_NAME, "a", "...", longest};
  const char *const bad[] = {"",      ".",        "..",   "a/b",       "/a", "a b", "a\nb",
                             "a%2fb", "\033[31m", "a\\b", "\303\251a", "a:", "a?b", too_long};

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (QfuUntrustedBlob) jcat = sign_as (f, f->leaf, good[i], 4 | 2);
    g_autoptr (GError) error = NULL;
    g_autofree char *name = qfu_metadata_list_item (f->config, jcat, FILE_NAME, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (name, ==, good[i]);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (QfuUntrustedBlob) jcat = sign_as (f, f->leaf, bad[i], 4 | 2);
    g_autoptr (GError) error = NULL;
    g_autofree char *name = qfu_metadata_list_item (f->config, jcat, FILE_NAME, &error);

    g_assert_null (name);
    g_assert_nonnull (error);
  }
}

/* fwupd takes PEM alone; a signature in DER is armoured for it. */
static void
test_der (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (METADATA, strlen (METADATA));
  g_autoptr (GBytes) der =
      pki_sign (f->leaf, bytes, PKI_NOW, GNUTLS_DIG_SHA256, 4 | 2, GNUTLS_X509_FMT_DER);
  QfuDigest digest;
  g_autoptr (GBytes) rebuilt = NULL;
  g_autofree char *report = NULL;

  if (!have_jcat_tool ())
    return;
  qfu_digest_compute (QFU_HASH_SHA256, METADATA, strlen (METADATA), &digest);
  rebuilt = qfu_jcat_rebuild (VERSIONED, NULL, &digest, der);
  put (f, "rebuilt.jcat", g_bytes_get_data (rebuilt, NULL), g_bytes_get_size (rebuilt));
  report = jcat_tool (f, "verify rebuilt.jcat --public-keys metadata-keys");
  g_assert_nonnull (strstr (report, "PASSED pkcs7: "));
}

/* A remote's own authorities count instead of the common ones, and for it alone. */
static void
test_keys_of_remote (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuUntrustedBlob) jcat = sign_as (f, f->leaf, VERSIONED, 4 | 2);
  g_autoptr (QfuUntrustedBlob) data = test_blob (METADATA, strlen (METADATA));
  g_autoptr (Pki) other = pki_new ("Other", NULL, &pki_authority);
  g_autofree char *pem = pki_pem (other);
  g_autofree char *keys = path_of (f, "other-keys");
  g_autofree char *file = path_of (f, "other-keys/other.pem");
  g_autoptr (QfuRemoteGroup) group = qfu_remote_group_new ("Remote own", NULL);
  g_autoptr (GError) error = NULL;
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const QfuMetadataWanted own = {"own", FILE_NAME, now};
  const QfuMetadataWanted common = {"common", FILE_NAME, now};
  g_autoptr (QfuSignedMetadata) metadata = NULL;

  g_assert_cmpint (g_mkdir (keys, 0755), ==, 0);
  g_assert_true (g_file_set_contents (file, pem, -1, NULL));
  g_assert_true (qfu_remote_group_set (group, "MetadataKeys", keys, NULL));
  g_hash_table_insert (f->config->remotes, g_strdup ("own"), g_steal_pointer (&group));
  g_assert_null (qfu_metadata_verify (f->config, &own, jcat, data, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE);
  g_clear_error (&error);
  metadata = qfu_metadata_verify (f->config, &common, jcat, data, &error);
  g_assert_no_error (error);
  g_assert_nonnull (metadata);
}

/* A properly signed file of another name is another file. */
static void
test_other_file (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuUntrustedBlob) jcat = sign_as (f, f->leaf, VERSIONED, 4 | 2);
  g_autoptr (QfuUntrustedBlob) data = test_blob (METADATA, strlen (METADATA));
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) list_error = NULL;

  g_assert_null (verify (f, jcat, data, "testing.xml.zst", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  g_assert_null (qfu_metadata_list_item (f->config, jcat, "testing.xml.zst", &list_error));
  g_assert_error (list_error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/metadata/good", Fixture, NULL, set_up, test_good, tear_down);
  g_test_add ("/metadata/bad", Fixture, NULL, set_up, test_bad, tear_down);
  g_test_add ("/metadata/der", Fixture, NULL, set_up, test_der, tear_down);
  g_test_add ("/metadata/names", Fixture, NULL, set_up, test_names, tear_down);
  g_test_add ("/metadata/keys-of-remote", Fixture, NULL, set_up, test_keys_of_remote, tear_down);
  g_test_add ("/metadata/other-file", Fixture, NULL, set_up, test_other_file, tear_down);
  return g_test_run ();
}
