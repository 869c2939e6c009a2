/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-declared.h"

#include "qfu-error.h"
#include "qfu-pcr.h"

#include <string.h>

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "manifest: %s", what);
  return FALSE;
}

static gboolean
count_one (guint *count, guint max, const char *what, GError **error)
{
  if ((*count)++ < max)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "manifest: more than %u %s", max, what);
  return FALSE;
}

/* What a frame can carry, and a person can read. */
static gboolean
text_ok (const char *text, gsize max)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++) {
    if (text[i] < 0x20 || text[i] > 0x7e)
      return FALSE;
  }
  return length > 0 && length <= max;
}

static void
add_digest (QfuMessage *message, const QfuDigest *digest)
{
  qfu_message_add_digest (message, QFU_FIELD_DIGEST, digest);
}

gboolean
qfu_declared_image (QfuDeclared *declared,
                    const char *version,
                    const QfuDigest *image,
                    GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_MANIFEST);

  if (version != NULL && !text_ok (version, qfu_wire_field_spec (QFU_FIELD_VERSION)->max))
    return fail (error, "an unfit version");
  if (image->hash != QFU_HASH_SHA256)
    return fail (error, "no SHA-256 of the image");
  if (version != NULL)
    qfu_message_add_text (message, QFU_FIELD_VERSION, version);
  qfu_message_add_bytes (message, QFU_FIELD_SHA256, image->data, image->size);
  return qfu_parse_emit (declared->sink, message, error);
}

gboolean
qfu_declared_object (QfuDeclared *declared,
                     const char *region,
                     const char *file,
                     const GArray *digests,
                     GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_MANIFEST_OBJECT);

  if (region == NULL || !text_ok (region, QFU_FMAP_NAME_MAX - 1) ||
      (file != NULL && !text_ok (file, QFU_CBFS_NAME_MAX - 1)))
    return fail (error, "an object with an unfit name");
  if (digests->len < 1 || digests->len > QFU_BANK_COUNT)
    return fail (error, "an object without digests, or with too many");
  qfu_message_add_text (message, QFU_FIELD_NAME, region);
  if (file != NULL)
    qfu_message_add_text (message, QFU_FIELD_FILE_NAME, file);
  for (guint i = 0; i < digests->len; i++)
    add_digest (message, &g_array_index (digests, QfuDigest, i));
  return count_one (&declared->objects, QFU_MANIFEST_OBJECTS_MAX, "objects", error) &&
         qfu_parse_emit (declared->sink, message, error);
}

gboolean
qfu_declared_recipe (QfuDeclared *declared, const char *name, const char *condition, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_RECIPE);

  if (name == NULL || !text_ok (name, QFU_MANIFEST_NAME_MAX) ||
      (condition != NULL && !text_ok (condition, QFU_MANIFEST_CONDITION_MAX)))
    return fail (error, "a recipe with an unfit name or condition");
  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  if (condition != NULL)
    qfu_message_add_text (message, QFU_FIELD_SUMMARY, condition);
  declared->rows = 0;
  return count_one (&declared->recipes, QFU_MANIFEST_RECIPES_MAX, "recipes", error) &&
         qfu_parse_emit (declared->sink, message, error);
}

gboolean
qfu_declared_step (QfuDeclared *declared, guint64 pcr, guint64 object, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_RECIPE_STEP);

  if (pcr >= QFU_PCR_COUNT || object >= declared->objects)
    return fail (error, "a step of a PCR or an object that there is not");
  qfu_message_add_number (message, QFU_FIELD_PCR, pcr);
  qfu_message_add_number (message, QFU_FIELD_INDEX, object);
  return count_one (&declared->rows, QFU_MANIFEST_STEPS_MAX, "steps of a recipe", error) &&
         qfu_parse_emit (declared->sink, message, error);
}

gboolean
qfu_declared_pcr (QfuDeclared *declared, guint64 pcr, const QfuDigest *value, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_PCR);

  if (pcr >= QFU_PCR_COUNT)
    return fail (error, "a value of a PCR that there is not");
  qfu_message_add_number (message, QFU_FIELD_PCR, pcr);
  add_digest (message, value);
  return qfu_parse_emit (declared->sink, message, error);
}
