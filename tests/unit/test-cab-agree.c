/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cab-agree.h"

#include "qfu-cab-members.h"
#include "qfu-error.h"
#include "signed.h"
#include "testconfig.h"

#include <string.h>

#define GUID "b585990a-003e-5270-89d5-3705a17f9a43"
#define OTHER "00000000-0000-0000-0000-000000000000"

typedef struct {
  char *directory;
  QfuConfig *config;
  Pki *authority;
  Pki *leaf;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->directory = test_directory ();
  f->config = test_config (f->directory, G_STRINGIFY (TEST_WORKER_UID));
  f->authority = pki_new ("Authority", NULL, &pki_authority);
  f->leaf = pki_new ("Leaf", f->authority, &pki_leaf);
  signed_keys (f->config->metadata_keys, f->authority);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  pki_free (f->leaf);
  pki_free (f->authority);
  qfu_config_free (f->config);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

/* The only release of a catalog whose component is for GUID, in triplets. */
static const QfuRelease *
release_of (const QfuCatalog *catalog)
{
  static char *guids[] = {(char *)GUID, NULL};
  static char *none[] = {NULL};
  static const QfuDevice device = {.name = (char *)"D",
                                   .version = (char *)"0.0.1",
                                   .version_format = (char *)"triplet",
                                   .vendor_ids = none,
                                   .protocols = none,
                                   .guids = guids,
                                   .flags = QFU_DEVICE_UPDATABLE};
  static const QfuPolicy policy = {0};
  g_autoptr (GPtrArray) candidates = qfu_catalog_releases (catalog, &device, &policy);

  g_assert_cmpuint (candidates->len, ==, 1);
  return ((const QfuCandidate *)g_ptr_array_index (candidates, 0))->release;
}

static QfuCatalog *
catalog_new (const Fixture *f, const char *version)
{
  static const char *const guids[] = {GUID, NULL};
  g_autofree char *xml = g_strdup_printf (
      "<components><component type=\"firmware\"><id>a</id><provides><firmware "
      "type=\"flashed\">" GUID
      "</firmware></provides><custom><value key=\"LVFS::VersionFormat\">triplet</value></custom>"
      "<releases><release version=\"%s\"/></releases></component></components>",
      version);

  return signed_catalog (f->config, f->leaf, xml, guids);
}

static void
add (GPtrArray *members, const char *name, const char *text)
{
  QfuCabMember *member = g_new0 (QfuCabMember, 1);

  member->name = g_strdup (name);
  member->blob = test_blob (text, strlen (text));
  g_ptr_array_add (members, member);
}

static void
add_metainfo (GPtrArray *members, const char *name, const char *guid, const char *releases)
{
  g_autofree char *xml =
      g_strdup_printf ("<component type=\"firmware\"><id>a</id><provides><firmware "
                       "type=\"flashed\">%s</firmware></provides><releases>%s</releases>"
                       "</component>",
                       guid, releases);

  add (members, name, xml);
}

static GPtrArray *
no_members (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_cab_member_free);
}

static gboolean
agrees (const Fixture *f, const GPtrArray *members, const char *version, int code)
{
  g_autoptr (QfuCatalog) catalog = catalog_new (f, version);
  g_autoptr (GError) error = NULL;
  gboolean ok = qfu_cab_agree (f->config, members, release_of (catalog), &error);

  if (ok)
    g_assert_no_error (error);
  else
    g_assert_error (error, QFU_ERROR, code);
  return ok;
}

static void
test_versions (Fixture *f, gconstpointer unused)
{
  static const struct {
    const char *releases; /* of the metainfo */
    const char *version;  /* of the metadata */
    gboolean agree;
  } cases[] = {
      {"<release version=\"1.2.3\"/>", "1.2.3", TRUE},
      {"<release version=\"1.2.3\"/>", "1.2.4", FALSE},
      {"<release version=\"1.2.4\"/>", "1.2.3", FALSE},
      {"<release version=\"1.2.3\"/><release version=\"1.2.4\"/>", "1.2.4", FALSE},
      {"<release version=\"16908291\"/>", "1.2.3", TRUE},
      {"<release version=\"0x1020003\"/>", "1.2.3", TRUE},
      {"<release version=\"16908291\"/>", "16908292", FALSE},
      {"<release version=\"cafe\"/>", "1.2.3", FALSE},
      {"", "1.2.3", FALSE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GPtrArray) members = no_members ();

    g_test_message ("%s, %s", cases[i].releases, cases[i].version);
    add_metainfo (members, "a.metainfo.xml", GUID, cases[i].releases);
    g_assert_cmpint (agrees (f, members, cases[i].version, QFU_ERROR_MISMATCH), ==, cases[i].agree);
  }
}

static void
test_devices (Fixture *f, gconstpointer unused)
{
  g_autoptr (GPtrArray) members = no_members ();

  g_assert_false (agrees (f, members, "1.2.3", QFU_ERROR_MISMATCH));
  add_metainfo (members, "other.metainfo.xml", OTHER, "<release version=\"1.2.3\"/>");
  g_assert_false (agrees (f, members, "1.2.3", QFU_ERROR_MISMATCH));
  add_metainfo (members, "metainfo.txt", GUID, "<release version=\"1.2.3\"/>");
  g_assert_false (agrees (f, members, "1.2.3", QFU_ERROR_MISMATCH));
  /* one of several parts of a device */
  add_metainfo (members, "this.metainfo.xml", GUID, "<release version=\"1.2.3\"/>");
  g_assert_true (agrees (f, members, "1.2.3", 0));
}

static void
test_broken (Fixture *f, gconstpointer unused)
{
  g_autoptr (GPtrArray) members = no_members ();

  add (members, "a.metainfo.xml", "<component");
  g_assert_false (agrees (f, members, "1.2.3", QFU_ERROR_FORMAT));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/cab-agree/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("versions", test_versions);
  ADD ("devices", test_devices);
  ADD ("broken", test_broken);
  return g_test_run ();
}
