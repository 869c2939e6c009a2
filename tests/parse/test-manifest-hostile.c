/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every limit of the ops `manifest` and `corim`, and files that would cost more than they say. */
#include "declared.h"
#include "limit.h"
#include "qfu-cbor.h"
#include "qfu-manifest-write.h"

#include <string.h>

static GBytes *
write_json (QfuManifest *manifest)
{
  g_autoptr (QfuManifest) owned = manifest;

  return qfu_manifest_write (owned, QFU_MANIFEST_IS_JSON);
}

static GBytes *
write_corim (QfuManifest *manifest)
{
  g_autoptr (QfuManifest) owned = manifest;

  return qfu_manifest_write (owned, QFU_MANIFEST_IS_CORIM);
}

/* declared_small() with names of these lengths; 0: as it is. */
static QfuManifest *
named (gsize region, gsize file, gsize recipe, gsize condition, gsize version)
{
  QfuManifest *manifest = declared_small ();
  QfuManifestObject *object = &g_array_index (manifest->objects, QfuManifestObject, 1);
  QfuManifestRecipe *first = &g_array_index (manifest->recipes, QfuManifestRecipe, 0);
  const struct {
    char **text;
    gsize length;
  } all[] = {{&object->region, region},
             {&object->file, file},
             {&first->name, recipe},
             {&first->condition, condition},
             {&manifest->version, version}};

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    if (all[i].length == 0)
      continue;
    g_free (*all[i].text);
    *all[i].text = g_strnfill (all[i].length, 'n');
  }
  return manifest;
}

static GBytes *
json_size (guint64 n)
{
  g_autoptr (GBytes) json = write_json (declared_small ());
  GString *text = g_string_new_len (g_bytes_get_data (json, NULL), (gssize)g_bytes_get_size (json));

  while (text->len < n)
    g_string_append_c (text, ' ');
  return g_string_free_to_bytes (text);
}

/* An array in place of a step's number: one level more than the format has. */
static GBytes *
json_depth (guint64 n)
{
  g_autoptr (GBytes) json = write_json (declared_small ());
  g_autofree char *text = g_strndup (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
  g_auto (GStrv) parts = g_strsplit (text, "\"object\" : 0", 2);
  char *deeper =
      g_strjoinv (n > QFU_MANIFEST_DEPTH_MAX ? "\"object\" : [0]" : "\"object\" : 0", parts);

  g_assert_nonnull (parts[1]);
  return g_bytes_new_take (deeper, strlen (deeper));
}

/* Exactly @n commas, most of them of steps; there are two for a step and one for a recipe. */
static GBytes *
json_values (guint64 n)
{
  GString *text =
      g_string_new ("{\"format\":\"qubes-fwupd-manifest-1\",\"image\":{\"sha256\":"
                    "\"6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d\"},"
                    "\"objects\":[{\"region\":\"A\",\"digests\":{\"sha1\":"
                    "\"2fd4e1c67a2d28fced849ee1bb76e7391b93eb12\"}}],\"recipes\":[");
  guint64 left = n - 3 - 1 - 2 * QFU_MANIFEST_RECIPES_MAX + 1;

  for (guint i = 0; i < QFU_MANIFEST_RECIPES_MAX; i++) {
    guint64 steps = MIN ((left + 1) / 2, QFU_MANIFEST_STEPS_MAX);
    gboolean odd = i == 0 && left % 2 == 1; /* each of an even number takes an odd one */

    g_string_append_printf (text, "%s{\"name\":\"%u\"%s,\"steps\":[", i > 0 ? "," : "", i,
                            odd ? ",\"condition\":\"c\"" : "");
    left -= odd;
    for (guint64 s = 0; s < steps; s++)
      g_string_append_printf (text, "%s{\"pcr\":2,\"object\":0}", s > 0 ? "," : "");
    left -= steps > 0 ? 2 * steps - 1 : 0;
    g_string_append (text, "]}");
  }
  g_assert_cmpuint (left, ==, 0);
  g_string_append (text, "]}");
  return g_string_free_to_bytes (text);
}

static GBytes *
json_objects (guint64 n)
{
  return write_json (declared_many ((guint)n, 0, 0));
}

static GBytes *
json_recipes (guint64 n)
{
  return write_json (declared_many (1, (guint)n, 0));
}

static GBytes *
json_steps (guint64 n)
{
  return write_json (declared_many (1, 1, (guint)n));
}

static GBytes *
json_region (guint64 n)
{
  return write_json (named (n - 1, 0, 0, 0, 0));
}

static GBytes *
json_file (guint64 n)
{
  return write_json (named (0, n - 1, 0, 0, 0));
}

static GBytes *
json_name (guint64 n)
{
  return write_json (named (0, 0, n, 0, 0));
}

static GBytes *
json_condition (guint64 n)
{
  return write_json (named (0, 0, 0, n, 0));
}

static GBytes *
corim_objects (guint64 n)
{
  return write_corim (declared_many ((guint)n, 0, 0));
}

static GBytes *
corim_recipes (guint64 n)
{
  return write_corim (declared_many (1, (guint)n, 0));
}

static GBytes *
corim_steps (guint64 n)
{
  return write_corim (declared_many (1, 1, (guint)n));
}

static GBytes *
corim_region (guint64 n)
{
  return write_corim (named (n - 1, 0, 0, 0, 0));
}

static GBytes *
corim_file (guint64 n)
{
  return write_corim (named (0, n - 1, 0, 0, 0));
}

static GBytes *
corim_name (guint64 n)
{
  return write_corim (named (0, 0, n, 0, 0));
}

static GBytes *
corim_condition (guint64 n)
{
  return write_corim (named (0, 0, 0, n, 0));
}

static GBytes *
corim_size (guint64 n)
{
  return declared_corim_of_size (n);
}

static const LimitCase json_limits[] = {
    {"/manifest/limit/size", QFU_MANIFEST_SIZE_MAX, json_size, QFU_ERROR_LIMIT},
    {"/manifest/limit/depth", QFU_MANIFEST_DEPTH_MAX, json_depth, QFU_ERROR_LIMIT},
    {"/manifest/limit/values", QFU_MANIFEST_VALUES_MAX, json_values, QFU_ERROR_LIMIT},
    {"/manifest/limit/objects", QFU_MANIFEST_OBJECTS_MAX, json_objects, QFU_ERROR_LIMIT},
    {"/manifest/limit/recipes", QFU_MANIFEST_RECIPES_MAX, json_recipes, QFU_ERROR_LIMIT},
    {"/manifest/limit/steps", QFU_MANIFEST_STEPS_MAX, json_steps, QFU_ERROR_LIMIT},
    {"/manifest/limit/region", QFU_FMAP_NAME_MAX, json_region, QFU_ERROR_FORMAT},
    {"/manifest/limit/file", QFU_CBFS_NAME_MAX, json_file, QFU_ERROR_FORMAT},
    {"/manifest/limit/name", QFU_MANIFEST_NAME_MAX, json_name, QFU_ERROR_FORMAT},
    {"/manifest/limit/condition", QFU_MANIFEST_CONDITION_MAX, json_condition, QFU_ERROR_FORMAT},
};

static const LimitCase corim_limits[] = {
    {"/corim/limit/size", QFU_MANIFEST_SIZE_MAX, corim_size, QFU_ERROR_LIMIT},
    {"/corim/limit/objects", QFU_MANIFEST_OBJECTS_MAX, corim_objects, QFU_ERROR_LIMIT},
    {"/corim/limit/recipes", QFU_MANIFEST_RECIPES_MAX, corim_recipes, QFU_ERROR_LIMIT},
    {"/corim/limit/steps", QFU_MANIFEST_STEPS_MAX, corim_steps, QFU_ERROR_LIMIT},
    {"/corim/limit/region", QFU_FMAP_NAME_MAX, corim_region, QFU_ERROR_LIMIT},
    {"/corim/limit/file", QFU_CBFS_NAME_MAX, corim_file, QFU_ERROR_LIMIT},
    {"/corim/limit/name", QFU_MANIFEST_NAME_MAX, corim_name, QFU_ERROR_LIMIT},
    {"/corim/limit/condition", QFU_MANIFEST_CONDITION_MAX, corim_condition, QFU_ERROR_LIMIT},
};

/* Nested as deep as the size allows, which readers of whole documents follow. */
static void
test_nested (void)
{
  static const struct {
    const char *op;
    guint8 byte;
  } rows[] = {{"manifest", '['}, {"corim", 0x81}, {"corim", 0xa1}, {"corim", 0xc0}};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree guint8 *bytes = g_malloc (QFU_MANIFEST_SIZE_MAX);
    QfuParseInput input = {bytes, QFU_MANIFEST_SIZE_MAX};
    g_auto (LimitOutcome) outcome = {0};

    memset (bytes, rows[i].byte, input.size);
    outcome = limit_run (rows[i].op, 0, &input, 1);
    g_assert_nonnull (outcome.error);
    g_assert_cmpuint (outcome.messages, ==, 0);
  }
}

/* A file that ends anywhere is refused, and so is one in which any byte is missing. */
static void
test_cut (void)
{
  for (gsize form = 0; form < QFU_MANIFEST_FORMS; form++) {
    g_autoptr (QfuManifest) manifest = declared_small ();
    g_autoptr (GBytes) whole = qfu_manifest_write (manifest, (QfuManifestForm)form);
    const char *op = form == QFU_MANIFEST_IS_JSON ? "manifest" : "corim";
    gsize size = g_bytes_get_size (whole) - 1; /* the last byte of the JSON is a line feed */

    for (gsize length = 0; length < size; length++) {
      g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (whole, NULL), length + 1);
      QfuParseInput input = {bytes, length};
      g_auto (LimitOutcome) outcome = limit_run (op, 0, &input, 1);

      g_assert_nonnull (outcome.error);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  limit_add ("manifest", 0, json_limits, G_N_ELEMENTS (json_limits));
  limit_add ("corim", 0, corim_limits, G_N_ELEMENTS (corim_limits));
  g_test_add_func ("/manifest-hostile/nested", test_nested);
  g_test_add_func ("/manifest-hostile/cut", test_cut);
  return g_test_run ();
}
