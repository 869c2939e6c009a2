/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What devices of USB qubes are offered, and which of all devices a person means. */
#include "qfu-error.h"
#include "qfu-inventory.h"
#include "qfu-releases.h"

#include <string.h>

#include "signed.h"
#include "testconfig.h"

#define ID "0123456789abcdef0123456789abcdef01234567"
#define OTHER_GUID "11111111-2222-3333-4444-555555555555"
#define RELEASE                                                                                    \
  "<release version=\"%s\"><location>%s.cab</location><checksum type=\"sha256\" "                  \
  "target=\"container\">2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"          \
  "</checksum><size type=\"download\">10</size></release>"
#define COMPONENT                                                                                  \
  "<components><component type=\"firmware\"><id>org.example.a</id><provides>"                      \
  "<firmware type=\"flashed\">" SIGNED_GUID "</firmware></provides><custom><value "                \
  "key=\"LVFS::VersionFormat\">triplet</value></custom><requires>%s</requires>"                    \
  "<releases>%s</releases></component></components>"
#define NEEDS_FWUPD "<id compare=\"ge\" version=\"2.0.10\">org.freedesktop.fwupd</id>"

static const char *const wanted[] = {SIGNED_GUID, NULL};

typedef struct {
  TestHome home;
  Pki *authority;
  Pki *leaf;
  QfuInventory *inventory;
  QfuDevice *own;    /* of dom0 */
  QfuDevice *webcam; /* of sys-usb */
} Fixture;

static void
source_free (gpointer data)
{
  QfuSource *source = data;

  qfu_catalog_free (source->catalog);
  g_free (source);
}

static QfuDevice *
device_new (const char *domain, const char *name, const char *version)
{
  QfuDevice *device = g_new0 (QfuDevice, 1);

  device->id = g_strdup (ID);
  device->name = g_strdup (name);
  device->version = g_strdup (version);
  device->version_format = g_strdup ("triplet");
  device->guids = g_strsplit (SIGNED_GUID, ",", -1);
  device->vendor_ids = g_new0 (char *, 1);
  device->protocols = g_new0 (char *, 1);
  device->flags = QFU_DEVICE_UPDATABLE;
  device->domain = g_strdup (domain);
  return device;
}

static void
domain_free (gpointer data)
{
  QfuDomain *domain = data;

  qfu_usb_qube_free (domain->qube);
  g_clear_error (&domain->problem);
  g_free (domain->name);
  g_free (domain);
}

static QfuDomain *
add_domain (Fixture *fixture, const char *name)
{
  QfuDomain *domain = g_new0 (QfuDomain, 1);

  domain->name = g_strdup (name);
  g_ptr_array_add (fixture->inventory->domains, domain);
  return domain;
}

/* A machine whose fwupd is newer than that of its one USB qube, and a qube that is off. */
static void
set_up (Fixture *fixture, gconstpointer user)
{
  QfuInventory *inventory = g_new0 (QfuInventory, 1);
  QfuDomain *domain;

  test_home_set_up (&fixture->home, NULL);
  fixture->authority = pki_new ("Authority", NULL, &pki_authority);
  fixture->leaf = pki_new ("Leaf", fixture->authority, &pki_leaf);
  signed_keys (fixture->home.config->metadata_keys, fixture->authority);
  fixture->inventory = inventory;
  inventory->config = fixture->home.config;
  inventory->sources = g_ptr_array_new_with_free_func (source_free);
  inventory->domains = g_ptr_array_new_with_free_func (domain_free);
  inventory->devices = g_ptr_array_new ();
  inventory->hardware = g_strsplit (OTHER_GUID, ",", -1);
  inventory->machine = g_new0 (QfuMachine, 1);
  inventory->machine->fwupd_version = g_strdup ("2.0.20");
  inventory->machine->hardware = g_ptr_array_new ();
  inventory->machine->devices = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_device_free);
  fixture->own = device_new (NULL, "Camera", "1.2.2");
  g_ptr_array_add (inventory->machine->devices, fixture->own);
  domain = add_domain (fixture, "sys-usb");
  domain->qube = g_new0 (QfuUsbQube, 1);
  domain->qube->name = g_strdup ("sys-usb");
  domain->qube->fwupd_version = g_strdup ("2.0.1");
  domain->qube->devices = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_device_free);
  fixture->webcam = device_new ("sys-usb", "Webcam", "1.2.2");
  g_ptr_array_add (domain->qube->devices, fixture->webcam);
  domain = add_domain (fixture, "sys-off");
  domain->problem =
      g_error_new_literal (QFU_ERROR, QFU_ERROR_NOT_RUNNING, "sys-off: it does not run");
  g_ptr_array_add (inventory->devices, fixture->own);
  g_ptr_array_add (inventory->devices, fixture->webcam);
}

static void
tear_down (Fixture *fixture, gconstpointer user)
{
  qfu_inventory_free (fixture->inventory);
  pki_free (fixture->leaf);
  pki_free (fixture->authority);
  test_home_tear_down (&fixture->home, NULL);
}

/* A remote that has these versions, and what they require. */
static void
offer_versions (Fixture *fixture, const char *requires, const char *const *versions)
{
  g_autoptr (GString) releases = g_string_new (NULL);
  g_autofree char *xml = NULL;
  QfuSource *source = g_new0 (QfuSource, 1);

  for (gsize i = 0; versions[i] != NULL; i++)
    g_string_append_printf (releases, RELEASE, versions[i], versions[i]);
  xml = g_strdup_printf (COMPONENT, requires, releases->str);
  source->remote = (char *)"lvfs";
  source->catalog = signed_catalog (fixture->home.config, fixture->leaf, xml, wanted);
  g_ptr_array_add (fixture->inventory->sources, source);
}

static const char *
offered (const Fixture *fixture, const QfuDevice *device, GError **error)
{
  const QfuOptions options = {.json = FALSE};
  QfuOffer offer;

  return qfu_inventory_offer (fixture->inventory, &options, device, &offer, error)
             ? qfu_release_version (offer.release)
             : NULL;
}

/* It is the fwupd of the qube that has to be new enough for a device there. */
static void
test_fwupd (Fixture *fixture, gconstpointer user)
{
  static const char *const versions[] = {"1.2.4", NULL};
  QfuDomain *domain = g_ptr_array_index (fixture->inventory->domains, 0);
  g_autoptr (GError) error = NULL;

  offer_versions (fixture, NEEDS_FWUPD, versions);
  g_assert_cmpstr (offered (fixture, fixture->own, NULL), ==, "1.2.4");
  g_assert_null (offered (fixture, fixture->webcam, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "2.0.1"));
  g_free (domain->qube->fwupd_version);
  domain->qube->fwupd_version = g_strdup ("2.0.10");
  g_assert_cmpstr (offered (fixture, fixture->webcam, NULL), ==, "1.2.4");
}

/* Of releases that must all be installed a qube's word does not choose one, and a person can. */
static void
test_every_release (Fixture *fixture, gconstpointer user)
{
  static const char *const versions[] = {"1.2.4", "1.2.3", NULL};
  const QfuOptions options = {.json = FALSE};
  g_autoptr (GPtrArray) releases = NULL;
  g_autoptr (GError) error = NULL;

  offer_versions (fixture, "", versions);
  g_assert_cmpstr (offered (fixture, fixture->webcam, NULL), ==, "1.2.4");
  fixture->own->flags |= QFU_DEVICE_ALL_RELEASES;
  fixture->webcam->flags |= QFU_DEVICE_ALL_RELEASES;
  g_assert_cmpstr (offered (fixture, fixture->own, NULL), ==, "1.2.3");
  g_assert_null (offered (fixture, fixture->webcam, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "`qubes-fwupdmgr install sys-usb:" ID " 1.2.3`"));
  g_clear_error (&error);
  releases = qfu_releases_list (fixture->inventory, &options, fixture->webcam);
  g_assert_nonnull (qfu_releases_find (releases, fixture->webcam, "1.2.3", &error));
  g_assert_no_error (error);
  /* one that has nothing newer is told so, as any */
  g_free (fixture->webcam->version);
  fixture->webcam->version = g_strdup ("1.2.4");
  g_assert_null (offered (fixture, fixture->webcam, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOTHING);
}

/* By what a qube says it can, nothing is left out that is newer. */
static void
test_unled (Fixture *fixture, gconstpointer user)
{
  static const char *const old[] = {"1.2.3", NULL};
  static const char *const new[] = {"1.2.4", NULL};
  const QfuOptions options = {.allow_older = TRUE};
  QfuDomain *domain = g_ptr_array_index (fixture->inventory->domains, 0);
  g_autoptr (GError) error = NULL;
  QfuOffer offer;

  offer_versions (fixture, "", old);
  g_assert_cmpstr (offered (fixture, fixture->webcam, NULL), ==, "1.2.3");
  offer_versions (fixture, NEEDS_FWUPD, new);
  g_assert_cmpstr (offered (fixture, fixture->own, NULL), ==, "1.2.4");
  g_assert_null (offered (fixture, fixture->webcam, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "1.2.4 cannot be installed"));
  g_assert_nonnull (strstr (error->message, "`qubes-fwupdmgr install sys-usb:" ID " 1.2.3`"));
  /* a person may say so */
  g_assert_true (qfu_inventory_offer (fixture->inventory, &options, fixture->webcam, &offer, NULL));
  g_assert_cmpstr (qfu_release_version (offer.release), ==, "1.2.3");
  g_free (domain->qube->fwupd_version);
  domain->qube->fwupd_version = g_strdup ("2.0.10");
  g_assert_cmpstr (offered (fixture, fixture->webcam, NULL), ==, "1.2.4");
}

/* What claims to be the machine's gets nothing, and the reason is said. */
static void
test_claim (Fixture *fixture, gconstpointer user)
{
  static const char *const versions[] = {"1.2.4", NULL};
  g_autoptr (GError) error = NULL;

  offer_versions (fixture, "", versions);
  fixture->webcam->flags = 0;
  fixture->webcam->problem = g_strdup ("sys-usb claims a GUID of Chip");
  g_assert_null (offered (fixture, fixture->webcam, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "sys-usb claims a GUID of Chip"));
}

/* Both domains have a device with the same id and GUID. */
static void
test_select (Fixture *fixture, gconstpointer user)
{
  g_autoptr (GPtrArray) all = qfu_inventory_select (fixture->inventory, NULL, NULL);

  g_assert_cmpuint (all->len, ==, 2);
  g_assert_true (qfu_inventory_device (fixture->inventory, ID, NULL) == fixture->own);
  g_assert_true (qfu_inventory_device (fixture->inventory, "sys-usb:" ID, NULL) == fixture->webcam);
  g_assert_true (qfu_inventory_device (fixture->inventory, "Webcam", NULL) == fixture->webcam);
}

/* A device that is not found may be in a qube that could not be asked. */
static void
test_not_asked (Fixture *fixture, gconstpointer user)
{
  static const struct {
    const char *word;
    gboolean explained;
  } rows[] = {
      {"Mouse", TRUE}, {"sys-off:Mouse", TRUE}, {"sys-usb:Mouse", FALSE}, {"dom0:Mouse", FALSE}};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (qfu_inventory_device (fixture->inventory, rows[i].word, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
    g_assert_nonnull (strstr (error->message, rows[i].word));
    g_assert_true ((strstr (error->message, "sys-off: it does not run") != NULL) ==
                   rows[i].explained);
  }
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("/inventory/fwupd", test_fwupd);
  ADD ("/inventory/every-release", test_every_release);
  ADD ("/inventory/unled", test_unled);
  ADD ("/inventory/claim", test_claim);
  ADD ("/inventory/select", test_select);
  ADD ("/inventory/not-asked", test_not_asked);
  return g_test_run ();
}
