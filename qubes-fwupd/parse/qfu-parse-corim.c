/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A manifest as CoRIM (draft-ietf-rats-corim) of the profile in schemas/manifest.cddl: an image,
 * its objects, and a CoMID for each recipe, in this order. What another profile may hold besides is
 * not taken: nothing here would check it. */
#include "qfu-error.h"
#include "qfu-parse-comid.h"
#include "qfu-parse-declared.h"

#include "qfu-pcr.h"

#include <string.h>

#define PROFILE "urn:qubes-fwupd:manifest:1"

enum { TAG_URI = 32, TAG_CORIM = 501, TAG_COMID = 506 };
enum { CORIM_ID = 0, CORIM_TAGS = 1, CORIM_PROFILE = 3 };
enum { COMID_IDENTITY = 1, COMID_TRIPLES = 4 };
enum { TAG_ID = 0, TRIPLES_REFERENCE = 0 };

typedef struct {
  QfuDeclared declared;
  char *id; /* hexadecimal digits of the image's SHA-256 */
} Walk;

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "CoRIM: %s", what);
  return FALSE;
}

/* A CoMID up to its reference triples, of which there are @count; @name: the end of its tag-id. */
static gboolean
open_comid (Walk *walk,
            QfuCbor *tags,
            guint64 max,
            QfuCbor *comid,
            char **name,
            guint64 *count,
            GError **error)
{
  gsize longest = strlen (walk->id) + strlen ("/recipe/") + QFU_MANIFEST_NAME_MAX;
  g_autofree char *id = NULL;

  if (!qfu_cbor_tag (tags, TAG_COMID, error) || !qfu_cbor_bytes (tags, comid, error) ||
      !qfu_comid_map (comid, 2, error) || !qfu_cbor_key (comid, COMID_IDENTITY, error) ||
      !qfu_comid_map (comid, 1, error) || !qfu_cbor_key (comid, TAG_ID, error))
    return FALSE;
  id = qfu_cbor_text (comid, longest, error);
  if (id == NULL)
    return FALSE;
  if (!g_str_has_prefix (id, walk->id) || id[strlen (walk->id)] != '/')
    return fail (error, "a CoMID of another image");
  *name = g_strdup (id + strlen (walk->id) + 1);
  return qfu_cbor_key (comid, COMID_TRIPLES, error) && qfu_comid_map (comid, 1, error) &&
         qfu_cbor_key (comid, TRIPLES_REFERENCE, error) &&
         qfu_cbor_array (comid, max, count, error);
}

static gboolean
parse_image (Walk *walk, QfuCbor *tags, GError **error)
{
  g_auto (QfuMeasurement) m = {0};
  g_autofree char *name = NULL;
  g_autofree char *model = NULL;
  g_autofree char *hex = NULL;
  guint64 triples;
  guint64 count;
  QfuCbor comid;

  if (!open_comid (walk, tags, 1, &comid, &name, &triples, error))
    return FALSE;
  if (triples != 1)
    return fail (error, "no image");
  if (!qfu_comid_triple (&comid, 1, &model, &count, error))
    return FALSE;
  if (count != 1)
    return fail (error, "no image");
  if (!qfu_comid_measurement (&comid, &m, error) || !qfu_cbor_end (&comid, error))
    return FALSE;
  if (strcmp (name, "image") != 0 || strcmp (model, "image") != 0 || m.has_pcr || m.file != NULL ||
      m.name != NULL || m.raw.data != NULL || m.digests == NULL || m.digests->len != 1)
    return fail (error, "no image");
  hex = qfu_digest_to_hex (&g_array_index (m.digests, QfuDigest, 0));
  if (strcmp (hex, walk->id) != 0)
    return fail (error, "its id is not the digest of its image");
  return qfu_declared_image (&walk->declared, m.version, &g_array_index (m.digests, QfuDigest, 0),
                             error);
}

/* All objects of one region. */
static gboolean
parse_region (Walk *walk, QfuCbor *comid, GError **error)
{
  g_autofree char *region = NULL;
  guint64 count;

  if (!qfu_comid_triple (comid, QFU_MANIFEST_OBJECTS_MAX, &region, &count, error))
    return FALSE;
  for (guint64 i = 0; i < count; i++) {
    g_auto (QfuMeasurement) m = {0};

    if (!qfu_comid_measurement (comid, &m, error))
      return FALSE;
    if (m.has_pcr || m.version != NULL || m.name != NULL || m.raw.data != NULL || m.digests == NULL)
      return fail (error, "an object that is none");
    if (!qfu_declared_object (&walk->declared, region, m.file, m.digests, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
parse_objects (Walk *walk, QfuCbor *tags, GError **error)
{
  g_autofree char *name = NULL;
  guint64 triples;
  QfuCbor comid;

  if (!open_comid (walk, tags, QFU_MANIFEST_OBJECTS_MAX, &comid, &name, &triples, error))
    return FALSE;
  if (strcmp (name, "objects") != 0)
    return fail (error, "no objects");
  for (guint64 i = 0; i < triples; i++) {
    if (!parse_region (walk, &comid, error))
      return FALSE;
  }
  return qfu_cbor_end (&comid, error);
}

/* [pcr, object, pcr, object, …] */
static gboolean
parse_steps (Walk *walk, QfuCbor steps, GError **error)
{
  guint64 count;

  if (!qfu_cbor_array (&steps, 2 * QFU_MANIFEST_STEPS_MAX, &count, error))
    return FALSE;
  if (count % 2 != 0)
    return fail (error, "a step without an object");
  for (guint64 i = 0; i < count; i += 2) {
    guint64 pcr;
    guint64 object;

    if (!qfu_cbor_uint (&steps, &pcr, error) || !qfu_cbor_uint (&steps, &object, error) ||
        !qfu_declared_step (&walk->declared, pcr, object, error))
      return FALSE;
  }
  return qfu_cbor_end (&steps, error);
}

static gboolean
parse_pcrs (Walk *walk, const QfuMeasurement *m, GError **error)
{
  if (!m->has_pcr || m->version != NULL || m->name != NULL || m->raw.data != NULL ||
      m->digests == NULL)
    return fail (error, "a PCR that is none");
  for (guint i = 0; i < m->digests->len; i++) {
    if (!qfu_declared_pcr (&walk->declared, m->pcr, &g_array_index (m->digests, QfuDigest, i),
                           error))
      return FALSE;
  }
  return TRUE;
}

/* The first measurement has the steps and the condition, the others a PCR each. */
static gboolean
parse_boot (Walk *walk, QfuCbor *comid, const char *name, guint64 count, GError **error)
{
  for (guint64 i = 0; i < count; i++) {
    g_auto (QfuMeasurement) m = {0};
    gboolean path;

    if (!qfu_comid_measurement (comid, &m, error))
      return FALSE;
    path = i == 0 && !m.has_pcr && m.file == NULL && m.digests == NULL && m.version == NULL;
    if (i == 0 && !qfu_declared_recipe (&walk->declared, name, m.name, error))
      return FALSE;
    if (path ? m.raw.data != NULL && !parse_steps (walk, m.raw, error)
             : !parse_pcrs (walk, &m, error))
      return FALSE;
  }
  return count > 0 || fail (error, "a recipe of nothing");
}

static gboolean
parse_recipe (Walk *walk, QfuCbor *tags, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *model = NULL;
  guint64 triples;
  guint64 count;
  QfuCbor comid;

  if (!open_comid (walk, tags, 1, &comid, &name, &triples, error))
    return FALSE;
  if (triples != 1 || !g_str_has_prefix (name, "recipe/"))
    return fail (error, "no recipe");
  if (!qfu_comid_triple (&comid, 1 + QFU_PCR_COUNT, &model, &count, error))
    return FALSE;
  if (strcmp (model, "boot") != 0)
    return fail (error, "no recipe");
  return parse_boot (walk, &comid, name + strlen ("recipe/"), count, error) &&
         qfu_cbor_end (&comid, error);
}

static gboolean
parse_corim (Walk *walk, QfuCbor cbor, GError **error)
{
  guint64 count;

  if (!qfu_cbor_tag (&cbor, TAG_CORIM, error) || !qfu_comid_map (&cbor, 3, error) ||
      !qfu_cbor_key (&cbor, CORIM_ID, error))
    return FALSE;
  walk->id = qfu_cbor_text (&cbor, 2 * QFU_SHA256_SIZE, error);
  if (walk->id == NULL || !qfu_cbor_key (&cbor, CORIM_TAGS, error) ||
      !qfu_cbor_array (&cbor, 2 + QFU_MANIFEST_RECIPES_MAX, &count, error))
    return FALSE;
  if (count < 2)
    return fail (error, "no image, or no objects");
  if (!parse_image (walk, &cbor, error) || !parse_objects (walk, &cbor, error))
    return FALSE;
  for (guint64 i = 2; i < count; i++) {
    if (!parse_recipe (walk, &cbor, error))
      return FALSE;
  }
  return qfu_cbor_key (&cbor, CORIM_PROFILE, error) && qfu_cbor_tag (&cbor, TAG_URI, error) &&
         qfu_comid_text (&cbor, PROFILE, error) && qfu_cbor_end (&cbor, error);
}

gboolean
qfu_parse_corim (const QfuMessage *arguments,
                 const QfuParseInput *inputs,
                 gsize n_inputs,
                 const QfuParseSink *sink,
                 GError **error)
{
  Walk walk = {.declared.sink = sink};
  gboolean ok;

  if (inputs[0].size > QFU_MANIFEST_SIZE_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "CoRIM: it is too large");
    return FALSE;
  }
  ok = parse_corim (&walk, (QfuCbor){inputs[0].data, inputs[0].size}, error);
  g_free (walk.id);
  return ok;
}
