/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manifest-fixture.h"
#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

static const QfuManifestRecipe *
recipe (const QfuManifest *manifest)
{
  return &g_array_index (manifest->recipes, QfuManifestRecipe, 0);
}

static void
test_objects (ManifestFixture *f, gconstpointer user)
{
  static const char *const files[] = {"bootblock", "fallback/romstage", "config"};
  int map = qfu_manifest_find (f->manifest, "FMAP", NULL);

  g_assert_cmpstr (f->manifest->version, ==, "1.2");
  g_assert_true (qfu_digest_equal (&f->manifest->image, qfu_untrusted_blob_sha256 (f->image)));
  g_assert_cmpint (map, ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    int index = qfu_manifest_find (f->manifest, "COREBOOT", files[i]);
    const QfuManifestObject *object;

    g_test_message ("%s", files[i]);
    g_assert_cmpint (index, >, 0);
    object = &g_array_index (f->manifest->objects, QfuManifestObject, index);
    g_assert_cmpuint (object->digests[qfu_bank_index (QFU_HASH_SHA256)].size, ==, 32);
    g_assert_cmpuint (object->digests[qfu_bank_index (QFU_HASH_SHA1)].size, ==, 0);
  }
  g_assert_cmpint (qfu_manifest_find (f->manifest, "COREBOOT", NULL), ==, -1);
}

/* The steps are those of the boot, and PCR 2 is what they give. */
static void
test_recipe (ManifestFixture *f, gconstpointer user)
{
  const QfuManifestRecipe *learnt = recipe (f->manifest);
  const QfuDigest *value = qfu_pcr_set_get (&learnt->pcrs, QFU_HASH_SHA256, 2);
  QfuDigest separator;
  QfuDigest replayed;

  g_assert_cmpstr (learnt->name, ==, "normal");
  g_assert_cmpuint (learnt->steps->len, ==, qfu_prediction_objects (f->prediction)->len);
  g_assert_cmpuint (learnt->steps->len, >, 2);
  qfu_pcr_reset (&replayed, QFU_HASH_SHA256, 2, 0);
  for (guint i = 0; i < learnt->steps->len; i++) {
    const QfuManifestStep *step = &g_array_index (learnt->steps, QfuManifestStep, i);

    if (step->pcr == 2)
      qfu_pcr_extend (&replayed,
                      &g_array_index (f->manifest->objects, QfuManifestObject, step->object)
                           .digests[qfu_bank_index (QFU_HASH_SHA256)]);
  }
  qfu_digest_compute (QFU_HASH_SHA256, "\xff\xff\xff\xff", 4, &separator);
  qfu_pcr_extend (&replayed, &separator);
  g_assert_nonnull (value);
  g_assert_true (qfu_digest_equal (value, &replayed));
  g_assert_true (
      qfu_digest_equal (value, qfu_pcr_set_get (&f->replay->values, QFU_HASH_SHA256, 2)));
  g_assert_cmpuint (f->findings->len, ==, 0);
  g_assert_null (qfu_pcr_set_get (&learnt->pcrs, QFU_HASH_SHA256, 0)); /* separators alone */
}

/* What a payload measures besides is the machine's own, and no vendor's to declare. */
static void
test_mixed (ManifestFixture *f, gconstpointer user)
{
  QfuEvent *last = &g_array_index (f->log->events, QfuEvent, f->log->events->len - 1);
  g_autoptr (QfuReplay) replay = NULL;
  g_autoptr (GError) error = NULL;
  const QfuEventLog *logs[] = {f->log};
  QfuPcrSet pcrs;

  last->pcr = 2;
  last->type = 5; /* an action of the payload */
  qfu_eventlog_replay (f->log, &pcrs);
  replay = qfu_replay_choose (logs, 1, &pcrs);
  g_assert_true (qfu_manifest_learn_recipe (f->manifest, "other", f->image, f->rom, f->prediction,
                                            replay, f->findings, &error));
  g_assert_cmpuint (f->findings->len, ==, 1);
  g_assert_nonnull (
      strstr (((QfuFinding *)g_ptr_array_index (f->findings, 0))->message, "the payload measures"));
  g_assert_null (qfu_pcr_set_get (&g_array_index (f->manifest->recipes, QfuManifestRecipe, 1).pcrs,
                                  QFU_HASH_SHA256, 2));
}

static void
test_names (ManifestFixture *f, gconstpointer user)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_manifest_learn_recipe (f->manifest, "normal", f->image, f->rom, f->prediction,
                                             f->replay, f->findings, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
  g_clear_error (&error);
  while (f->manifest->recipes->len < QFU_MANIFEST_RECIPES_MAX)
    g_assert_nonnull (qfu_manifest_add_recipe (f->manifest, "x", NULL));
  g_assert_false (qfu_manifest_learn_recipe (f->manifest, "more", f->image, f->rom, f->prediction,
                                             f->replay, f->findings, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/manifest-make/" name, ManifestFixture, NULL, manifest_set_up, function,            \
              manifest_tear_down)

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  ADD ("objects", test_objects);
  ADD ("recipe", test_recipe);
  ADD ("mixed", test_mixed);
  ADD ("names", test_names);
  return g_test_run ();
}
