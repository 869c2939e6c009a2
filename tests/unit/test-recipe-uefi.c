/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "recipe-fixture.h"
#include "testconfig.h"

#include <string.h>

#define SHA256 QFU_HASH_SHA256

/* A boot with code in 0, a table in 1, an option ROM in 2, separators in 3 and 6, an application of
 * the firmware in 4, a partition table in 5, variables in 7, and what the loader did in 9. */
static void
set_up (RecipeFixture *f, const char *old_bytes, const char *new_bytes)
{
  recipe_set_up (f, old_bytes, new_bytes);
  f->old_rom->kind = f->new_rom->kind = QFU_ROM_UEFI;
  forged_event (f->log, 0, 0x80000008, "", SHA256, "c");
  forged_event (f->log, 1, 0x80000009, "", SHA256, "t");
  forged_event (f->log, 2, 0x80000004, "", SHA256, "o");
  forged_event (f->log, 3, 4, "", SHA256, "s");
  forged_event (f->log, 4, 0x80000003, "", SHA256, "a");
  forged_event (f->log, 5, 0x80000006, "", SHA256, "p");
  forged_event (f->log, 6, 4, "", SHA256, "s");
  forged_event (f->log, 7, 0x80000001, "", SHA256, "v");
  forged_event (f->log, 9, 6, "", SHA256, "l");
}

static void
assert_refused (RecipeFixture *f, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_recipe_uefi.foresee (&f->work, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PREDICTION);
  g_assert_nonnull (strstr (error->message, why));
  recipe_tear_down (f);
}

static void
foresee (RecipeFixture *f)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_recipe_uefi.fits (&f->work));
  g_assert_true (qfu_recipe_uefi.foresee (&f->work, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (f->work.out.next->len, ==, 9);
}

static void
test_same (void)
{
  RecipeFixture f;

  set_up (&f, "image", "image");
  recipe_boot (&f, 0, NULL, 0);
  foresee (&f);
  g_assert_false (f.work.out.changed);
  for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++)
    g_assert_null (recipe_doubt (&f, pcr));
  recipe_tear_down (&f);
}

static void
test_changed (void)
{
  static const gboolean doubtful[8] = {TRUE, TRUE, FALSE, FALSE, TRUE, TRUE, FALSE, TRUE};
  RecipeFixture f;

  set_up (&f, "image", "other");
  g_array_index (f.log->events, QfuEvent, 4).flags = QFU_EVENT_FLAG_FIRMWARE;
  recipe_boot (&f, 0, NULL, 0);
  foresee (&f);
  g_assert_true (f.work.out.changed);
  for (guint pcr = 0; pcr < 8; pcr++)
    g_assert_cmpint (recipe_doubt (&f, pcr) != NULL, ==, doubtful[pcr]);
  g_assert_null (recipe_doubt (&f, 9));
  /* a bank that this firmware does not extend, another version may */
  for (guint pcr = 0; pcr < 8; pcr++)
    g_assert_nonnull (f.work.out.doubt[0][pcr]);
  recipe_tear_down (&f);
}

static void
test_refused (void)
{
  RecipeFixture f;

  for (guint pcr = 0; pcr < 8; pcr++) {
    set_up (&f, "image", "other");
    recipe_boot (&f, 0, NULL, 0);
    f.pcrs.value[qfu_bank_index (SHA256)][pcr].data[0] ^= 1;
    assert_refused (&f, "do not replay");
  }
  set_up (&f, "image", "other");
  recipe_boot (&f, 0, NULL, 0);
  qfu_pcr_set_clear (&f.pcrs);
  assert_refused (&f, "is known");
  set_up (&f, "image", "other");
  f.new_rom->kind = QFU_ROM_COREBOOT;
  recipe_boot (&f, 0, NULL, 0);
  assert_refused (&f, "another kind");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/recipe-uefi/same", test_same);
  g_test_add_func ("/recipe-uefi/changed", test_changed);
  g_test_add_func ("/recipe-uefi/refused", test_refused);
  return g_test_run ();
}
