/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A manifest as JSON (schemas/manifest.schema.json). A member that the schema does not have is an
 * error, and so is one that comes twice: what a vendor declares must not depend on the reader. */
#include "qfu-error.h"
#include "qfu-parse-declared.h"
#include "qfu-parse-json.h"

#include "qfu-pcr.h"

#include <string.h>

#define FORMAT "qubes-fwupd-manifest-1"

static const QfuJsonForm manifest_form = {"manifest", QFU_MANIFEST_DEPTH_MAX,
                                          QFU_MANIFEST_VALUES_MAX};

typedef struct {
  QfuDeclared declared;
  guint members; /* in all objects that were read */
} Walk;

static gboolean
fail (GError **error, const char *what)
{
  return qfu_json_fail (&manifest_form, what, error);
}

/* Whether all members of @object are among @names, a list in which each ends with a blank. */
static gboolean
take_object (Walk *walk, JsonObject *object, const char *names, GError **error)
{
  g_autoptr (GList) members = object != NULL ? json_object_get_members (object) : NULL;

  for (GList *i = members; i != NULL; i = i->next) {
    g_autofree char *name = g_strconcat (" ", (const char *)i->data, " ", NULL);

    if (strchr (i->data, ' ') != NULL || strstr (names, name) == NULL)
      return fail (error, "a member that the format does not have");
    walk->members++;
  }
  return object != NULL || fail (error, "an object is missing");
}

/* An optional text: %FALSE when the member is there and is something else. */
static gboolean
take_text (JsonObject *object, const char *name, const char **text, GError **error)
{
  *text = qfu_json_member_string (object, name);
  return *text != NULL || !json_object_has_member (object, name) ||
         fail (error, "something else than a text");
}

/* An optional array: empty when it is absent. */
static gboolean
take_array (JsonObject *object, const char *name, JsonArray **array, guint *count, GError **error)
{
  *array = qfu_json_member_array (object, name);
  *count = *array != NULL ? json_array_get_length (*array) : 0;
  return *array != NULL || !json_object_has_member (object, name) ||
         fail (error, "something else than an array");
}

static gboolean
take_digest (const char *bank, JsonNode *node, QfuDigest *digest, GError **error)
{
  const char *hex = qfu_json_string (node);
  guint hash = bank == NULL ? 0 : qfu_hash_from_name (bank);

  return (hash != 0 && hex != NULL && qfu_digest_from_hex (digest, hash, hex)) ||
         fail (error, "a digest that is none");
}

static gboolean
emit_object (Walk *walk, JsonObject *object, GError **error)
{
  g_autoptr (GArray) digests = g_array_new (FALSE, TRUE, sizeof (QfuDigest));
  g_autoptr (GList) banks = NULL;
  const char *file = NULL;
  JsonObject *values;

  if (!take_object (walk, object, " region file digests ", error) ||
      !take_text (object, "file", &file, error))
    return FALSE;
  values = qfu_json_member_object (object, "digests");
  if (!take_object (walk, values, " sha1 sha256 sha384 sha512 ", error))
    return FALSE;
  banks = json_object_get_members (values);
  for (GList *i = banks; i != NULL; i = i->next) {
    QfuDigest digest;

    if (!take_digest (i->data, json_object_get_member (values, i->data), &digest, error))
      return FALSE;
    g_array_append_val (digests, digest);
  }
  return qfu_declared_object (&walk->declared, qfu_json_member_string (object, "region"), file,
                              digests, error);
}

static gboolean
emit_step (Walk *walk, JsonObject *step, GError **error)
{
  gint64 pcr;
  gint64 object;

  if (!take_object (walk, step, " pcr object ", error))
    return FALSE;
  pcr = qfu_json_member_int (step, "pcr", QFU_PCR_COUNT - 1);
  object = qfu_json_member_int (step, "object", QFU_MANIFEST_OBJECTS_MAX - 1);
  if (pcr < 0 || object < 0)
    return fail (error, "a step without PCR or object");
  return qfu_declared_step (&walk->declared, (guint64)pcr, (guint64)object, error);
}

static gboolean
emit_pcr (Walk *walk, JsonObject *row, GError **error)
{
  QfuDigest value;
  gint64 pcr;

  if (!take_object (walk, row, " pcr bank value ", error) ||
      !take_digest (qfu_json_member_string (row, "bank"), json_object_get_member (row, "value"),
                    &value, error))
    return FALSE;
  pcr = qfu_json_member_int (row, "pcr", QFU_PCR_COUNT - 1);
  if (pcr < 0)
    return fail (error, "a value without PCR");
  return qfu_declared_pcr (&walk->declared, (guint64)pcr, &value, error);
}

/* Calls @emit for each element of an array, which has to be an object. */
static gboolean
emit_all (Walk *walk,
          JsonArray *array,
          guint count,
          gboolean (*emit) (Walk *, JsonObject *, GError **),
          GError **error)
{
  for (guint i = 0; i < count; i++) {
    if (!emit (walk, qfu_json_object (json_array_get_element (array, i)), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
emit_recipe (Walk *walk, JsonObject *recipe, GError **error)
{
  const char *condition;
  JsonArray *steps;
  JsonArray *pcrs;
  guint n_steps;
  guint n_pcrs;

  if (!take_object (walk, recipe, " name condition steps pcrs ", error) ||
      !take_text (recipe, "condition", &condition, error) ||
      !take_array (recipe, "steps", &steps, &n_steps, error) ||
      !take_array (recipe, "pcrs", &pcrs, &n_pcrs, error))
    return FALSE;
  return qfu_declared_recipe (&walk->declared, qfu_json_member_string (recipe, "name"), condition,
                              error) &&
         emit_all (walk, steps, n_steps, emit_step, error) &&
         emit_all (walk, pcrs, n_pcrs, emit_pcr, error);
}

static gboolean
emit_manifest (Walk *walk, JsonObject *root, GError **error)
{
  JsonObject *image = qfu_json_member_object (root, "image");
  const char *version;
  JsonArray *objects;
  JsonArray *recipes;
  guint n_objects;
  guint n_recipes;
  QfuDigest digest;

  if (!take_object (walk, root, " format version image objects recipes ", error) ||
      !take_object (walk, image, " sha256 ", error) ||
      !take_text (root, "version", &version, error) ||
      !take_digest ("sha256", json_object_get_member (image, "sha256"), &digest, error) ||
      !take_array (root, "objects", &objects, &n_objects, error) ||
      !take_array (root, "recipes", &recipes, &n_recipes, error))
    return FALSE;
  return qfu_declared_image (&walk->declared, version, &digest, error) &&
         emit_all (walk, objects, n_objects, emit_object, error) &&
         emit_all (walk, recipes, n_recipes, emit_recipe, error);
}

/* How many members the text has, those included of which json-glib keeps the last alone. */
static guint
count_members (const guint8 *data, gsize size)
{
  gboolean in_string = FALSE;
  guint count = 0;

  for (gsize i = 0; i < size; i++) {
    if (in_string && data[i] == '\\')
      i++;
    else if (data[i] == '"')
      in_string = !in_string;
    else
      count += data[i] == ':' && !in_string;
  }
  return count;
}

gboolean
qfu_parse_manifest (const QfuMessage *arguments,
                    const QfuParseInput *inputs,
                    gsize n_inputs,
                    const QfuParseSink *sink,
                    GError **error)
{
  Walk walk = {.declared.sink = sink};
  g_autoptr (JsonParser) parser = NULL;
  const char *format;
  JsonObject *root;

  if (inputs[0].size == 0)
    return fail (error, "it is empty");
  if (inputs[0].size > QFU_MANIFEST_SIZE_MAX)
    return qfu_json_fail_limit (&manifest_form, "bytes", QFU_MANIFEST_SIZE_MAX, error);
  parser = qfu_json_read (&manifest_form, inputs[0].data, inputs[0].size, error);
  if (parser == NULL)
    return FALSE;
  root = qfu_json_object (json_parser_get_root (parser));
  format = qfu_json_member_string (root, "format");
  if (format == NULL || strcmp (format, FORMAT) != 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                         "a manifest of another format than " FORMAT);
    return FALSE;
  }
  if (!emit_manifest (&walk, root, error))
    return FALSE;
  return walk.members == count_members (inputs[0].data, inputs[0].size) ||
         fail (error, "a member that comes twice");
}
