/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-manifest-make.h"

#include "qfu-error.h"
#include "qfu-rules.h"

#include <string.h>

#define SEPARATOR 4u /* EV_SEPARATOR of the TCG profiles: the same on every machine */

static gboolean
too_many (GError **error, const char *what, guint max)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "a manifest takes %u %s", max, what);
  return FALSE;
}

/* @file: %NULL: the whole region. */
static gboolean
declare (QfuManifest *manifest,
         const QfuUntrustedBlob *image,
         const QfuRom *rom,
         const QfuRomRegion *region,
         const QfuRomFile *file,
         GError **error)
{
  const QfuHash hashes[] = {QFU_HASH_SHA256, qfu_rules_hash (rom, QFU_HASH_SHA256)};
  const char *name = file != NULL ? file->name : NULL;
  guint64 offset = file != NULL ? file->offset : region->offset;
  guint64 size = file != NULL ? file->size : region->size;
  QfuManifestObject *object;

  if (qfu_manifest_find (manifest, region->name, name) >= 0)
    return TRUE;
  if (manifest->objects->len >= QFU_MANIFEST_OBJECTS_MAX)
    return too_many (error, "objects", QFU_MANIFEST_OBJECTS_MAX);
  object = qfu_manifest_add_object (manifest, region->name, name);
  for (gsize i = 0; i < G_N_ELEMENTS (hashes); i++) {
    if (!qfu_untrusted_blob_hash_range (image, hashes[i], offset, size,
                                        &object->digests[qfu_bank_index (hashes[i])], error))
      return FALSE;
  }
  return TRUE;
}

QfuManifest *
qfu_manifest_of_image (const QfuUntrustedBlob *image,
                       const QfuRom *rom,
                       const char *version,
                       GError **error)
{
  static const char *const regions[] = {"FMAP", "BOOTBLOCK"};
  g_autoptr (QfuManifest) manifest = qfu_manifest_new ();

  manifest->version = g_strdup (version);
  manifest->image = *qfu_untrusted_blob_sha256 (image);
  for (gsize i = 0; i < G_N_ELEMENTS (regions); i++) {
    const QfuRomRegion *region = qfu_rom_region (rom, regions[i]);

    if (region != NULL && !declare (manifest, image, rom, region, NULL, error))
      return NULL;
  }
  for (guint i = 0; i < rom->files->len; i++) {
    const QfuRomFile *file = &g_array_index (rom->files, QfuRomFile, i);
    const QfuRomRegion *region = &g_array_index (rom->regions, QfuRomRegion, file->region);

    if (!declare (manifest, image, rom, region, file, error))
      return NULL;
  }
  if (manifest->objects->len == 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT, "the image holds nothing to measure");
    return NULL;
  }
  return g_steal_pointer (&manifest);
}

static gboolean
learn_step (QfuManifest *manifest,
            QfuManifestRecipe *recipe,
            const QfuUntrustedBlob *image,
            const QfuRom *rom,
            const QfuMeasuredObject *measured,
            GError **error)
{
  int object = qfu_manifest_find (manifest, measured->region, measured->file);
  QfuManifestStep step = {.pcr = measured->pcr};

  if (recipe->steps->len >= QFU_MANIFEST_STEPS_MAX)
    return too_many (error, "steps", QFU_MANIFEST_STEPS_MAX);
  if (object < 0) { /* an area that few images measure */
    const QfuRomRegion *region = qfu_rom_region (rom, measured->region);

    if (!declare (manifest, image, rom, region, NULL, error))
      return FALSE;
    object = qfu_manifest_find (manifest, measured->region, NULL);
  }
  step.object = (guint)object;
  g_array_append_val (recipe->steps, step);
  return TRUE;
}

/* Whether nothing but coreboot and separators extended @pcr, and coreboot did. */
static gboolean
is_of_firmware (const QfuReplay *replay, guint pcr, gboolean *mixed)
{
  gboolean firmware = FALSE;

  *mixed = FALSE;
  for (guint i = 0; i < replay->events->len; i++) {
    const QfuEvent *event = g_ptr_array_index (replay->events, i);

    if (event->pcr != pcr || !qfu_replay_extends (event))
      continue;
    if (qfu_replay_is_firmware (event))
      firmware = TRUE;
    else
      *mixed = *mixed || event->type != SEPARATOR;
  }
  return firmware;
}

static void
learn_pcr (QfuManifestRecipe *recipe,
           const QfuForecast *forecast,
           const QfuReplay *replay,
           GPtrArray *findings)
{
  g_autofree char *label =
      g_strdup_printf ("PCR %u (%s)", forecast->pcr, qfu_hash_name (forecast->bank));
  gboolean mixed;

  if (!is_of_firmware (replay, forecast->pcr, &mixed))
    return;
  if (mixed)
    qfu_findings_add (findings, QFU_FINDING_UNCHECKED, label,
                      "the payload measures there, too, which may be another on each machine");
  else if (forecast->value.size == 0)
    qfu_findings_add (findings, QFU_FINDING_UNCHECKED, label, "%s", forecast->reason);
  else if (!qfu_pcr_set_put (&recipe->pcrs, forecast->pcr, &forecast->value))
    qfu_findings_add (findings, QFU_FINDING_UNCHECKED, label, "it is no PCR");
}

/* The bank that the image extends: what its settings say, unless nothing is known of that bank, as
 * a TPM 1.2 has SHA-1 whatever an image was built for. */
static QfuHash
bank_of (const QfuRom *rom, const GArray *forecasts, const QfuReplay *replay)
{
  QfuHash present = replay->bank < 0 ? QFU_HASH_SHA256 : qfu_bank_hash ((gsize)replay->bank);
  QfuHash hash = qfu_rules_hash (rom, present);

  for (guint i = 0; i < forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (forecasts, QfuForecast, i);

    if (forecast->bank == hash && forecast->value.size > 0)
      return hash;
  }
  return present;
}

static gboolean
name_is_free (const QfuManifest *manifest, const char *name, GError **error)
{
  if (manifest->recipes->len >= QFU_MANIFEST_RECIPES_MAX)
    return too_many (error, "recipes", QFU_MANIFEST_RECIPES_MAX);
  for (guint i = 0; i < manifest->recipes->len; i++) {
    if (strcmp (g_array_index (manifest->recipes, QfuManifestRecipe, i).name, name) == 0) {
      g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "there is a recipe %s already", name);
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
qfu_manifest_learn_recipe (QfuManifest *manifest,
                           const char *name,
                           const QfuUntrustedBlob *image,
                           const QfuRom *rom,
                           const QfuPrediction *prediction,
                           const QfuReplay *replay,
                           GPtrArray *findings,
                           GError **error)
{
  const GArray *objects = qfu_prediction_objects (prediction);
  const GArray *forecasts = qfu_prediction_forecasts (prediction);
  QfuHash bank = bank_of (rom, forecasts, replay);
  QfuManifestRecipe *recipe;

  if (!name_is_free (manifest, name, error))
    return FALSE;
  recipe = qfu_manifest_add_recipe (manifest, name, NULL);
  for (guint i = 0; i < objects->len; i++) {
    if (!learn_step (manifest, recipe, image, rom, &g_array_index (objects, QfuMeasuredObject, i),
                     error))
      return FALSE;
  }
  for (guint i = 0; i < forecasts->len; i++) {
    const QfuForecast *forecast = &g_array_index (forecasts, QfuForecast, i);

    if (forecast->bank == bank)
      learn_pcr (recipe, forecast, replay, findings);
  }
  return TRUE;
}
