/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "recipe-fixture.h"
#include "testconfig.h"

#include <string.h>

static void
assert_recipe (RecipeFixture *f, const QfuRecipe *expected, const char *refusal)
{
  g_autoptr (GError) error = NULL;
  const QfuRecipe *recipe;

  recipe_boot (f, 0, NULL, 0);
  recipe = qfu_recipe_for (&f->work, &error);
  g_assert_true (recipe == expected);
  if (refusal != NULL) {
    g_assert_error (error, QFU_ERROR, QFU_ERROR_PREDICTION);
    g_assert_nonnull (strstr (error->message, refusal));
  }
  recipe_tear_down (f);
}

static void
test_kinds (void)
{
  RecipeFixture f;

  recipe_set_up (&f, "old", "new");
  forged_event (f.log, 2, 5, "CBFS: a", QFU_HASH_SHA256, "a");
  forged_event (f.log, 7, 0x80000001, "", QFU_HASH_SHA256, "b");
  assert_recipe (&f, &qfu_recipe_coreboot, NULL);
  recipe_set_up (&f, "old", "new");
  forged_event (f.log, 7, 0x80000001, "", QFU_HASH_SHA256, "b");
  assert_recipe (&f, &qfu_recipe_uefi, NULL);
  recipe_set_up (&f, "old", "new");
  forged_event (f.log, 4, 4, "", QFU_HASH_SHA256, "s");
  assert_recipe (&f, NULL, "console");
  /* events of coreboot, but no image of coreboot's */
  recipe_set_up (&f, "old", "new");
  f.old_rom->kind = QFU_ROM_UEFI;
  forged_event (f.log, 2, 5, "CBFS: a", QFU_HASH_SHA256, "a");
  assert_recipe (&f, NULL, "UEFI");
}

static void
test_helpers (void)
{
  g_autoptr (GError) error = NULL;
  RecipeFixture f;
  const QfuNextEvent *next;

  recipe_set_up (&f, "old", "new");
  forged_event (f.log, 4, 4, "", QFU_HASH_SHA256, "s");
  recipe_boot (&f, 0, NULL, 0);
  qfu_recipe_warn (&f.work, "a-code", "text %d", 1);
  qfu_recipe_warn (&f.work, "a-code", "text %d", 1);
  qfu_recipe_warn (&f.work, "a-code", "text %d", 2);
  g_assert_cmpuint (f.work.warnings->len, ==, 2);
  g_assert_cmpstr (g_array_index (f.work.warnings, QfuWarning, 1).message, ==, "text 2");
  qfu_recipe_keep (&f.work, g_ptr_array_index (f.replay->events, 0));
  next = &g_array_index (f.work.out.next, QfuNextEvent, 0);
  g_assert_cmpuint (next->pcr, ==, 4);
  g_assert_cmpuint (next->digests[0].size, ==, 0);
  g_assert_cmpuint (next->digests[1].size, ==, 32);
  g_assert_false (qfu_recipe_refuse (&error, "what", "which"));
  g_assert_cmpstr (error->message, ==, "what: which");
  recipe_tear_down (&f);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/recipe/kinds", test_kinds);
  g_test_add_func ("/recipe/helpers", test_helpers);
  return g_test_run ();
}
