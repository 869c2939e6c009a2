/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-manifest.h"

#include "qfu-error.h"
#include "qfu-worker.h"

#include <string.h>

static void
clear_object (gpointer element)
{
  QfuManifestObject *object = element;

  g_free (object->region);
  g_free (object->file);
}

static void
clear_recipe (gpointer element)
{
  QfuManifestRecipe *recipe = element;

  g_free (recipe->name);
  g_free (recipe->condition);
  g_array_unref (recipe->steps);
}

const char *
qfu_manifest_file_name (QfuManifestForm form)
{
  return form == QFU_MANIFEST_IS_JSON ? QFU_MANIFEST_JSON : QFU_MANIFEST_CORIM;
}

QfuManifest *
qfu_manifest_new (void)
{
  QfuManifest *manifest = g_new0 (QfuManifest, 1);

  manifest->objects = g_array_new (FALSE, TRUE, sizeof (QfuManifestObject));
  g_array_set_clear_func (manifest->objects, clear_object);
  manifest->recipes = g_array_new (FALSE, TRUE, sizeof (QfuManifestRecipe));
  g_array_set_clear_func (manifest->recipes, clear_recipe);
  return manifest;
}

void
qfu_manifest_free (QfuManifest *manifest)
{
  if (manifest == NULL)
    return;
  g_free (manifest->version);
  g_array_unref (manifest->objects);
  g_array_unref (manifest->recipes);
  g_free (manifest);
}

QfuManifestObject *
qfu_manifest_add_object (QfuManifest *manifest, const char *region, const char *file)
{
  const QfuManifestObject object = {.region = g_strdup (region), .file = g_strdup (file)};

  g_array_append_val (manifest->objects, object);
  return &g_array_index (manifest->objects, QfuManifestObject, manifest->objects->len - 1);
}

QfuManifestRecipe *
qfu_manifest_add_recipe (QfuManifest *manifest, const char *name, const char *condition)
{
  const QfuManifestRecipe recipe = {.name = g_strdup (name),
                                    .condition = g_strdup (condition),
                                    .steps = g_array_new (FALSE, TRUE, sizeof (QfuManifestStep))};

  g_array_append_val (manifest->recipes, recipe);
  return &g_array_index (manifest->recipes, QfuManifestRecipe, manifest->recipes->len - 1);
}

int
qfu_manifest_find (const QfuManifest *manifest, const char *region, const char *file)
{
  for (guint i = 0; i < manifest->objects->len; i++) {
    const QfuManifestObject *object = &g_array_index (manifest->objects, QfuManifestObject, i);

    if (strcmp (object->region, region) == 0 && g_strcmp0 (object->file, file) == 0)
      return (int)i;
  }
  return -1;
}

char *
qfu_manifest_object_label (const QfuManifestObject *object)
{
  return object->file == NULL ? g_strdup (object->region)
                              : g_strdup_printf ("%s:%s", object->region, object->file);
}

static gboolean
lies (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "the worker for a manifest %s", what);
  return FALSE;
}

static gboolean
refuse (GError **error, const char *what, const char *name)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "the manifest declares %s twice%s%s", what,
               name != NULL ? ": " : "", name != NULL ? name : "");
  return FALSE;
}

static gboolean
take_image (QfuManifest *manifest, const QfuMessage *message, GError **error)
{
  const guint8 *data;
  gsize size;

  data = qfu_message_bytes (message, QFU_FIELD_SHA256, 0, &size);
  if (manifest->image.size > 0 || !qfu_digest_set (&manifest->image, QFU_HASH_SHA256, data, size))
    return lies (error, "sends two images, or none");
  manifest->version = g_strdup (qfu_message_text (message, QFU_FIELD_VERSION, 0));
  return TRUE;
}

static gboolean
take_object (QfuManifest *manifest, const QfuMessage *message, GError **error)
{
  const char *region = qfu_message_text (message, QFU_FIELD_NAME, 0);
  const char *file = qfu_message_text (message, QFU_FIELD_FILE_NAME, 0);
  QfuManifestObject *object;

  if (manifest->recipes->len > 0 || manifest->objects->len >= QFU_MANIFEST_OBJECTS_MAX)
    return lies (error, "sends an object too much or too late");
  if (qfu_manifest_find (manifest, region, file) >= 0)
    return refuse (error, "an object", file != NULL ? file : region);
  object = qfu_manifest_add_object (manifest, region, file);
  for (guint i = 0; i < qfu_message_count (message, QFU_FIELD_DIGEST); i++) {
    QfuDigest digest;
    QfuDigest *place;

    if (!qfu_message_digest (message, QFU_FIELD_DIGEST, i, &digest))
      return lies (error, "sends a digest that is none");
    place = &object->digests[qfu_bank_index (digest.hash)];
    if (place->size > 0)
      return refuse (error, "a digest of one algorithm", object->region);
    *place = digest;
  }
  return TRUE;
}

static QfuManifestRecipe *
last_recipe (const QfuManifest *manifest)
{
  guint n = manifest->recipes->len;

  return n == 0 ? NULL : &g_array_index (manifest->recipes, QfuManifestRecipe, n - 1);
}

static gboolean
take_recipe (QfuManifest *manifest, const QfuMessage *message, GError **error)
{
  const char *name = qfu_message_text (message, QFU_FIELD_NAME, 0);

  if (manifest->recipes->len >= QFU_MANIFEST_RECIPES_MAX)
    return lies (error, "sends too many recipes");
  for (guint i = 0; i < manifest->recipes->len; i++) {
    if (strcmp (g_array_index (manifest->recipes, QfuManifestRecipe, i).name, name) == 0)
      return refuse (error, "a recipe", name);
  }
  qfu_manifest_add_recipe (manifest, name, qfu_message_text (message, QFU_FIELD_SUMMARY, 0));
  return TRUE;
}

static gboolean
take_step (QfuManifest *manifest, const QfuMessage *message, GError **error)
{
  QfuManifestRecipe *recipe = last_recipe (manifest);
  QfuManifestStep step;
  guint64 untrusted_pcr;
  guint64 untrusted_object;

  if (recipe == NULL || recipe->steps->len >= QFU_MANIFEST_STEPS_MAX || manifest->objects->len == 0)
    return lies (error, "sends a step too much or too soon");
  if (!qfu_message_number (message, QFU_FIELD_PCR, 0, QFU_PCR_COUNT - 1, &untrusted_pcr, error) ||
      !qfu_message_number (message, QFU_FIELD_INDEX, 0, manifest->objects->len - 1,
                           &untrusted_object, error))
    return FALSE;
  step = (QfuManifestStep){(guint)untrusted_pcr, (guint)untrusted_object};
  g_array_append_val (recipe->steps, step);
  return TRUE;
}

static gboolean
take_pcr (QfuManifest *manifest, const QfuMessage *message, GError **error)
{
  QfuManifestRecipe *recipe = last_recipe (manifest);
  guint64 untrusted_pcr;
  QfuDigest value;

  if (!qfu_message_number (message, QFU_FIELD_PCR, 0, QFU_PCR_COUNT - 1, &untrusted_pcr, error))
    return FALSE;
  if (recipe == NULL || !qfu_message_digest (message, QFU_FIELD_DIGEST, 0, &value))
    return lies (error, "sends a PCR too soon, or no value of it");
  if (qfu_pcr_set_get (&recipe->pcrs, value.hash, (guint)untrusted_pcr) != NULL)
    return refuse (error, "a PCR of one bank in a recipe", recipe->name);
  return qfu_pcr_set_put (&recipe->pcrs, (guint)untrusted_pcr, &value) ||
         lies (error, "sends a PCR that there is not");
}

static gboolean
take (QfuManifest *manifest, const QfuMessage *message, GError **error)
{
  guint type = qfu_message_type (message);

  if (type == QFU_FRAME_MANIFEST)
    return take_image (manifest, message, error);
  if (manifest->image.size == 0)
    return lies (error, "does not begin with the image");
  if (type == QFU_FRAME_MANIFEST_OBJECT)
    return take_object (manifest, message, error);
  if (type == QFU_FRAME_RECIPE)
    return take_recipe (manifest, message, error);
  if (type == QFU_FRAME_RECIPE_STEP)
    return take_step (manifest, message, error);
  if (type == QFU_FRAME_PCR)
    return take_pcr (manifest, message, error);
  return lies (error, "sends what does not belong to one");
}

QfuManifest *
qfu_manifest_read (const QfuConfig *config,
                   const QfuUntrustedBlob *blob,
                   QfuManifestForm form,
                   GError **error)
{
  const QfuWorkerOp op = form == QFU_MANIFEST_IS_JSON ? QFU_OP_MANIFEST : QFU_OP_CORIM;
  g_autoptr (QfuManifest) manifest = qfu_manifest_new ();
  g_autoptr (QfuProcess) worker = NULL;

  if (qfu_untrusted_blob_size (blob) > QFU_MANIFEST_SIZE_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "a manifest of more than %d bytes",
                 QFU_MANIFEST_SIZE_MAX);
    return NULL;
  }
  worker = qfu_worker_start (config, op, NULL, &blob, 1, error);
  while (worker != NULL) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (worker, &message, error))
      return NULL;
    if (message == NULL)
      break;
    if (!take (manifest, message, error))
      return NULL;
  }
  if (worker == NULL)
    return NULL;
  if (manifest->objects->len > 0)
    return g_steal_pointer (&manifest);
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT, "the manifest declares no object");
  return NULL;
}

static gboolean
differ (GError **error, const char *what, const char *name)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH, "%s and %s declare different things: %s%s%s",
               QFU_MANIFEST_JSON, QFU_MANIFEST_CORIM, what, name != NULL ? " " : "",
               name != NULL ? name : "");
  return FALSE;
}

static gboolean
same_digest (const QfuDigest *a, const QfuDigest *b)
{
  return a->size == b->size && (a->size == 0 || qfu_digest_equal (a, b));
}

static gboolean
same_object (const QfuManifestObject *a, const QfuManifestObject *b, GError **error)
{
  g_autofree char *label = qfu_manifest_object_label (a);
  gboolean same = strcmp (a->region, b->region) == 0 && g_strcmp0 (a->file, b->file) == 0;

  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++)
    same = same && same_digest (&a->digests[bank], &b->digests[bank]);
  return same || differ (error, "the object", label);
}

static gboolean
same_pcrs (const QfuPcrSet *a, const QfuPcrSet *b)
{
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
      if (a->known[bank][pcr] != b->known[bank][pcr] ||
          (a->known[bank][pcr] && !qfu_digest_equal (&a->value[bank][pcr], &b->value[bank][pcr])))
        return FALSE;
    }
  }
  return TRUE;
}

static gboolean
same_recipe (const QfuManifestRecipe *a, const QfuManifestRecipe *b, GError **error)
{
  gboolean same = strcmp (a->name, b->name) == 0 && g_strcmp0 (a->condition, b->condition) == 0 &&
                  a->steps->len == b->steps->len && same_pcrs (&a->pcrs, &b->pcrs);

  for (guint i = 0; same && i < a->steps->len; i++) {
    const QfuManifestStep *one = &g_array_index (a->steps, QfuManifestStep, i);
    const QfuManifestStep *other = &g_array_index (b->steps, QfuManifestStep, i);

    same = one->pcr == other->pcr && one->object == other->object;
  }
  return same || differ (error, "the recipe", a->name);
}

gboolean
qfu_manifest_same (const QfuManifest *one, const QfuManifest *other, GError **error)
{
  if (g_strcmp0 (one->version, other->version) != 0)
    return differ (error, "the version", NULL);
  if (!qfu_digest_equal (&one->image, &other->image))
    return differ (error, "the image", NULL);
  if (one->objects->len != other->objects->len || one->recipes->len != other->recipes->len)
    return differ (error, "the number of objects or recipes", NULL);
  for (guint i = 0; i < one->objects->len; i++) {
    if (!same_object (&g_array_index (one->objects, QfuManifestObject, i),
                      &g_array_index (other->objects, QfuManifestObject, i), error))
      return FALSE;
  }
  for (guint i = 0; i < one->recipes->len; i++) {
    if (!same_recipe (&g_array_index (one->recipes, QfuManifestRecipe, i),
                      &g_array_index (other->recipes, QfuManifestRecipe, i), error))
      return FALSE;
  }
  return TRUE;
}
