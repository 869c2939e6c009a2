/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-manifest-check.h"

#include "qfu-error.h"
#include "qfu-layout.h"

#include <string.h>

/* Where @file of @region lies in an image, or the region itself; %FALSE: nowhere. */
static gboolean
locate (const QfuRom *rom, const char *region, const char *file, QfuRange *range)
{
  const QfuRomRegion *area = rom == NULL ? NULL : qfu_rom_region (rom, region);
  const QfuRomFile *found = NULL;

  if (area == NULL)
    return FALSE;
  if (file != NULL)
    found =
        qfu_rom_file (rom, (guint)(area - &g_array_index (rom->regions, QfuRomRegion, 0)), file);
  if (file != NULL && found == NULL)
    return FALSE;
  *range =
      found != NULL ? (QfuRange){found->offset, found->size} : (QfuRange){area->offset, area->size};
  return TRUE;
}

/* Whether an object is on the chip as it is in the vendor's image. */
static gboolean
is_vendors (const QfuManifestQuestion *q, const char *region, const char *file)
{
  QfuRange theirs;
  QfuRange ours;

  if (q->composed == NULL)
    return TRUE;
  return locate (q->rom, region, file, &theirs) && locate (q->composed_rom, region, file, &ours) &&
         theirs.length == ours.length &&
         qfu_untrusted_blob_equal_range (q->image, theirs.offset, q->composed, ours.offset,
                                         ours.length);
}

static gboolean
is_number (const char *version)
{
  return strspn (version, "0123456789") == strlen (version) || g_str_has_prefix (version, "0x");
}

static void
check_version (const QfuManifestQuestion *q, GPtrArray *findings)
{
  const char *declared = q->manifest->version;

  if (declared == NULL || q->version == NULL)
    return;
  if (strcmp (declared, q->version) == 0)
    qfu_findings_add (findings, QFU_FINDING_AGREES, "version", "it is %s", declared);
  else if (is_number (declared) != is_number (q->version))
    qfu_findings_add (findings, QFU_FINDING_UNCHECKED, "version",
                      "the vendor writes %s, the release %s", declared, q->version);
  else
    qfu_findings_add (findings, QFU_FINDING_CONTRADICTS, "version",
                      "the manifest is of %s, the release is %s", declared, q->version);
}

static void
check_image (const QfuManifestQuestion *q, GPtrArray *findings)
{
  const QfuDigest *sha256 = qfu_untrusted_blob_sha256 (q->image);
  g_autofree char *is = qfu_digest_to_hex (sha256);
  g_autofree char *declared = qfu_digest_to_hex (&q->manifest->image);

  if (qfu_digest_equal (sha256, &q->manifest->image))
    qfu_findings_add (findings, QFU_FINDING_AGREES, "image", "it has the declared SHA-256");
  else
    qfu_findings_add (findings, QFU_FINDING_CONTRADICTS, "image",
                      "it has the SHA-256 %s, the manifest declares %s", is, declared);
}

/* Whether all declared digests of an object are those of its bytes. */
static gboolean
check_object (const QfuManifestQuestion *q,
              const QfuManifestObject *object,
              GPtrArray *findings,
              GError **error)
{
  g_autofree char *label = qfu_manifest_object_label (object);
  QfuRange range;

  if (!locate (q->rom, object->region, object->file, &range)) {
    qfu_findings_add (findings, QFU_FINDING_CONTRADICTS, label, "it is not in the image");
    return TRUE;
  }
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    const QfuDigest *declared = &object->digests[bank];
    g_autofree char *is = NULL;
    g_autofree char *should = NULL;
    QfuDigest digest;

    if (declared->size == 0)
      continue;
    if (!qfu_untrusted_blob_hash_range (q->image, declared->hash, range.offset, range.length,
                                        &digest, error))
      return FALSE;
    if (qfu_digest_equal (&digest, declared))
      continue;
    is = qfu_digest_to_hex (&digest);
    should = qfu_digest_to_hex (declared);
    qfu_findings_add (findings, QFU_FINDING_CONTRADICTS, label,
                      "its %s is %s, the manifest declares %s", qfu_hash_name (declared->hash), is,
                      should);
  }
  return TRUE;
}

static gboolean
check_objects (const QfuManifestQuestion *q, GPtrArray *findings, GError **error)
{
  const GArray *objects = q->manifest->objects;
  guint before = findings->len;
  guint kept = 0;

  for (guint i = 0; i < objects->len; i++) {
    const QfuManifestObject *object = &g_array_index (objects, QfuManifestObject, i);

    if (!check_object (q, object, findings, error))
      return FALSE;
    kept += !is_vendors (q, object->region, object->file);
  }
  if (findings->len == before && objects->len > 0)
    qfu_findings_add (findings, QFU_FINDING_AGREES, "objects",
                      "all %u declared objects of the image have their digests", objects->len);
  if (kept > 0)
    qfu_findings_add (findings, QFU_FINDING_UNCHECKED, "objects",
                      "%u of them will not be on the chip, which keeps its own", kept);
  return TRUE;
}

/* (transfer full) (nullable): something that the boot measures and that the chip keeps. */
static char *
find_kept (const QfuManifestQuestion *q)
{
  static const char *const vboot[] = {"GBB", "VBLOCK_A", "VBLOCK_B"};
  const GArray *objects = qfu_prediction_objects (q->prediction);

  for (guint i = 0; i < objects->len; i++) {
    const QfuMeasuredObject *object = &g_array_index (objects, QfuMeasuredObject, i);

    if (!is_vendors (q, object->region, object->file))
      return object->file == NULL ? g_strdup (object->region)
                                  : g_strdup_printf ("%s:%s", object->region, object->file);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (vboot); i++) {
    if (qfu_rom_region (q->rom, vboot[i]) != NULL && !is_vendors (q, vboot[i], NULL))
      return g_strdup (vboot[i]);
  }
  return NULL;
}

static gboolean
same_steps (const QfuManifest *manifest, const QfuManifestRecipe *recipe, const GArray *objects)
{
  if (recipe->steps->len != objects->len)
    return FALSE;
  for (guint i = 0; i < objects->len; i++) {
    const QfuMeasuredObject *measured = &g_array_index (objects, QfuMeasuredObject, i);
    const QfuManifestStep *step = &g_array_index (recipe->steps, QfuManifestStep, i);
    const QfuManifestObject *declared =
        &g_array_index (manifest->objects, QfuManifestObject, step->object);

    if (measured->pcr != step->pcr || strcmp (measured->region, declared->region) != 0 ||
        g_strcmp0 (measured->file, declared->file) != 0)
      return FALSE;
  }
  return TRUE;
}

/* How a recipe compares with a forecast. */
typedef struct {
  guint same;
  guint unknown;                /* declared, and not predictable */
  const QfuForecast *different; /* %NULL: none */
} Comparison;

static Comparison
compare (const QfuManifestRecipe *recipe, const GArray *forecasts)
{
  Comparison result = {0};
  guint declared = 0;

  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++)
      declared += recipe->pcrs.known[bank][pcr];
  }
  for (guint i = 0; i < forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (forecasts, QfuForecast, i);
    const QfuDigest *value = qfu_pcr_set_get (&recipe->pcrs, forecast->bank, forecast->pcr);

    if (value == NULL || forecast->value.size == 0)
      continue;
    if (qfu_digest_equal (value, &forecast->value))
      result.same++;
    else if (result.different == NULL)
      result.different = forecast;
    declared--;
  }
  result.unknown = declared;
  return result;
}

static void
tell_agreement (const QfuManifestRecipe *recipe, const Comparison *result, GPtrArray *findings)
{
  g_autofree char *label = g_strdup_printf ("recipe %s", recipe->name);

  if (result->same > 0 || recipe->steps->len > 0)
    qfu_findings_add (findings, QFU_FINDING_AGREES, label,
                      "%s, and %u of its PCR values %s the forecast",
                      recipe->steps->len > 0 ? "its steps" : "it declares no steps", result->same,
                      result->same == 1 ? "is" : "are");
  if (result->unknown > 0)
    qfu_findings_add (findings, QFU_FINDING_UNCHECKED, label,
                      "%u of its PCR values cannot be forecast", result->unknown);
}

static void
tell_difference (const QfuManifestRecipe *recipe, const QfuForecast *forecast, GPtrArray *findings)
{
  g_autofree char *label = g_strdup_printf ("recipe %s", recipe->name);
  g_autofree char *is = qfu_digest_to_hex (&forecast->value);
  g_autofree char *declared =
      qfu_digest_to_hex (qfu_pcr_set_get (&recipe->pcrs, forecast->bank, forecast->pcr));

  qfu_findings_add (findings, QFU_FINDING_CONTRADICTS, label,
                    "PCR %u (%s) is forecast as %s, the manifest declares %s", forecast->pcr,
                    qfu_hash_name (forecast->bank), is, declared);
}

/* One of the recipes that are meant has to agree; %FALSE: none is meant. @steps: those with. */
static gboolean
check_meant (const QfuManifestQuestion *q, gboolean steps, GPtrArray *findings)
{
  const GArray *forecasts = qfu_prediction_forecasts (q->prediction);
  const GArray *objects = qfu_prediction_objects (q->prediction);
  const QfuManifestRecipe *first = NULL;
  Comparison worst = {0};

  for (guint i = 0; i < q->manifest->recipes->len; i++) {
    const QfuManifestRecipe *recipe = &g_array_index (q->manifest->recipes, QfuManifestRecipe, i);
    Comparison result;

    if (steps ? !same_steps (q->manifest, recipe, objects) || objects->len == 0
              : recipe->steps->len > 0)
      continue;
    result = compare (recipe, forecasts);
    if (result.different == NULL) {
      tell_agreement (recipe, &result, findings);
      return TRUE;
    }
    if (first == NULL) {
      first = recipe;
      worst = result;
    }
  }
  if (first != NULL)
    tell_difference (first, worst.different, findings);
  return first != NULL;
}

static void
check_recipes (const QfuManifestQuestion *q, GPtrArray *findings)
{
  g_autofree char *kept = q->prediction == NULL ? NULL : find_kept (q);

  if (q->manifest->recipes->len == 0)
    return;
  if (q->prediction == NULL)
    qfu_findings_add (findings, QFU_FINDING_UNCHECKED, "recipes", "there is no forecast");
  else if (kept != NULL)
    qfu_findings_add (findings, QFU_FINDING_UNCHECKED, "recipes",
                      "%s is not the vendor's: the chip keeps its own", kept);
  else if (!check_meant (q, TRUE, findings) && !check_meant (q, FALSE, findings))
    qfu_findings_add (findings, QFU_FINDING_UNCHECKED, "recipes",
                      "this machine takes another way to boot than those that are declared");
}

/* Whether @checksum, `ALGORITHM:HEX`, is one of @hash. */
static gboolean
read_checksum (const char *checksum, QfuHash hash, QfuDigest *out)
{
  const char *hex = strchr (checksum, ':');
  g_autofree char *name = hex == NULL ? NULL : g_strndup (checksum, (gsize)(hex - checksum));

  return name != NULL && qfu_hash_from_name (name) == hash &&
         qfu_digest_from_hex (out, hash, hex + 1);
}

/* Any of the release's checksums of one algorithm may be the forecast of PCR 0. */
static void
check_checksums (const QfuManifestQuestion *q, const QfuForecast *forecast, GPtrArray *findings)
{
  g_autofree char *is = qfu_digest_to_hex (&forecast->value);
  guint others = 0;

  for (gsize i = 0; q->checksums[i] != NULL; i++) {
    QfuDigest checksum;

    if (!read_checksum (q->checksums[i], forecast->bank, &checksum))
      continue;
    if (qfu_digest_equal (&checksum, &forecast->value)) {
      qfu_findings_add (findings, QFU_FINDING_AGREES, "PCR 0",
                        "the forecast (%s) is the release's checksum of the device",
                        qfu_hash_name (forecast->bank));
      return;
    }
    others++;
  }
  if (others > 0)
    qfu_findings_add (
        findings, QFU_FINDING_CONTRADICTS, "PCR 0",
        "it is forecast as %s (%s), which is no checksum of the device in the release", is,
        qfu_hash_name (forecast->bank));
}

static void
check_device (const QfuManifestQuestion *q, GPtrArray *findings)
{
  const GArray *forecasts = q->prediction == NULL ? NULL : qfu_prediction_forecasts (q->prediction);
  guint before = findings->len;

  if (q->checksums == NULL || q->checksums[0] == NULL)
    return;
  for (guint i = 0; forecasts != NULL && i < forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (forecasts, QfuForecast, i);

    if (forecast->pcr == 0 && forecast->value.size > 0)
      check_checksums (q, forecast, findings);
  }
  if (findings->len == before)
    qfu_findings_add (findings, QFU_FINDING_UNCHECKED, "PCR 0",
                      "there is no forecast for the release's checksums of the device");
}

GPtrArray *
qfu_manifest_check (const QfuManifestQuestion *question, GError **error)
{
  g_autoptr (GPtrArray) findings = qfu_findings_new ();

  if (question->manifest != NULL) {
    check_image (question, findings);
    check_version (question, findings);
    if (!check_objects (question, findings, error))
      return NULL;
    check_recipes (question, findings);
  }
  check_device (question, findings);
  return g_steal_pointer (&findings);
}
