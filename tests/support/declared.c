/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "declared.h"

#include "qfu-manifest-write.h"

#include <string.h>

#define SHORTEST_NAME 100 /* of the files of a large manifest */
#define LONGEST_NAME (QFU_CBFS_NAME_MAX - 1)

static void
digest_of (const char *text, QfuHash hash, QfuDigest *digests)
{
  qfu_digest_compute (hash, text, strlen (text), &digests[qfu_bank_index (hash)]);
}

static void
add_step (QfuManifestRecipe *recipe, guint pcr, guint object)
{
  const QfuManifestStep step = {pcr, object};

  g_array_append_val (recipe->steps, step);
}

static void
add_pcr (QfuManifestRecipe *recipe, guint pcr, QfuHash hash, const char *text)
{
  QfuDigest value;

  qfu_digest_compute (hash, text, strlen (text), &value);
  g_assert_true (qfu_pcr_set_put (&recipe->pcrs, pcr, &value));
}

QfuManifest *
declared_small (void)
{
  QfuManifest *manifest = qfu_manifest_new ();
  QfuManifestObject *object;
  QfuManifestRecipe *recipe;

  manifest->version = g_strdup ("1.2");
  qfu_digest_compute (QFU_HASH_SHA256, "image", 5, &manifest->image);
  object = qfu_manifest_add_object (manifest, "FMAP", NULL);
  digest_of ("fmap", QFU_HASH_SHA256, object->digests);
  object = qfu_manifest_add_object (manifest, "COREBOOT", "bootblock");
  digest_of ("bootblock", QFU_HASH_SHA1, object->digests);
  digest_of ("bootblock", QFU_HASH_SHA384, object->digests);
  recipe = qfu_manifest_add_recipe (manifest, "normal", "as delivered");
  add_step (recipe, 2, 0);
  add_step (recipe, 2, 1);
  add_pcr (recipe, 2, QFU_HASH_SHA1, "two");
  add_pcr (recipe, 2, QFU_HASH_SHA512, "two");
  return manifest;
}

QfuManifest *
declared_many (guint objects, guint recipes, guint steps)
{
  QfuManifest *manifest = qfu_manifest_new ();

  qfu_digest_compute (QFU_HASH_SHA256, "image", 5, &manifest->image);
  for (guint i = 0; i < objects; i++) {
    g_autofree char *name = g_strdup_printf ("file%u", i);

    digest_of ("x", QFU_HASH_SHA256, qfu_manifest_add_object (manifest, "COREBOOT", name)->digests);
  }
  for (guint i = 0; i < recipes; i++) {
    g_autofree char *name = g_strdup_printf ("recipe%u", i);
    QfuManifestRecipe *recipe = qfu_manifest_add_recipe (manifest, name, NULL);

    for (guint n = 0; n < steps; n++)
      add_step (recipe, 2, 0);
  }
  return manifest;
}

/* As many objects and recipes as there may be, with names that are @more bytes longer in all. */
static GBytes *
large_corim (gsize more)
{
  g_autoptr (QfuManifest) manifest = qfu_manifest_new ();

  qfu_digest_compute (QFU_HASH_SHA256, "image", 5, &manifest->image);
  for (guint i = 0; i < QFU_MANIFEST_OBJECTS_MAX; i++) {
    gsize longer = MIN (more, LONGEST_NAME - SHORTEST_NAME);
    g_autofree char *name = g_strnfill (SHORTEST_NAME + longer, 'f');
    g_autofree char *number = g_strdup_printf ("%04u", i);
    QfuManifestObject *object;

    memcpy (name, number, 4);
    more -= longer;
    object = qfu_manifest_add_object (manifest, "COREBOOT", name);
    for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++)
      digest_of ("x", qfu_bank_hash (bank), object->digests);
  }
  for (guint i = 0; i < QFU_MANIFEST_RECIPES_MAX; i++) {
    g_autofree char *name = g_strdup_printf ("%02u", i);
    QfuManifestRecipe *recipe = qfu_manifest_add_recipe (manifest, name, NULL);

    for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
      for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++)
        add_pcr (recipe, pcr, qfu_bank_hash (bank), "x");
    }
  }
  g_assert_cmpuint (more, ==, 0);
  return qfu_manifest_write (manifest, QFU_MANIFEST_IS_CORIM);
}

GBytes *
declared_corim_of_size (gsize size)
{
  g_autoptr (GBytes) smallest = large_corim (0);
  GBytes *corim;

  g_assert_cmpuint (g_bytes_get_size (smallest), <=, size);
  corim = large_corim (size - g_bytes_get_size (smallest));
  g_assert_cmpuint (g_bytes_get_size (corim), ==, size);
  return corim;
}
