/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "liar.h"
#include "qfu-catalog.h"
#include "qfu-error.h"
#include "signed.h"
#include "testconfig.h"

#include <string.h>

#define GUID "b585990a-003e-5270-89d5-3705a17f9a43"
#define OTHER "22222222-2222-2222-2222-222222222222"
#define SHA256 "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define CAB(version)                                                                               \
  "<release version=\"" version "\"><location>https://example.org/" version ".cab</location>"      \
  "<checksum type=\"sha256\" target=\"container\">" SHA256                                         \
  "</checksum><size type=\"download\">10</size></release>"
#define COMPONENT(id, guid, rest, releases)                                                        \
  "<component type=\"firmware\"><id>" id "</id><provides><firmware type=\"flashed\">" guid         \
  "</firmware></provides>" rest "<releases>" releases "</releases></component>"
#define CATALOG(components) "<components>" components "</components>"

static const char *const wanted[] = {GUID, NULL};

typedef struct {
  char *directory;
  QfuConfig *config;
  Pki *authority;
  Pki *leaf;
  QfuDevice *device;
} Fixture;

static QfuDevice *
device_new (void)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_DEVICE);
  g_autoptr (GError) error = NULL;
  QfuDevice *device;

  qfu_message_add_text (message, QFU_FIELD_ID, "0123456789abcdef0123456789abcdef01234567");
  qfu_message_add_text (message, QFU_FIELD_NAME, "Board");
  qfu_message_add_text (message, QFU_FIELD_GUID, GUID);
  qfu_message_add_text (message, QFU_FIELD_VERSION, "1.2");
  qfu_message_add_text (message, QFU_FIELD_VERSION_FORMAT, "pair");
  qfu_message_add_text (message, QFU_FIELD_VERSION_LOWEST, "1.0");
  qfu_message_add_text (message, QFU_FIELD_UPDATE_PROTOCOL, "org.flashrom");
  qfu_message_add_number (message, QFU_FIELD_FLAGS, QFU_DEVICE_UPDATABLE | QFU_DEVICE_INTERNAL);
  device = qfu_device_new (message, &error);
  g_assert_no_error (error);
  return device;
}

static void
set_up (Fixture *fixture, gconstpointer user)
{
  fixture->directory = test_directory ();
  fixture->config = test_config (fixture->directory, G_STRINGIFY (TEST_WORKER_UID));
  fixture->authority = pki_new ("Authority", NULL, &pki_authority);
  fixture->leaf = pki_new ("Leaf", fixture->authority, &pki_leaf);
  fixture->device = device_new ();
  signed_keys (fixture->config->metadata_keys, fixture->authority);
}

static void
tear_down (Fixture *fixture, gconstpointer user)
{
  qfu_device_free (fixture->device);
  pki_free (fixture->leaf);
  pki_free (fixture->authority);
  qfu_config_free (fixture->config);
  test_directory_remove (fixture->directory);
  g_free (fixture->directory);
}

static const QfuPolicy ordinary = {.fwupd_version = "2.0.20"};

/* Asserts which version is picked, or with which error none is. */
static void
assert_pick (
    Fixture *fixture, const char *xml, const QfuPolicy *policy, const char *version, int code)
{
  g_autoptr (QfuCatalog) catalog = signed_catalog (fixture->config, fixture->leaf, xml, wanted);
  g_autoptr (GError) error = NULL;
  const QfuRelease *release = qfu_catalog_pick (catalog, fixture->device, policy, &error);

  if (version == NULL) {
    g_assert_null (release);
    g_assert_error (error, QFU_ERROR, code);
    return;
  }
  g_assert_no_error (error);
  g_assert_cmpstr (qfu_release_version (release), ==, version);
}

static void
test_newest (Fixture *fixture, gconstpointer user)
{
  static const QfuPolicy older = {.allow_older = TRUE};
  static const QfuPolicy again = {.allow_reinstall = TRUE};

  assert_pick (fixture,
               CATALOG (COMPONENT ("a", GUID, "", CAB ("1.9") CAB ("1.10") CAB ("1.1"))
                            COMPONENT ("b", OTHER, "", CAB ("9.0"))),
               &ordinary, "1.10", 0);
  assert_pick (
      fixture,
      CATALOG (COMPONENT ("a", GUID, "", CAB ("1.1")) COMPONENT ("a", GUID, "", CAB ("1.3"))),
      &ordinary, "1.3", 0);
  assert_pick (fixture, CATALOG (COMPONENT ("a", GUID, "", CAB ("1.2"))), &ordinary, NULL,
               QFU_ERROR_NOTHING);
  assert_pick (fixture, CATALOG (COMPONENT ("a", GUID, "", CAB ("1.2"))), &again, "1.2", 0);
  assert_pick (fixture, CATALOG (COMPONENT ("a", GUID, "", CAB ("1.1"))), &ordinary, NULL,
               QFU_ERROR_NOTHING);
  assert_pick (fixture, CATALOG (COMPONENT ("a", GUID, "", CAB ("1.1"))), &older, "1.1", 0);
  assert_pick (fixture, CATALOG (COMPONENT ("a", GUID, "", CAB ("0.9"))), &older, NULL,
               QFU_ERROR_REFUSED); /* asked for, but below the lowest that the device takes */
  assert_pick (fixture, CATALOG (COMPONENT ("b", OTHER, "", CAB ("9.0"))), &ordinary, NULL,
               QFU_ERROR_NOT_FOUND);
}

/* A device that may leave none out gets the next one, and only then the newest. */
static void
test_every_release (Fixture *fixture, gconstpointer user)
{
  static const QfuPolicy again = {.allow_older = TRUE, .allow_reinstall = TRUE};
  static const char xml[] =
      CATALOG (COMPONENT ("a", GUID, "", CAB ("1.9") CAB ("1.3") CAB ("1.2") CAB ("1.5")));

  fixture->device->flags |= QFU_DEVICE_ALL_RELEASES;
  assert_pick (fixture, xml, &ordinary, "1.3", 0);
  assert_pick (fixture, xml, &again, "1.3", 0);
  assert_pick (fixture, CATALOG (COMPONENT ("a", GUID, "", CAB ("1.1") CAB ("1.2"))), &again, "1.2",
               0);
  assert_pick (fixture, CATALOG (COMPONENT ("a", GUID, "", CAB ("1.1"))), &ordinary, NULL,
               QFU_ERROR_NOTHING);
}

/* One that cannot be read is in nobody's way; alone it is the reason for having nothing. */
static void
test_broken (Fixture *fixture, gconstpointer user)
{
  assert_pick (
      fixture,
      CATALOG (COMPONENT ("a", GUID, "", "<release/>") COMPONENT ("b", GUID, "", CAB ("1.3"))),
      &ordinary, "1.3", 0);
  assert_pick (fixture, CATALOG (COMPONENT ("a", GUID, "", "<release/>")), &ordinary, NULL,
               QFU_ERROR_REFUSED);
}

/* Each of these stands in the way of 1.3, and of nothing else. */
static void
test_objections (Fixture *fixture, gconstpointer user)
{
  static const char *const rows[] = {
      CATALOG (COMPONENT ("a", GUID, "<requires><hardware>" OTHER "</hardware></requires>",
                          CAB ("1.3"))),
      CATALOG (COMPONENT ("a", GUID,
                          "<requires><id compare=\"ge\" version=\"9\">org.freedesktop.fwupd</id>"
                          "</requires>",
                          CAB ("1.3"))),
      CATALOG (COMPONENT ("a", GUID, "<requires><moon>full</moon></requires>", CAB ("1.3"))),
      CATALOG (COMPONENT ("a", GUID, "<branch>other</branch>", CAB ("1.3"))),
      CATALOG (COMPONENT (
          "a", GUID,
          "<custom><value key=\"LVFS::UpdateProtocol\">org.uefi.capsule</value></custom>",
          CAB ("1.3"))),
      CATALOG (COMPONENT ("a", GUID, "", "<release version=\"1.3\"/>")),
      CATALOG (COMPONENT ("a", GUID, "",
                          "<release version=\"1.3\"><location>https://a/b</location></release>")),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_pick (fixture, rows[i], &ordinary, NULL, QFU_ERROR_REFUSED);
  assert_pick (fixture, CATALOG (COMPONENT ("a", GUID, "", CAB ("1.3"))), &ordinary, "1.3", 0);
  fixture->device->flags = QFU_DEVICE_INTERNAL;
  assert_pick (fixture, CATALOG (COMPONENT ("a", GUID, "", CAB ("1.3"))), &ordinary, NULL,
               QFU_ERROR_REFUSED);
}

static void
test_list (Fixture *fixture, gconstpointer user)
{
  static const char xml[] = CATALOG (
      COMPONENT ("a", GUID, "", CAB ("1.1") "<release version=\"1.4\"/>" CAB ("1.3") CAB ("1.2")));
  g_autoptr (QfuCatalog) catalog = signed_catalog (fixture->config, fixture->leaf, xml, wanted);
  g_autoptr (GPtrArray) list = qfu_catalog_releases (catalog, fixture->device, &ordinary);
  static const struct {
    const char *version;
    int order;
    gboolean installable;
  } expected[] = {{"1.4", 1, FALSE}, {"1.3", 1, TRUE}, {"1.2", 0, FALSE}, {"1.1", -1, FALSE}};

  g_assert_cmpuint (list->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < list->len; i++) {
    const QfuCandidate *candidate = g_ptr_array_index (list, i);

    g_assert_cmpstr (qfu_release_version (candidate->release), ==, expected[i].version);
    g_assert_cmpint (candidate->order, ==, expected[i].order);
    g_assert_cmpint (candidate->reason == NULL, ==, expected[i].installable);
  }
}

static void
add_frames (GPtrArray *frames, const char *guid)
{
  QfuMessage *component = qfu_message_new (QFU_FRAME_COMPONENT);
  QfuMessage *release = qfu_message_new (QFU_FRAME_RELEASE);

  qfu_message_add_text (component, QFU_FIELD_ID, "a");
  qfu_message_add_text (component, QFU_FIELD_GUID, guid);
  qfu_message_add_text (release, QFU_FIELD_VERSION, "9");
  g_ptr_array_add (frames, component);
  g_ptr_array_add (frames, release);
}

/* An owned worker can offer a wrong row, but for no device that was not asked for. */
static void
test_liar (Fixture *fixture, gconstpointer user)
{
  g_autoptr (GBytes) compressed = pki_gzip (CATALOG (""), strlen (CATALOG ("")));
  g_autoptr (QfuSignedMetadata) metadata =
      signed_metadata (fixture->config, fixture->leaf, compressed, PKI_NOW);
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuIndex) index = NULL;
  g_autoptr (QfuCatalog) catalog = NULL;
  g_autoptr (GPtrArray) list = NULL;

  add_frames (frames, OTHER);
  add_frames (frames, GUID);
  add_frames (frames, OTHER);
  liar_install (fixture->config, fixture->directory, frames, TRUE);
  index = qfu_index_new (fixture->config, metadata, &error);
  g_assert_no_error (error);
  catalog = qfu_catalog_new (index, wanted, &error);
  g_assert_no_error (error);
  list = qfu_catalog_releases (catalog, fixture->device, &ordinary);
  g_assert_cmpuint (list->len, ==, 1);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/catalog/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("newest", test_newest);
  ADD ("every-release", test_every_release);
  ADD ("broken", test_broken);
  ADD ("objections", test_objections);
  ADD ("list", test_list);
  ADD ("liar", test_liar);
  return g_test_run ();
}
