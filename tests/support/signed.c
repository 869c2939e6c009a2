/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "signed.h"

#include "cab.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>

void
signed_keys (const char *directory, const Pki *authority)
{
  g_autofree char *path = g_build_filename (directory, "authority.pem", NULL);
  g_autofree char *pem = pki_pem (authority);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_file_set_contents (path, pem, -1, &error);
  g_assert_no_error (error);
}

GBytes *
signed_jcat (const SignedFile *files, gsize n_files)
{
  g_autoptr (GString) json =
      g_string_new ("{\"JcatVersionMajor\":0,\"JcatVersionMinor\":1,\"Items\":[");

  for (gsize i = 0; i < n_files; i++) {
    g_autofree char *hex = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, files[i].data);
    g_autoptr (GBytes) checksum = g_bytes_new (hex, strlen (hex));
    g_autoptr (GBytes) signature =
        pki_sign (files[i].signer, files[i].data, files[i].signed_at, GNUTLS_DIG_SHA256,
                  GNUTLS_PKCS7_INCLUDE_CERT | GNUTLS_PKCS7_INCLUDE_TIME, GNUTLS_X509_FMT_PEM);
    g_autofree char *first = pki_json_blob (1, checksum);
    g_autofree char *second = pki_json_blob (3, signature);

    g_string_append_printf (json, "%s{\"Id\":\"%s\",\"Blobs\":[%s,%s]}", i > 0 ? "," : "",
                            files[i].name, first, second);
  }
  g_string_append (json, "]}");
  return pki_gzip (json->str, json->len);
}

GBytes *
signed_metainfo (const char *name, GBytes *payload)
{
  g_autofree char *hex = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, payload);
  g_autofree char *xml = g_strdup_printf (
      "<component type=\"firmware\"><id>org.example.%s</id><releases><release version=\"1\">"
      "<checksum type=\"sha256\" target=\"content\" filename=\"rom.bin\">%s</checksum>"
      "</release></releases></component>",
      name, hex);

  return signed_text (xml);
}

QfuUntrustedBlob *
signed_cab (const SignedFile *files, gsize n_files, const SignedFile *in_jcat)
{
  g_autoptr (GBytes) jcat = signed_jcat (in_jcat != NULL ? in_jcat : files, n_files);
  g_autofree CabFile *members = g_new0 (CabFile, n_files + 1);
  g_autoptr (GByteArray) cab = NULL;

  for (gsize i = 0; i < n_files; i++)
    members[i] = (CabFile){files[i].name, g_bytes_get_data (files[i].data, NULL),
                           g_bytes_get_size (files[i].data), 0};
  members[n_files] =
      (CabFile){"firmware.jcat", g_bytes_get_data (jcat, NULL), g_bytes_get_size (jcat), 0};
  cab = cab_build (members, n_files + 1, NULL);
  return test_blob (cab->data, cab->len);
}

QfuUntrustedBlob *
signed_blob (GBytes *data)
{
  return test_blob (g_bytes_get_data (data, NULL), g_bytes_get_size (data));
}

GBytes *
signed_text (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

QfuSignedMetadata *
signed_metadata (const QfuConfig *config, const Pki *leaf, GBytes *gzip, gint64 signed_at)
{
  const SignedFile file = {"firmware.xml.gz", gzip, leaf, signed_at};
  g_autoptr (GBytes) jcat = signed_jcat (&file, 1);
  g_autoptr (QfuUntrustedBlob) jcat_blob = signed_blob (jcat);
  g_autoptr (QfuUntrustedBlob) blob = signed_blob (gzip);
  const QfuMetadataWanted wanted = {"test", "firmware.xml.gz", g_get_real_time () / G_USEC_PER_SEC};
  g_autoptr (GError) error = NULL;
  QfuSignedMetadata *metadata = qfu_metadata_verify (config, &wanted, jcat_blob, blob, &error);

  g_assert_no_error (error);
  return metadata;
}

QfuCatalog *
signed_catalog (const QfuConfig *config, const Pki *leaf, const char *xml, const char *const *guids)
{
  g_autoptr (GBytes) compressed = pki_gzip (xml, strlen (xml));
  g_autoptr (QfuSignedMetadata) metadata = signed_metadata (config, leaf, compressed, PKI_NOW);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuIndex) index = qfu_index_new (config, metadata, &error);
  QfuCatalog *catalog;

  g_assert_no_error (error);
  catalog = qfu_catalog_new (index, guids, &error);
  g_assert_no_error (error);
  return catalog;
}

QfuCatalog *
signed_catalog_of_cab (const QfuConfig *config,
                       const Pki *leaf,
                       const QfuUntrustedBlob *cab,
                       const char *content)
{
  static const char *const guids[] = {SIGNED_GUID, NULL};
  g_autofree char *container = qfu_digest_to_hex (qfu_untrusted_blob_sha256 (cab));
  g_autofree char *checksum =
      content == NULL
          ? g_strdup ("")
          : g_strdup_printf (
                "<checksum type=\"sha256\" target=\"content\" filename=\"rom.bin\">%s</checksum>",
                content);
  g_autofree char *xml = g_strdup_printf (
      "<components><component type=\"firmware\"><id>a</id><provides><firmware "
      "type=\"flashed\">" SIGNED_GUID
      "</firmware></provides><releases><release version=\"2\"><location>https://example.org/a.cab"
      "</location><checksum type=\"sha256\" target=\"container\">%s</checksum>%s"
      "<size type=\"download\">%" G_GSIZE_FORMAT
      "</size></release></releases></component></components>",
      container, checksum, qfu_untrusted_blob_size (cab));

  return signed_catalog (config, leaf, xml, guids);
}

const QfuRelease *
signed_release (const QfuCatalog *catalog)
{
  static char *guids[] = {(char *)SIGNED_GUID, NULL};
  static char *none[] = {NULL};
  static const QfuDevice device = {.name = (char *)"D",
                                   .version = (char *)"1",
                                   .version_format = (char *)"number",
                                   .vendor_ids = none,
                                   .protocols = none,
                                   .guids = guids,
                                   .flags = QFU_DEVICE_UPDATABLE};
  static const QfuPolicy policy = {0};
  g_autoptr (GError) error = NULL;
  const QfuRelease *release = qfu_catalog_pick (catalog, &device, &policy, &error);

  g_assert_no_error (error);
  return release;
}
