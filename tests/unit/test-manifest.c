/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "declared.h"
#include "liar.h"
#include "qfu-error.h"
#include "qfu-manifest-write.h"
#include "testconfig.h"

#include <string.h>

typedef TestHome Fixture;

static QfuManifest *
read_back (Fixture *f, const QfuManifest *manifest, QfuManifestForm form)
{
  g_autoptr (GBytes) bytes = qfu_manifest_write (manifest, form);
  g_autoptr (QfuUntrustedBlob) blob =
      test_blob (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autoptr (GError) error = NULL;
  QfuManifest *read = qfu_manifest_read (f->config, blob, form, &error);

  g_assert_no_error (error);
  return read;
}

static void
test_read (Fixture *f, gconstpointer user)
{
  g_autoptr (QfuManifest) manifest = declared_small ();

  for (gsize form = 0; form < QFU_MANIFEST_FORMS; form++) {
    g_autoptr (QfuManifest) read = read_back (f, manifest, (QfuManifestForm)form);
    g_autoptr (GError) error = NULL;

    g_assert_true (qfu_manifest_same (manifest, read, &error));
    g_assert_no_error (error);
    g_assert_cmpstr (g_array_index (read->recipes, QfuManifestRecipe, 0).condition, ==,
                     "as delivered");
  }
}

static void
test_find (Fixture *f, gconstpointer user)
{
  g_autoptr (QfuManifest) manifest = declared_small ();
  g_autofree char *area =
      qfu_manifest_object_label (&g_array_index (manifest->objects, QfuManifestObject, 0));
  g_autofree char *file =
      qfu_manifest_object_label (&g_array_index (manifest->objects, QfuManifestObject, 1));

  g_assert_cmpint (qfu_manifest_find (manifest, "FMAP", NULL), ==, 0);
  g_assert_cmpint (qfu_manifest_find (manifest, "COREBOOT", "bootblock"), ==, 1);
  g_assert_cmpint (qfu_manifest_find (manifest, "COREBOOT", NULL), ==, -1);
  g_assert_cmpint (qfu_manifest_find (manifest, "FMAP", "bootblock"), ==, -1);
  g_assert_cmpstr (area, ==, "FMAP");
  g_assert_cmpstr (file, ==, "COREBOOT:bootblock");
  g_assert_cmpstr (qfu_manifest_file_name (QFU_MANIFEST_IS_JSON), ==, "firmware.manifest.json");
  g_assert_cmpstr (qfu_manifest_file_name (QFU_MANIFEST_IS_CORIM), ==, "firmware.corim");
}

static void
change_version (QfuManifest *m)
{
  g_free (m->version);
  m->version = NULL;
}

static void
change_image (QfuManifest *m)
{
  m->image.data[0] ^= 1;
}

static void
change_digest (QfuManifest *m)
{
  g_array_index (m->objects, QfuManifestObject, 1).digests[0].data[0] ^= 1;
}

static void
drop_digest (QfuManifest *m)
{
  memset (&g_array_index (m->objects, QfuManifestObject, 1).digests[0], 0, sizeof (QfuDigest));
}

static void
change_region (QfuManifest *m)
{
  g_array_index (m->objects, QfuManifestObject, 0).region[0] = 'X';
}

static void
add_object (QfuManifest *m)
{
  g_assert_nonnull (qfu_manifest_add_object (m, "A", NULL));
}

static void
change_step (QfuManifest *m)
{
  GArray *steps = g_array_index (m->recipes, QfuManifestRecipe, 0).steps;

  g_array_index (steps, QfuManifestStep, 0).pcr = 3;
}

static void
change_pcr (QfuManifest *m)
{
  g_array_index (m->recipes, QfuManifestRecipe, 0).pcrs.value[0][2].data[0] ^= 1;
}

static void
change_condition (QfuManifest *m)
{
  g_array_index (m->recipes, QfuManifestRecipe, 0).condition[0] = 'X';
}

/* Two forms that differ in anything are no manifest, and the message names what it is. */
static void
test_same (Fixture *f, gconstpointer user)
{
  static const struct {
    void (*change) (QfuManifest *);
    const char *name;
  } rows[] = {{change_version, "the version"},
              {change_image, "the image"},
              {change_digest, "COREBOOT:bootblock"},
              {drop_digest, "COREBOOT:bootblock"},
              {change_region, "FMAP"},
              {add_object, "number of objects"},
              {change_step, "recipe normal"},
              {change_pcr, "recipe normal"},
              {change_condition, "recipe normal"}};
  g_autoptr (QfuManifest) manifest = declared_small ();

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (QfuManifest) other = declared_small ();
    g_autoptr (GError) error = NULL;

    rows[i].change (other);
    g_assert_false (qfu_manifest_same (manifest, other, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_MISMATCH);
    g_assert_nonnull (strstr (error->message, rows[i].name));
  }
}

static QfuMessage *
put (GPtrArray *frames, QfuFrameType type)
{
  QfuMessage *message = qfu_message_new (type);

  g_ptr_array_add (frames, message);
  return message;
}

static void
put_digest (QfuMessage *message)
{
  QfuDigest digest;

  qfu_digest_compute (QFU_HASH_SHA256, "x", 1, &digest);
  qfu_message_add_digest (message, QFU_FIELD_DIGEST, &digest);
}

static void
put_image (GPtrArray *frames)
{
  guint8 zeros[QFU_SHA256_SIZE] = {0};

  qfu_message_add_bytes (put (frames, QFU_FRAME_MANIFEST), QFU_FIELD_SHA256, zeros, sizeof zeros);
}

static void
put_object (GPtrArray *frames, guint number)
{
  g_autofree char *name = g_strdup_printf ("area%u", number);
  QfuMessage *message = put (frames, QFU_FRAME_MANIFEST_OBJECT);

  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  put_digest (message);
}

static void
put_recipe (GPtrArray *frames, guint number)
{
  g_autofree char *name = g_strdup_printf ("recipe%u", number);

  qfu_message_add_text (put (frames, QFU_FRAME_RECIPE), QFU_FIELD_NAME, name);
}

static void
put_step (GPtrArray *frames, guint64 object)
{
  QfuMessage *message = put (frames, QFU_FRAME_RECIPE_STEP);

  qfu_message_add_number (message, QFU_FIELD_PCR, 2);
  qfu_message_add_number (message, QFU_FIELD_INDEX, object);
}

static void
put_pcr (GPtrArray *frames, guint64 pcr)
{
  QfuMessage *message = put (frames, QFU_FRAME_PCR);

  qfu_message_add_number (message, QFU_FIELD_PCR, pcr);
  put_digest (message);
}

static void
fill_objects (GPtrArray *frames, guint64 n)
{
  put_image (frames);
  for (guint i = 0; i < n; i++)
    put_object (frames, i);
}

static void
fill_recipes (GPtrArray *frames, guint64 n)
{
  fill_objects (frames, 1);
  for (guint i = 0; i < n; i++)
    put_recipe (frames, i);
}

static void
fill_steps (GPtrArray *frames, guint64 n)
{
  fill_recipes (frames, 1);
  for (guint64 i = 0; i < n; i++)
    put_step (frames, 0);
}

/* What an owned worker may claim. */
static const struct {
  const char *path;
  guint64 max;
  void (*fill) (GPtrArray *frames, guint64 n);
} limits[] = {
    {"/manifest-read/limit/objects", QFU_MANIFEST_OBJECTS_MAX, fill_objects},
    {"/manifest-read/limit/recipes", QFU_MANIFEST_RECIPES_MAX, fill_recipes},
    {"/manifest-read/limit/steps", QFU_MANIFEST_STEPS_MAX, fill_steps},
};

static gboolean
read_claim (Fixture *f, GPtrArray *frames, GError **error)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("x", 1);
  g_autoptr (QfuManifest) manifest = NULL;

  liar_install (f->config, f->directory, frames, TRUE);
  manifest = qfu_manifest_read (f->config, blob, QFU_MANIFEST_IS_JSON, error);
  return manifest != NULL;
}

static void
test_limit (Fixture *f, gconstpointer user)
{
  gsize row = GPOINTER_TO_SIZE (user) / 2;
  gboolean past = GPOINTER_TO_SIZE (user) % 2;
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  g_autoptr (GError) error = NULL;

  limits[row].fill (frames, limits[row].max + past);
  g_assert_cmpint (read_claim (f, frames, &error), ==, !past);
  if (past)
    g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
}

/* Letters stand for frames: Image, Object, oBject again, Recipe, rEcipe again, Step, Unknown
 * object, Pcr, pcr That there is not, Foreign. */
static void
put_letter (GPtrArray *frames, char letter)
{
  switch (letter) {
  case 'I':
    put_image (frames);
    break;
  case 'O':
    put_object (frames, 0);
    break;
  case 'R':
    put_recipe (frames, 0);
    break;
  case 'S':
    put_step (frames, 0);
    break;
  case 'U':
    put_step (frames, 1);
    break;
  case 'P':
    put_pcr (frames, 2);
    break;
  case 'T':
    put_pcr (frames, QFU_PCR_COUNT);
    break;
  default:
    put_digest (put (frames, QFU_FRAME_EVENT));
    qfu_message_add_number (g_ptr_array_index (frames, frames->len - 1), QFU_FIELD_PCR, 0);
    qfu_message_add_number (g_ptr_array_index (frames, frames->len - 1), QFU_FIELD_KIND, 0);
  }
}

static void
test_lies (Fixture *f, gconstpointer user)
{
  static const struct {
    const char *frames;
    QfuError code; /* QFU_ERROR_INTERNAL: it is taken */
  } rows[] = {
      {"IORSP", QFU_ERROR_INTERNAL}, {"IO", QFU_ERROR_INTERNAL},  {"", QFU_ERROR_FORMAT},
      {"I", QFU_ERROR_FORMAT},       {"O", QFU_ERROR_PROTOCOL},   {"IIO", QFU_ERROR_PROTOCOL},
      {"IOO", QFU_ERROR_FORMAT},     {"IORR", QFU_ERROR_FORMAT},  {"IORO", QFU_ERROR_PROTOCOL},
      {"IOS", QFU_ERROR_PROTOCOL},   {"IRS", QFU_ERROR_PROTOCOL}, {"IORU", QFU_ERROR_PROTOCOL},
      {"IOP", QFU_ERROR_PROTOCOL},   {"IORPP", QFU_ERROR_FORMAT}, {"IORT", QFU_ERROR_PROTOCOL},
      {"IOF", QFU_ERROR_PROTOCOL}};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GPtrArray) frames =
        g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
    g_autoptr (GError) error = NULL;
    gboolean taken;

    for (const char *letter = rows[i].frames; *letter != '\0'; letter++)
      put_letter (frames, *letter);
    taken = read_claim (f, frames, &error);
    g_test_message ("%s: %s", rows[i].frames, error == NULL ? "taken" : error->message);
    g_assert_cmpint (taken, ==, rows[i].code == QFU_ERROR_INTERNAL);
    if (!taken)
      g_assert_error (error, QFU_ERROR, (int)rows[i].code);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_home_add ("/manifest-read/both", test_read);
  test_home_add ("/manifest-read/find", test_find);
  test_home_add ("/manifest-read/same", test_same);
  test_home_add ("/manifest-read/lies", test_lies);
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (limits); i++) {
    g_autofree char *path = g_strconcat (limits[i / 2].path, i % 2 == 1 ? "/past" : "/at", NULL);

    g_test_add (path, Fixture, GSIZE_TO_POINTER (i), test_home_set_up, test_limit,
                test_home_tear_down);
  }
  return g_test_run ();
}
