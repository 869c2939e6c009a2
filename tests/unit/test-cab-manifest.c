/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cab-check-fixture.h"
#include "declared.h"
#include "qfu-cab-manifest.h"
#include "qfu-error.h"
#include "qfu-manifest-write.h"
#include "testconfig.h"

#include <string.h>

#define FILES 4

/* A cab of a payload with its metainfo and up to two manifests. */
typedef struct {
  GBytes *rom;
  GBytes *info;
  GBytes *forms[QFU_MANIFEST_FORMS]; /* %NULL: not there */
  const Pki *signers[QFU_MANIFEST_FORMS];
  gboolean unsigned_form; /* the jcat file does not have the first form */
} Recipe;

static GBytes *
metainfo (GBytes *rom)
{
  g_autofree char *hex = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, rom);
  g_autofree char *xml = g_strdup_printf (
      "<component type=\"firmware\"><id>a</id><provides><firmware type=\"flashed\">" SIGNED_GUID
      "</firmware></provides><releases><release version=\"2\"><checksum type=\"sha256\" "
      "target=\"content\" filename=\"rom.bin\">%s</checksum></release></releases></component>",
      hex);

  return signed_text (xml);
}

static void
recipe_init (Recipe *r, CheckFixture *f, gboolean json, gboolean corim)
{
  g_autoptr (QfuManifest) manifest = declared_small ();

  *r = (Recipe){.signers = {f->leaf, f->leaf}};
  r->rom = signed_text ("rom");
  r->info = metainfo (r->rom);
  if (json)
    r->forms[0] = qfu_manifest_write (manifest, QFU_MANIFEST_IS_JSON);
  if (corim)
    r->forms[1] = qfu_manifest_write (manifest, QFU_MANIFEST_IS_CORIM);
}

static void
recipe_clear (Recipe *r)
{
  g_clear_pointer (&r->rom, g_bytes_unref);
  g_clear_pointer (&r->info, g_bytes_unref);
  for (gsize i = 0; i < QFU_MANIFEST_FORMS; i++)
    g_clear_pointer (&r->forms[i], g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Recipe, recipe_clear)

static QfuUntrustedBlob *
build (const Recipe *r, const CheckFixture *f)
{
  SignedFile files[FILES] = {{"rom.bin", r->rom, f->leaf}, {"a.metainfo.xml", r->info, f->leaf}};
  SignedFile in_jcat[FILES];
  gsize n = 2;

  for (gsize form = 0; form < QFU_MANIFEST_FORMS; form++) {
    if (r->forms[form] != NULL)
      files[n++] = (SignedFile){qfu_manifest_file_name ((QfuManifestForm)form), r->forms[form],
                                r->signers[form]};
  }
  memcpy (in_jcat, files, sizeof files);
  if (r->unsigned_form)
    in_jcat[2].name = "other";
  return signed_cab (files, n, in_jcat);
}

/* Both ways to a manifest: a cab on its own, and one that metadata name. */
static gboolean
read_own (const CheckFixture *f, const Recipe *r, QfuVendorManifest **manifest, GError **error)
{
  g_autoptr (QfuUntrustedBlob) cab = build (r, f);
  g_autoptr (QfuCabReport) report = check_blob (f, cab);
  g_autofree char *reasons = g_strjoinv ("; ", report->reasons);

  *manifest = NULL;
  if (report->content != NULL)
    return qfu_cab_manifest (f->config, report->content, manifest, error);
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_SIGNATURE, reasons);
  return FALSE;
}

static gboolean
read_named (const CheckFixture *f, const Recipe *r, QfuVendorManifest **manifest, GError **error)
{
  QfuUntrustedBlob *blob = build (r, f);
  g_autofree char *content = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, r->rom);
  g_autoptr (QfuCatalog) catalog = signed_catalog_of_cab (f->config, f->leaf, blob, content);
  g_autoptr (QfuVerifiedCab) cab = qfu_cab_verify (blob, signed_release (catalog), error);
  g_autoptr (QfuVerifiedRom) rom =
      qfu_cab_extract_rom (f->config, cab, signed_release (catalog), error);

  g_assert_no_error (*error);
  g_assert_cmpstr (qfu_verified_rom_name (rom), ==, "rom.bin");
  return qfu_cab_manifest_of_rom (f->config, f->config->firmware_keys, rom,
                                  g_get_real_time () / G_USEC_PER_SEC, manifest, error);
}

static const struct {
  gboolean (*read) (const CheckFixture *, const Recipe *, QfuVendorManifest **, GError **);
} ways[] = {{read_own}, {read_named}};

static void
set_up (CheckFixture *f, gconstpointer user)
{
  check_set_up (f, user);
  signed_keys (f->config->metadata_keys, f->authority);
  signed_keys (f->config->firmware_keys, f->authority);
}

static void
assert_taken (const CheckFixture *f, const Recipe *r, GBytes *first)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++) {
    g_autoptr (QfuVendorManifest) manifest = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *sha256 = NULL;
    g_autofree char *hex = NULL;

    g_assert_true (ways[i].read (f, r, &manifest, &error));
    g_assert_no_error (error);
    g_assert_cmpint (manifest != NULL, ==, first != NULL);
    if (first == NULL)
      continue;
    g_assert_cmpstr (qfu_vendor_manifest_content (manifest)->version, ==, "1.2");
    hex = qfu_digest_to_hex (qfu_vendor_manifest_sha256 (manifest));
    sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, first);
    g_assert_cmpstr (hex, ==, sha256);
  }
}

static void
assert_refused (const CheckFixture *f, const Recipe *r, const char *words)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++) {
    g_autoptr (QfuVendorManifest) manifest = NULL;
    g_autoptr (GError) error = NULL;

    g_assert_false (ways[i].read (f, r, &manifest, &error));
    g_assert_nonnull (error);
    g_test_message ("%s", error->message);
    g_assert_nonnull (strstr (error->message, words));
    g_assert_null (manifest);
  }
}

static void
test_good (CheckFixture *f, gconstpointer user)
{
  g_auto (Recipe) none = {0};
  g_auto (Recipe) json = {0};
  g_auto (Recipe) corim = {0};
  g_auto (Recipe) both = {0};

  recipe_init (&none, f, FALSE, FALSE);
  assert_taken (f, &none, NULL);
  recipe_init (&json, f, TRUE, FALSE);
  assert_taken (f, &json, json.forms[0]);
  recipe_init (&corim, f, FALSE, TRUE);
  assert_taken (f, &corim, corim.forms[1]);
  recipe_init (&both, f, TRUE, TRUE);
  assert_taken (f, &both, both.forms[0]);
}

static void
test_unsigned (CheckFixture *f, gconstpointer user)
{
  g_auto (Recipe) r = {0};

  recipe_init (&r, f, TRUE, FALSE);
  r.unsigned_form = TRUE;
  assert_refused (f, &r, "firmware.manifest.json");
}

/* The same authority vouches for many vendors. */
static void
test_other_leaf (CheckFixture *f, gconstpointer user)
{
  g_autoptr (Pki) other = pki_new ("Other", f->authority, &pki_leaf);
  g_auto (Recipe) r = {0};

  recipe_init (&r, f, TRUE, TRUE);
  r.signers[1] = other;
  assert_refused (f, &r, "firmware.corim and rom.bin are signed by different certificates");
}

static void
test_disagree (CheckFixture *f, gconstpointer user)
{
  g_autoptr (QfuManifest) other = declared_small ();
  g_auto (Recipe) r = {0};

  recipe_init (&r, f, TRUE, TRUE);
  g_array_index (other->objects, QfuManifestObject, 1).digests[0].data[0] ^= 1;
  g_bytes_unref (r.forms[1]);
  r.forms[1] = qfu_manifest_write (other, QFU_MANIFEST_IS_CORIM);
  assert_refused (f, &r, "declare different things: the object COREBOOT:bootblock");
}

static void
test_broken (CheckFixture *f, gconstpointer user)
{
  g_auto (Recipe) r = {0};

  recipe_init (&r, f, TRUE, FALSE);
  g_bytes_unref (r.forms[0]);
  r.forms[0] = signed_text ("{\"format\":\"qubes-fwupd-manifest-1\"}");
  assert_refused (f, &r, "firmware.manifest.json");
}

#define ADD(name, function)                                                                        \
  g_test_add ("/cab-manifest/" name, CheckFixture, NULL, set_up, function, check_tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("good", test_good);
  ADD ("unsigned", test_unsigned);
  ADD ("other-leaf", test_other_leaf);
  ADD ("disagree", test_disagree);
  ADD ("broken", test_broken);
  return g_test_run ();
}
