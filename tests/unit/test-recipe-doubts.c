/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-locate.h"
#include "qfu-recipe-doubts.h"
#include "recipe-fixture.h"
#include "testconfig.h"

#define SHA256 QFU_HASH_SHA256

/* A payload's tail: a table and a constant in 1, a separator in 4, code of the firmware in 6, its
 * own in 8. */
static void
set_up (RecipeFixture *f, const char *payload, const char *new_bytes)
{
  recipe_set_up (f, "abc", new_bytes);
  forged_setting (f->old_rom, "CONFIG_PAYLOAD_FILE", payload);
  forged_setting (f->new_rom, "CONFIG_PAYLOAD_FILE", payload);
  forged_event (f->log, 2, 5, "CBFS: a", SHA256, "a");
  forged_event (f->log, 1, 4, "", SHA256, "s");
  forged_event (f->log, 1, 6, "", SHA256, "t");
  forged_event (f->log, 4, 4, "", SHA256, "s");
  forged_event (f->log, 6, 0x80000003, "", SHA256, "d");
  g_array_index (f->log->events, QfuEvent, 4).flags = QFU_EVENT_FLAG_FIRMWARE;
  forged_event (f->log, 8, 13, "", SHA256, "g");
  recipe_boot (f, 0, NULL, 0);
  f->replay->uefi = FALSE;
}

static void
assert_doubts (RecipeFixture *f, gboolean payload_changed, guint expected)
{
  qfu_recipe_doubt_tail (&f->work, payload_changed);
  for (guint pcr = 0; pcr < 10; pcr++)
    g_assert_cmpint (recipe_doubt (f, pcr) != NULL, ==, (expected >> pcr) & 1);
  g_assert_cmpint (recipe_warned (f, "payload-changed"), ==, payload_changed);
  recipe_tear_down (f);
}

static void
test_tail (void)
{
  RecipeFixture f;

  set_up (&f, "seabios.elf", "abc");
  assert_doubts (&f, FALSE, 0);
  set_up (&f, "seabios.elf", "abd");
  assert_doubts (&f, FALSE, 1 << 6);
  set_up (&f, "seabios.elf", "abd");
  f.work.out.changed = TRUE;
  assert_doubts (&f, TRUE, 1 << 1 | 1 << 6);
  set_up (&f, "grub.elf", "abd");
  f.work.out.changed = TRUE;
  assert_doubts (&f, FALSE, 1 << 1 | 1 << 6 | 1 << 8);
  set_up (&f, "heads", "abd");
  f.work.out.changed = TRUE;
  assert_doubts (&f, TRUE, 1 << 1 | 1 << 6 | 1 << 8);
  set_up (&f, "what", "abd");
  f.work.out.changed = TRUE;
  assert_doubts (&f, TRUE, 1 << 1 | 1 << 4 | 1 << 6 | 1 << 8);
  /* with events of UEFI the payload is edk2, whatever it is called */
  set_up (&f, "what", "abd");
  f.replay->uefi = TRUE;
  f.work.out.changed = TRUE;
  assert_doubts (&f, TRUE, 1 << 1 | 1 << 6);
}

static void
test_other_payload (void)
{
  RecipeFixture f;

  set_up (&f, "seabios.elf", "abd");
  forged_setting (f.new_rom, "CONFIG_PAYLOAD_FILE", "grub.elf");
  f.work.out.changed = TRUE;
  assert_doubts (&f, TRUE, 0x3ff);
}

static void
test_path (void)
{
  RecipeFixture f;
  g_autoptr (GArray) objects = g_array_new (FALSE, TRUE, sizeof (QfuObject));
  QfuObject object = {0};

  recipe_set_up (&f, "abc", "abd");
  forged_region (f.old_rom, "COREBOOT", 0, 2);
  forged_file (f.old_rom, "romstage", 0x11, 0, 1);
  forged_region (f.old_rom, "OTHER", 2, 1);
  forged_region (f.new_rom, "COREBOOT", 0, 2);
  forged_file (f.new_rom, "romstage", 0x11, 0, 1);
  forged_region (f.new_rom, "OTHER", 2, 1);
  forged_file (f.new_rom, "elsewhere", 0x50, 2, 1);
  recipe_boot (&f, 0, NULL, 0);
  object.file = &g_array_index (f.old_rom->files, QfuRomFile, 0);
  object.region = &g_array_index (f.old_rom->regions, QfuRomRegion, 0);
  g_array_append_val (objects, object);
  qfu_recipe_doubt_path (&f.work, objects);
  g_assert_true (recipe_warned (&f, "bootblock-not-measured"));
  g_assert_false (recipe_warned (&f, "boot-path-may-differ"));
  g_array_index (f.new_rom->files, QfuRomFile, 1).region = 0;
  g_free (g_array_index (f.old_rom->files, QfuRomFile, 0).name);
  g_array_index (f.old_rom->files, QfuRomFile, 0).name = g_strdup ("bootblock");
  g_array_set_size (f.work.warnings, 0);
  qfu_recipe_doubt_path (&f.work, objects);
  g_assert_false (recipe_warned (&f, "bootblock-not-measured"));
  g_assert_true (recipe_warned (&f, "boot-path-may-differ"));
  recipe_tear_down (&f);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/recipe-doubts/tail", test_tail);
  g_test_add_func ("/recipe-doubts/other-payload", test_other_payload);
  g_test_add_func ("/recipe-doubts/path", test_path);
  return g_test_run ();
}
