/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manifest-fixture.h"
#include "qfu-manifest-check.h"
#include "testconfig.h"

#include <string.h>

static GPtrArray *
check (const QfuManifestQuestion *question)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *findings = qfu_manifest_check (question, &error);

  g_assert_no_error (error);
  return findings;
}

static QfuManifestQuestion
question_of (const ManifestFixture *f)
{
  return (QfuManifestQuestion){.manifest = f->manifest,
                               .version = "1.2",
                               .image = f->image,
                               .rom = f->rom,
                               .prediction = f->prediction};
}

/* The status of what was found of @object; it has to be there once, and say @words. */
static void
assert_found (const GPtrArray *findings,
              const char *object,
              QfuFindingStatus status,
              const char *words)
{
  guint found = 0;

  for (guint i = 0; i < findings->len; i++) {
    const QfuFinding *finding = g_ptr_array_index (findings, i);

    g_test_message ("%s %s: %s", finding->object, qfu_finding_status_name (finding->status),
                    finding->message);
    found += strcmp (finding->object, object) == 0 && finding->status == status &&
             strstr (finding->message, words) != NULL;
  }
  g_assert_cmpuint (found, ==, 1);
}

static QfuManifestRecipe *
recipe (const ManifestFixture *f)
{
  return &g_array_index (f->manifest->recipes, QfuManifestRecipe, 0);
}

static void
test_agrees (ManifestFixture *f, gconstpointer user)
{
  const QfuManifestQuestion q = question_of (f);
  g_autoptr (GPtrArray) findings = check (&q);

  g_assert_null (qfu_findings_contradiction (findings));
  assert_found (findings, "image", QFU_FINDING_AGREES, "SHA-256");
  assert_found (findings, "version", QFU_FINDING_AGREES, "1.2");
  assert_found (findings, "objects", QFU_FINDING_AGREES, "have their digests");
  assert_found (findings, "recipe normal", QFU_FINDING_AGREES, "its steps, and 1 of");
}

static void
test_image (ManifestFixture *f, gconstpointer user)
{
  const QfuManifestQuestion q = question_of (f);
  g_autoptr (GPtrArray) findings = NULL;

  f->manifest->image.data[3] ^= 1;
  findings = check (&q);
  assert_found (findings, "image", QFU_FINDING_CONTRADICTS, "the manifest declares");
}

static void
test_version (ManifestFixture *f, gconstpointer user)
{
  QfuManifestQuestion q = question_of (f);
  g_autoptr (GPtrArray) other = NULL;
  g_autoptr (GPtrArray) number = NULL;

  q.version = "1.3";
  other = check (&q);
  assert_found (other, "version", QFU_FINDING_CONTRADICTS, "the release is 1.3");
  q.version = "66051";
  number = check (&q);
  assert_found (number, "version", QFU_FINDING_UNCHECKED, "66051");
}

static void
test_objects (ManifestFixture *f, gconstpointer user)
{
  const QfuManifestQuestion q = question_of (f);
  int stage = qfu_manifest_find (f->manifest, "COREBOOT", "fallback/romstage");
  g_autoptr (GPtrArray) findings = NULL;

  g_array_index (f->manifest->objects, QfuManifestObject, stage)
      .digests[qfu_bank_index (QFU_HASH_SHA256)]
      .data[0] ^= 1;
  g_assert_nonnull (qfu_manifest_add_object (f->manifest, "COREBOOT", "absent"));
  g_assert_nonnull (qfu_manifest_add_object (f->manifest, "NOWHERE", NULL));
  findings = check (&q);
  assert_found (findings, "COREBOOT:fallback/romstage", QFU_FINDING_CONTRADICTS, "its sha256 is");
  assert_found (findings, "COREBOOT:absent", QFU_FINDING_CONTRADICTS, "not in the image");
  assert_found (findings, "NOWHERE", QFU_FINDING_CONTRADICTS, "not in the image");
}

static void
test_pcr (ManifestFixture *f, gconstpointer user)
{
  const QfuManifestQuestion q = question_of (f);
  g_autoptr (GPtrArray) findings = NULL;

  recipe (f)->pcrs.value[qfu_bank_index (QFU_HASH_SHA256)][2].data[0] ^= 1;
  findings = check (&q);
  assert_found (findings, "recipe normal", QFU_FINDING_CONTRADICTS, "PCR 2 (sha256)");
}

/* Another way to boot is no contradiction, and nothing is known of a PCR that is not forecast. */
static void
test_other_path (ManifestFixture *f, gconstpointer user)
{
  const QfuManifestQuestion q = question_of (f);
  g_autoptr (GPtrArray) other = NULL;
  g_autoptr (GPtrArray) unknown = NULL;
  QfuDigest value = recipe (f)->pcrs.value[qfu_bank_index (QFU_HASH_SHA256)][2];

  value.hash = QFU_HASH_SHA512;
  value.size = 64;
  g_assert_true (qfu_pcr_set_put (&recipe (f)->pcrs, 2, &value));
  unknown = check (&q);
  assert_found (unknown, "recipe normal", QFU_FINDING_UNCHECKED, "cannot be forecast");
  recipe (f)->pcrs.value[qfu_bank_index (QFU_HASH_SHA256)][2].data[0] ^= 1;
  g_array_remove_index (recipe (f)->steps, 1);
  other = check (&q);
  assert_found (other, "recipes", QFU_FINDING_UNCHECKED, "another way to boot");
}

/* Without steps a recipe is meant when no other is; one of those has to agree. */
static void
test_without_steps (ManifestFixture *f, gconstpointer user)
{
  const QfuManifestQuestion q = question_of (f);
  QfuPcrSet *pcrs = &recipe (f)->pcrs;
  g_autoptr (GPtrArray) wrong = NULL;
  g_autoptr (GPtrArray) right = NULL;
  QfuManifestRecipe *second;

  g_array_set_size (recipe (f)->steps, 0);
  pcrs->value[qfu_bank_index (QFU_HASH_SHA256)][2].data[0] ^= 1;
  wrong = check (&q);
  assert_found (wrong, "recipe normal", QFU_FINDING_CONTRADICTS, "PCR 2");
  second = qfu_manifest_add_recipe (f->manifest, "second", NULL);
  pcrs = &second->pcrs;
  *pcrs = recipe (f)->pcrs;
  pcrs->value[qfu_bank_index (QFU_HASH_SHA256)][2].data[0] ^= 1;
  right = check (&q);
  g_assert_null (qfu_findings_contradiction (right));
  assert_found (right, "recipe second", QFU_FINDING_AGREES, "declares no steps");
}

static void
test_no_forecast (ManifestFixture *f, gconstpointer user)
{
  QfuManifestQuestion q = question_of (f);
  g_autoptr (GPtrArray) findings = NULL;

  q.prediction = NULL;
  findings = check (&q);
  g_assert_null (qfu_findings_contradiction (findings));
  assert_found (findings, "recipes", QFU_FINDING_UNCHECKED, "no forecast");
  assert_found (findings, "objects", QFU_FINDING_AGREES, "have their digests");
}

/* The chip keeps its romstage: the image is still the vendor's, but its recipes are not the boot's.
 */
static void
test_composed (ManifestFixture *f, gconstpointer user)
{
  QfuManifestQuestion q = question_of (f);
  g_autoptr (QfuUntrustedBlob) composed = manifest_image ("r0mstage");
  g_autoptr (QfuRom) rom = manifest_rom (f, composed);
  g_autoptr (QfuPrediction) prediction = manifest_predict (f, composed);
  g_autoptr (GPtrArray) findings = NULL;

  q.composed = composed;
  q.composed_rom = rom;
  q.prediction = prediction;
  findings = check (&q);
  g_assert_null (qfu_findings_contradiction (findings));
  assert_found (findings, "objects", QFU_FINDING_AGREES, "have their digests");
  assert_found (findings, "objects", QFU_FINDING_UNCHECKED, "1 of them will not be on the chip");
  assert_found (findings, "recipes", QFU_FINDING_UNCHECKED, "COREBOOT:fallback/romstage");
}

/* What is kept outside of what is measured changes nothing. */
static void
test_composed_elsewhere (ManifestFixture *f, gconstpointer user)
{
  QfuManifestQuestion q = question_of (f);
  g_autoptr (GPtrArray) findings = NULL;

  q.composed = f->image;
  q.composed_rom = f->rom;
  findings = check (&q);
  g_assert_null (qfu_findings_contradiction (findings));
  assert_found (findings, "recipe normal", QFU_FINDING_AGREES, "its steps");
}

/* Checksums of the device: values of PCR 0, one of an algorithm has to be right. */
static void
test_device (ManifestFixture *f, gconstpointer user)
{
  const QfuDigest *pcr0 = qfu_pcr_set_get (&f->replay->values, QFU_HASH_SHA256, 0);
  g_autofree char *hex = qfu_digest_to_hex (pcr0);
  g_autofree char *good = g_strdup_printf ("sha256:%s", hex);
  g_autofree char *bad = g_strdup_printf ("sha256:%064d", 1);
  g_autofree char *sha1 = g_strdup_printf ("sha1:%040d", 1);
  const struct {
    const char *checksums[4];
    QfuFindingStatus status;
  } rows[] = {{{good, NULL}, QFU_FINDING_AGREES},
              {{bad, good, NULL}, QFU_FINDING_AGREES},
              {{bad, NULL}, QFU_FINDING_CONTRADICTS},
              {{sha1, NULL}, QFU_FINDING_UNCHECKED},
              {{"sha256:zz", hex, "", NULL}, QFU_FINDING_UNCHECKED}};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    QfuManifestQuestion q = question_of (f);
    g_autoptr (GPtrArray) findings = NULL;

    q.manifest = NULL;
    q.checksums = rows[i].checksums;
    findings = check (&q);
    g_assert_cmpuint (findings->len, ==, 1);
    assert_found (findings, "PCR 0", rows[i].status, "release");
  }
}

#define ADD(name, function)                                                                        \
  g_test_add ("/manifest-check/" name, ManifestFixture, NULL, manifest_set_up, function,           \
              manifest_tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("agrees", test_agrees);
  ADD ("image", test_image);
  ADD ("version", test_version);
  ADD ("objects", test_objects);
  ADD ("pcr", test_pcr);
  ADD ("other-path", test_other_path);
  ADD ("without-steps", test_without_steps);
  ADD ("no-forecast", test_no_forecast);
  ADD ("composed", test_composed);
  ADD ("composed-elsewhere", test_composed_elsewhere);
  ADD ("device", test_device);
  return g_test_run ();
}
