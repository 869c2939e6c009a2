/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-offer.h"
#include "signed.h"
#include "testconfig.h"

#define METADATA "https://mirror.example/lvfs/firmware.xml.zst"
#define BASE "https://cabs.example/all"
#define SHA256 "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define COMPONENT                                                                                  \
  "<components><component type=\"firmware\"><id>org.example.a</id><provides>"                      \
  "<firmware type=\"flashed\">" SIGNED_GUID "</firmware></provides><releases>"                     \
  "<release version=\"2\">%s<checksum type=\"sha256\" target=\"container\">" SHA256                \
  "</checksum><size type=\"download\">10</size></release></releases></component></components>"

static const char *const wanted[] = {SIGNED_GUID, NULL};

typedef struct {
  char *directory;
  QfuConfig *config;
  Pki *authority;
  Pki *leaf;
  QfuCatalog *catalog;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer user)
{
  fixture->directory = test_directory ();
  fixture->config = test_config (fixture->directory, G_STRINGIFY (TEST_WORKER_UID));
  fixture->authority = pki_new ("Authority", NULL, &pki_authority);
  fixture->leaf = pki_new ("Leaf", fixture->authority, &pki_leaf);
  signed_keys (fixture->config->metadata_keys, fixture->authority);
}

static void
tear_down (Fixture *fixture, gconstpointer user)
{
  qfu_catalog_free (fixture->catalog);
  pki_free (fixture->leaf);
  pki_free (fixture->authority);
  qfu_config_free (fixture->config);
  test_directory_remove (fixture->directory);
  g_free (fixture->directory);
}

/* A release whose cab is at @location, of @source. */
static QfuOffer
offer_at (Fixture *fixture, const char *location, const QfuSource *source)
{
  g_autofree char *element =
      location == NULL ? g_strdup ("") : g_strdup_printf ("<location>%s</location>", location);
  g_autofree char *xml = g_strdup_printf (COMPONENT, element);

  g_clear_pointer (&fixture->catalog, qfu_catalog_free);
  fixture->catalog = signed_catalog (fixture->config, fixture->leaf, xml, wanted);
  return (QfuOffer){.source = source, .release = signed_release (fixture->catalog)};
}

/* FirmwareBaseURI= of the remote counts before the host that the metadata name, and keeps but the
 * last part of what they say. */
static void
test_url (Fixture *fixture, gconstpointer user)
{
  static const struct {
    const char *location, *base, *url;
  } rows[] = {
      {"https://lvfs.example/downloads/a.cab", NULL, "https://lvfs.example/downloads/a.cab"},
      {"a.cab", NULL, "https://mirror.example/lvfs/a.cab"},
      {"below/a.cab", NULL, "https://mirror.example/lvfs/below/a.cab"},
      {"https://lvfs.example/downloads/a.cab", BASE, BASE "/a.cab"},
      {"https://lvfs.example/downloads/a.cab", BASE "/", BASE "/a.cab"},
      {"a.cab", BASE, BASE "/a.cab"},
      {"below/a.cab", BASE, BASE "/a.cab"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    const QfuSource source = {
        .remote = (char *)"lvfs", .url = (char *)METADATA, .base_url = (char *)rows[i].base};
    const QfuOffer offer = offer_at (fixture, rows[i].location, &source);
    g_autoptr (GError) error = NULL;
    g_autofree char *url = qfu_offer_url (&offer, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (url, ==, rows[i].url);
  }
}

/* An address that a person gave counts before all. */
static void
test_given (Fixture *fixture, gconstpointer user)
{
  const QfuSource source = {
      .remote = (char *)"lvfs", .url = (char *)METADATA, .base_url = (char *)BASE};
  QfuOffer offer = offer_at (fixture, "https://lvfs.example/downloads/a.cab", &source);
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;

  offer.url = "https://given.example/b.cab";
  url = qfu_offer_url (&offer, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (url, ==, offer.url);
}

/* A cab of local metadata lies below their folder, or has an https address. Metadata that lead up
 * or to another scheme are not even read: tests/e2e/test-remotes.py. */
static void
test_file (Fixture *fixture, gconstpointer user)
{
  static const struct {
    const char *location, *file;
    gboolean ok;
  } rows[] = {
      {"a.cab", "/folder/a.cab", TRUE},
      {"below/a.cab", "/folder/below/a.cab", TRUE},
      {"https://vendor.example/a.cab", NULL, TRUE},
      {"below//a.cab", NULL, FALSE},
      {"./a.cab", NULL, FALSE},
      {"below/.hidden/a.cab", NULL, FALSE},
  };
  const QfuSource source = {.remote = (char *)"vendor", .folder = (char *)"/folder"};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    const QfuOffer offer = offer_at (fixture, rows[i].location, &source);
    g_autoptr (GError) error = NULL;
    g_autofree char *file = NULL;

    g_assert_cmpint (qfu_offer_file (&offer, &file, &error), ==, rows[i].ok);
    g_assert_cmpstr (file, ==, rows[i].file);
    if (!rows[i].ok)
      g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/offer/url", Fixture, NULL, set_up, test_url, tear_down);
  g_test_add ("/offer/given", Fixture, NULL, set_up, test_given, tear_down);
  g_test_add ("/offer/file", Fixture, NULL, set_up, test_file, tear_down);
  return g_test_run ();
}
