/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cab.h"
#include "qfu-cab.h"
#include "qfu-error.h"
#include "signed.h"
#include "testconfig.h"

#include <string.h>

#define ROM "the image"
#define METAINFO                                                                                   \
  "<component type=\"firmware\"><id>a</id><provides><firmware type=\"flashed\">" SIGNED_GUID       \
  "</firmware></provides><releases><release version=\"2\"/></releases></component>"

typedef struct {
  char *directory;
  QfuConfig *config;
  Pki *authority;
  Pki *leaf;
  GByteArray *cab;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user)
{
  const CabFile files[] = {{"readme", "read me", 7, 0},
                           {"a.metainfo.xml", METAINFO, strlen (METAINFO), 0},
                           {"other-name.rom", ROM, strlen (ROM), 0}};

  fixture->directory = test_directory ();
  fixture->config = test_config (fixture->directory, G_STRINGIFY (TEST_WORKER_UID));
  fixture->authority = pki_new ("Authority", NULL, &pki_authority);
  fixture->leaf = pki_new ("Leaf", fixture->authority, &pki_leaf);
  fixture->cab = cab_build (files, G_N_ELEMENTS (files), NULL);
  signed_keys (fixture->config->metadata_keys, fixture->authority);
}

static void
tear_down (Fixture *fixture, gconstpointer user)
{
  g_byte_array_unref (fixture->cab);
  pki_free (fixture->leaf);
  pki_free (fixture->authority);
  qfu_config_free (fixture->config);
  test_directory_remove (fixture->directory);
  g_free (fixture->directory);
}

/* A catalog of one release whose cab is the fixture's. */
static QfuCatalog *
catalog_new (Fixture *fixture, const char *content)
{
  g_autoptr (QfuUntrustedBlob) cab = test_blob (fixture->cab->data, fixture->cab->len);
  g_autofree char *hex =
      content == NULL ? NULL : g_compute_checksum_for_string (G_CHECKSUM_SHA256, content, -1);

  return signed_catalog_of_cab (fixture->config, fixture->leaf, cab, hex);
}

static void
test_extract (Fixture *fixture, gconstpointer user)
{
  g_autoptr (QfuCatalog) catalog = catalog_new (fixture, ROM);
  const QfuRelease *release = signed_release (catalog);
  g_autoptr (GError) error = NULL;
  QfuUntrustedBlob *blob = test_blob (fixture->cab->data, fixture->cab->len);
  g_autoptr (QfuVerifiedCab) cab = qfu_cab_verify (blob, release, &error);
  g_autoptr (QfuVerifiedRom) rom = NULL;

  g_assert_no_error (error);
  g_assert_true (qfu_verified_cab_blob (cab) == blob);
  rom = qfu_cab_extract_rom (fixture->config, cab, release, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (qfu_untrusted_blob_size (qfu_verified_rom_blob (rom)), ==, strlen (ROM));
}

/* @user: what the metadata says of the content; "" for nothing */
static void
test_no_content (Fixture *fixture, gconstpointer user)
{
  const char *content = user;
  int code = *content == '\0' ? QFU_ERROR_NOT_FOUND : QFU_ERROR_MISMATCH;
  g_autoptr (QfuCatalog) catalog = catalog_new (fixture, *content == '\0' ? NULL : content);
  const QfuRelease *release = signed_release (catalog);
  g_autoptr (GError) error = NULL;
  QfuUntrustedBlob *blob = test_blob (fixture->cab->data, fixture->cab->len);
  g_autoptr (QfuVerifiedCab) cab = qfu_cab_verify (blob, release, &error);
  g_autoptr (QfuVerifiedRom) rom = NULL;

  g_assert_no_error (error);
  rom = qfu_cab_extract_rom (fixture->config, cab, release, &error);
  g_assert_null (rom);
  g_assert_error (error, QFU_ERROR, code);
}

static void
assert_mismatch (const QfuRelease *release, const guint8 *data, gsize size, const char *word)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuVerifiedCab) cab = qfu_cab_verify (blob, release, &error);

  g_assert_null (cab);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_MISMATCH);
  g_assert_nonnull (strstr (error->message, word));
}

static void
test_mismatch (Fixture *fixture, gconstpointer user)
{
  g_autoptr (QfuCatalog) catalog = catalog_new (fixture, ROM);
  const QfuRelease *release = signed_release (catalog);
  GByteArray *cab = fixture->cab;

  assert_mismatch (release, cab->data, cab->len - 1, "bytes");
  cab->data[cab->len - 1] ^= 1;
  assert_mismatch (release, cab->data, cab->len, "SHA-256");
}

#define ADD(name, user, function)                                                                  \
  g_test_add ("/cab/" name, Fixture, user, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("extract", NULL, test_extract);
  ADD ("content-not-stated", "", test_no_content);
  ADD ("content-absent", "another image", test_no_content);
  ADD ("mismatch", NULL, test_mismatch);
  return g_test_run ();
}
