/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-manifest-write.h"

#include "qfu-cbor.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* Numbers of draft-ietf-rats-corim; schemas/manifest.cddl says which of it are used. */
enum { TAG_URI = 32, TAG_CORIM = 501, TAG_COMID = 506, TAG_BYTES = 560 };
enum { CORIM_ID = 0, CORIM_TAGS = 1, CORIM_PROFILE = 3 };
enum { COMID_IDENTITY = 1, COMID_TRIPLES = 4 };
enum { TAG_ID = 0, TRIPLES_REFERENCE = 0, ENVIRONMENT_CLASS = 0, CLASS_MODEL = 2 };
enum { MEASUREMENT_KEY = 0, MEASUREMENT_VALUE = 1 };
enum { VALUE_VERSION = 0, VALUE_DIGESTS = 2, VALUE_RAW = 4, VALUE_NAME = 11 };

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  if (text == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
add_number (JsonBuilder *builder, const char *name, gint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

static void
add_digest (JsonBuilder *builder, const char *name, const QfuDigest *digest)
{
  g_autofree char *hex = qfu_digest_to_hex (digest);

  add_text (builder, name, hex);
}

static void
open_array (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
}

static void
add_object (JsonBuilder *builder, const QfuManifestObject *object)
{
  json_builder_begin_object (builder);
  add_text (builder, "region", object->region);
  add_text (builder, "file", object->file);
  json_builder_set_member_name (builder, "digests");
  json_builder_begin_object (builder);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    if (object->digests[bank].size > 0)
      add_digest (builder, qfu_hash_name (qfu_bank_hash (bank)), &object->digests[bank]);
  }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static void
add_pcrs (JsonBuilder *builder, const QfuPcrSet *pcrs)
{
  open_array (builder, "pcrs");
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
      if (!pcrs->known[bank][pcr])
        continue;
      json_builder_begin_object (builder);
      add_number (builder, "pcr", pcr);
      add_text (builder, "bank", qfu_hash_name (qfu_bank_hash (bank)));
      add_digest (builder, "value", &pcrs->value[bank][pcr]);
      json_builder_end_object (builder);
    }
  }
  json_builder_end_array (builder);
}

static void
add_recipe (JsonBuilder *builder, const QfuManifestRecipe *recipe)
{
  json_builder_begin_object (builder);
  add_text (builder, "name", recipe->name);
  add_text (builder, "condition", recipe->condition);
  open_array (builder, "steps");
  for (guint i = 0; i < recipe->steps->len; i++) {
    const QfuManifestStep *step = &g_array_index (recipe->steps, QfuManifestStep, i);

    json_builder_begin_object (builder);
    add_number (builder, "pcr", step->pcr);
    add_number (builder, "object", step->object);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  add_pcrs (builder, &recipe->pcrs);
  json_builder_end_object (builder);
}

static GBytes *
write_json (const QfuManifest *manifest)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  char *line;

  json_builder_begin_object (builder);
  add_text (builder, "format", QFU_MANIFEST_FORMAT);
  add_text (builder, "version", manifest->version);
  json_builder_set_member_name (builder, "image");
  json_builder_begin_object (builder);
  add_digest (builder, "sha256", &manifest->image);
  json_builder_end_object (builder);
  open_array (builder, "objects");
  for (guint i = 0; i < manifest->objects->len; i++)
    add_object (builder, &g_array_index (manifest->objects, QfuManifestObject, i));
  json_builder_end_array (builder);
  open_array (builder, "recipes");
  for (guint i = 0; i < manifest->recipes->len; i++)
    add_recipe (builder, &g_array_index (manifest->recipes, QfuManifestRecipe, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  line = g_strconcat (text, "\n", NULL);
  return g_bytes_new_take (line, strlen (line));
}

/* [algorithm, value], the algorithm as IANA numbers named information; SHA-1 has no number there.
 */
static void
put_digest (GByteArray *out, const QfuDigest *digest)
{
  qfu_cbor_put_array (out, 2);
  if (digest->hash == QFU_HASH_SHA1)
    qfu_cbor_put_text (out, "sha-1");
  else
    qfu_cbor_put_uint (out, digest->hash == QFU_HASH_SHA256   ? 1
                            : digest->hash == QFU_HASH_SHA384 ? 7
                                                              : 8);
  qfu_cbor_put_bytes (out, digest->data, digest->size);
}

/* The array of those digests that are there, @step apart. */
static void
put_digests (GByteArray *out, const QfuDigest *digests, gsize step)
{
  guint count = 0;

  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++)
    count += digests[bank * step].size > 0;
  qfu_cbor_put_array (out, count);
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    if (digests[bank * step].size > 0)
      put_digest (out, &digests[bank * step]);
  }
}

/* What stands before the measurements of a triple. */
static void
put_environment (GByteArray *out, const char *model)
{
  qfu_cbor_put_array (out, 2);
  qfu_cbor_put_map (out, 1);
  qfu_cbor_put_uint (out, ENVIRONMENT_CLASS);
  qfu_cbor_put_map (out, 1);
  qfu_cbor_put_uint (out, CLASS_MODEL);
  qfu_cbor_put_text (out, model);
}

/* A CoMID of @n_triples, which follow. */
static GByteArray *
open_comid (const char *id, const char *name, guint n_triples)
{
  g_autofree char *tag_id = g_strdup_printf ("%s/%s", id, name);
  GByteArray *comid = g_byte_array_new ();

  qfu_cbor_put_map (comid, 2);
  qfu_cbor_put_uint (comid, COMID_IDENTITY);
  qfu_cbor_put_map (comid, 1);
  qfu_cbor_put_uint (comid, TAG_ID);
  qfu_cbor_put_text (comid, tag_id);
  qfu_cbor_put_uint (comid, COMID_TRIPLES);
  qfu_cbor_put_map (comid, 1);
  qfu_cbor_put_uint (comid, TRIPLES_REFERENCE);
  qfu_cbor_put_array (comid, n_triples);
  return comid;
}

/* @comid: (transfer full) */
static void
close_comid (GByteArray *out, GByteArray *comid)
{
  qfu_cbor_put_tag (out, TAG_COMID);
  qfu_cbor_put_bytes (out, comid->data, comid->len);
  g_byte_array_unref (comid);
}

static void
put_image (GByteArray *out, const QfuManifest *manifest, const char *id)
{
  GByteArray *comid = open_comid (id, "image", 1);

  put_environment (comid, "image");
  qfu_cbor_put_array (comid, 1);
  qfu_cbor_put_map (comid, 1);
  qfu_cbor_put_uint (comid, MEASUREMENT_VALUE);
  qfu_cbor_put_map (comid, manifest->version != NULL ? 2 : 1);
  if (manifest->version != NULL) {
    qfu_cbor_put_uint (comid, VALUE_VERSION);
    qfu_cbor_put_map (comid, 1);
    qfu_cbor_put_uint (comid, 0);
    qfu_cbor_put_text (comid, manifest->version);
  }
  qfu_cbor_put_uint (comid, VALUE_DIGESTS);
  qfu_cbor_put_array (comid, 1);
  put_digest (comid, &manifest->image);
  close_comid (out, comid);
}

/* How many objects from the @from-th on lie in one region. */
static guint
count_together (const GArray *objects, guint from)
{
  const char *region = g_array_index (objects, QfuManifestObject, from).region;
  guint n = 1;

  while (from + n < objects->len &&
         strcmp (g_array_index (objects, QfuManifestObject, from + n).region, region) == 0)
    n++;
  return n;
}

static void
put_region (GByteArray *out, const GArray *objects, guint from, guint count)
{
  put_environment (out, g_array_index (objects, QfuManifestObject, from).region);
  qfu_cbor_put_array (out, count);
  for (guint i = from; i < from + count; i++) {
    const QfuManifestObject *object = &g_array_index (objects, QfuManifestObject, i);

    qfu_cbor_put_map (out, object->file != NULL ? 2 : 1);
    if (object->file != NULL) {
      qfu_cbor_put_uint (out, MEASUREMENT_KEY);
      qfu_cbor_put_text (out, object->file);
    }
    qfu_cbor_put_uint (out, MEASUREMENT_VALUE);
    qfu_cbor_put_map (out, 1);
    qfu_cbor_put_uint (out, VALUE_DIGESTS);
    put_digests (out, object->digests, 1);
  }
}

static void
put_objects (GByteArray *out, const GArray *objects, const char *id)
{
  GByteArray *comid;
  guint regions = 0;

  for (guint i = 0; i < objects->len; i += count_together (objects, i))
    regions++;
  comid = open_comid (id, "objects", regions);
  for (guint i = 0; i < objects->len; i += count_together (objects, i))
    put_region (comid, objects, i, count_together (objects, i));
  close_comid (out, comid);
}

/* The steps, which CoMID has no words for, as a raw value, and the condition. */
static void
put_path (GByteArray *out, const QfuManifestRecipe *recipe)
{
  g_autoptr (GByteArray) steps = g_byte_array_new ();

  qfu_cbor_put_array (steps, 2 * (guint64)recipe->steps->len);
  for (guint i = 0; i < recipe->steps->len; i++) {
    qfu_cbor_put_uint (steps, g_array_index (recipe->steps, QfuManifestStep, i).pcr);
    qfu_cbor_put_uint (steps, g_array_index (recipe->steps, QfuManifestStep, i).object);
  }
  qfu_cbor_put_map (out, 1);
  qfu_cbor_put_uint (out, MEASUREMENT_VALUE);
  qfu_cbor_put_map (out, recipe->condition != NULL ? 2 : 1);
  qfu_cbor_put_uint (out, VALUE_RAW);
  qfu_cbor_put_tag (out, TAG_BYTES);
  qfu_cbor_put_bytes (out, steps->data, steps->len);
  if (recipe->condition != NULL) {
    qfu_cbor_put_uint (out, VALUE_NAME);
    qfu_cbor_put_text (out, recipe->condition);
  }
}

static gboolean
is_declared (const QfuPcrSet *pcrs, guint pcr)
{
  gboolean declared = FALSE;

  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++)
    declared = declared || pcrs->known[bank][pcr];
  return declared;
}

static void
put_recipe (GByteArray *out, const QfuManifestRecipe *recipe, const char *id)
{
  g_autofree char *name = g_strdup_printf ("recipe/%s", recipe->name);
  GByteArray *comid = open_comid (id, name, 1);
  guint count = 1;

  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++)
    count += is_declared (&recipe->pcrs, pcr);
  put_environment (comid, "boot");
  qfu_cbor_put_array (comid, count);
  put_path (comid, recipe);
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
    if (!is_declared (&recipe->pcrs, pcr))
      continue;
    qfu_cbor_put_map (comid, 2);
    qfu_cbor_put_uint (comid, MEASUREMENT_KEY);
    qfu_cbor_put_uint (comid, pcr);
    qfu_cbor_put_uint (comid, MEASUREMENT_VALUE);
    qfu_cbor_put_map (comid, 1);
    qfu_cbor_put_uint (comid, VALUE_DIGESTS);
    put_digests (comid, &recipe->pcrs.value[0][pcr], QFU_PCR_COUNT);
  }
  close_comid (out, comid);
}

static GBytes *
write_corim (const QfuManifest *manifest)
{
  g_autofree char *id = qfu_digest_to_hex (&manifest->image);
  GByteArray *out = g_byte_array_new ();

  qfu_cbor_put_tag (out, TAG_CORIM);
  qfu_cbor_put_map (out, 3);
  qfu_cbor_put_uint (out, CORIM_ID);
  qfu_cbor_put_text (out, id);
  qfu_cbor_put_uint (out, CORIM_TAGS);
  qfu_cbor_put_array (out, 2 + (guint64)manifest->recipes->len);
  put_image (out, manifest, id);
  put_objects (out, manifest->objects, id);
  for (guint i = 0; i < manifest->recipes->len; i++)
    put_recipe (out, &g_array_index (manifest->recipes, QfuManifestRecipe, i), id);
  qfu_cbor_put_uint (out, CORIM_PROFILE);
  qfu_cbor_put_tag (out, TAG_URI);
  qfu_cbor_put_text (out, QFU_MANIFEST_PROFILE);
  return g_byte_array_free_to_bytes (out);
}

GBytes *
qfu_manifest_write (const QfuManifest *manifest, QfuManifestForm form)
{
  return form == QFU_MANIFEST_IS_JSON ? write_json (manifest) : write_corim (manifest);
}
