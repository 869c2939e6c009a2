/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-locate.h"
#include "qfu-recipe-vboot.h"
#include "recipe-fixture.h"
#include "testconfig.h"

#include <string.h>

#define SHA256 QFU_HASH_SHA256
#define BANK 1 /* index of SHA-256 */
#define IMAGE "MbrAaxBbyG"
#define SLOT_A 2 /* index of FW_MAIN_A */

static void
map (QfuRom *rom, guint8 hwid)
{
  forged_setting (rom, "CONFIG_VBOOT", "y");
  forged_region (rom, "FMAP", 0, 1);
  forged_region (rom, "COREBOOT", 1, 2);
  forged_file (rom, "bootblock", 1, 1, 1);
  forged_region (rom, "FW_MAIN_A", 3, 2);
  forged_file (rom, "ramstage", 0x11, 3, 1);
  forged_region (rom, "VBLOCK_A", 5, 1);
  recipe_vblock (rom, 7, 1, 2);
  forged_region (rom, "FW_MAIN_B", 6, 2);
  forged_file (rom, "ramstage", 0x11, 6, 1);
  forged_region (rom, "VBLOCK_B", 8, 1);
  recipe_vblock (rom, 7, 1, 3);
  forged_region (rom, "GBB", 9, 1);
  recipe_hwid (rom, hwid);
}

static void
set_up (RecipeFixture *f, const char *new_bytes)
{
  recipe_set_up (f, IMAGE, new_bytes);
  map (f->old_rom, 0x11);
  map (f->new_rom, 0x11);
  forged_event (f->log, 2, 5, "FMAP: FMAP", SHA256, "M");
  forged_event (f->log, 2, 5, "CBFS: ramstage", SHA256, "A");
}

/* The objects of a boot from the slot of @region; 0: of none. */
static GArray *
objects_in (const RecipeFixture *f, guint region)
{
  GArray *objects = g_array_new (FALSE, TRUE, sizeof (QfuObject));
  QfuObject object = {.region = &g_array_index (f->old_rom->regions, QfuRomRegion, 0)};

  g_array_append_val (objects, object);
  object.region = &g_array_index (f->old_rom->regions, QfuRomRegion, region);
  g_array_append_val (objects, object);
  return objects;
}

static void
value (const RecipeFixture *f, QfuVbootValue which, guint mode, QfuDigest *out)
{
  if (which == QFU_VBOOT_MODE)
    qfu_vboot_mode (mode, SHA256, out);
  else if (which == QFU_VBOOT_HWID)
    qfu_vboot_hwid (f->old_rom->hwid, SHA256, out);
  else
    qfu_vboot_version (qfu_rom_vblock (f->old_rom, "VBLOCK_A"), SHA256, out);
}

static guint
present (const RecipeFixture *f, guint region, QfuVbootBoot *boot)
{
  g_autoptr (GArray) objects = objects_in (f, region);

  return qfu_recipe_vboot_present (&f->work, objects, boot);
}

/* No log has the values: the PCR proves them. */
static void
test_unlogged (void)
{
  static const guint modes[] = {QFU_VBOOT_NORMAL, 0, 7, 11};

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++) {
    RecipeFixture f;
    QfuDigest extends[2];
    QfuVbootBoot boot;

    set_up (&f, IMAGE);
    value (&f, QFU_VBOOT_MODE, modes[i], &extends[0]);
    value (&f, QFU_VBOOT_HWID, 0, &extends[1]);
    recipe_boot (&f, 1, extends, 2);
    g_assert_cmpuint (present (&f, SLOT_A, &boot), ==, 2);
    g_assert_cmpint (boot.mode, ==, (int)modes[i]);
    g_assert_cmpint (boot.slot, ==, SLOT_A);
    g_assert_cmpuint (boot.values[QFU_VBOOT_MODE].proven, ==, 1 << BANK);
    g_assert_cmpuint (boot.values[QFU_VBOOT_VERSION].proven, ==, 0);
    qfu_recipe_vboot_explain (&f.work, &boot);
    g_assert_true (qfu_digest_equal (&f.work.out.explained.value[BANK][1], &f.pcrs.value[BANK][1]));
    g_assert_null (recipe_doubt (&f, 1));
    recipe_tear_down (&f);
  }
}

/* The PCR holds what the image cannot explain. */
static void
test_unproven (void)
{
  RecipeFixture f;
  QfuDigest extends[2];
  QfuVbootBoot boot;

  set_up (&f, IMAGE);
  value (&f, QFU_VBOOT_MODE, QFU_VBOOT_NORMAL, &extends[0]);
  value (&f, QFU_VBOOT_HWID, 0, &extends[1]);
  extends[1].data[3] ^= 1;
  recipe_boot (&f, 1, extends, 2);
  g_assert_cmpuint (present (&f, SLOT_A, &boot), ==, 0);
  qfu_recipe_vboot_explain (&f.work, &boot);
  g_assert_nonnull (strstr (recipe_doubt (&f, 1), "without a log entry"));
  recipe_tear_down (&f);
}

/* The version tells the slot; a boot that is no recovery has one. */
static void
test_slot_proof (void)
{
  RecipeFixture f;
  QfuDigest extend;
  QfuVbootBoot boot;

  set_up (&f, IMAGE);
  value (&f, QFU_VBOOT_VERSION, 0, &extend);
  recipe_boot (&f, 10, &extend, 1);
  g_assert_cmpuint (present (&f, SLOT_A, &boot), ==, 1);
  g_assert_cmpuint (present (&f, 4, &boot), ==, 0);
  g_assert_cmpuint (present (&f, 1, &boot), ==, 0);
  recipe_tear_down (&f);
  set_up (&f, IMAGE);
  value (&f, QFU_VBOOT_MODE, QFU_VBOOT_NORMAL, &extend);
  recipe_boot (&f, 1, &extend, 1);
  g_assert_cmpuint (present (&f, SLOT_A, &boot), ==, 1);
  g_assert_cmpuint (present (&f, 1, &boot), ==, 0);
  recipe_tear_down (&f);
}

/* Values that are logged count when they are the image's. */
static void
test_logged (void)
{
  RecipeFixture f;
  QfuVbootBoot boot;

  for (gsize broken = 0; broken <= QFU_VBOOT_N_VALUES; broken++) {
    set_up (&f, IMAGE);
    for (guint which = 0; which < QFU_VBOOT_N_VALUES; which++) {
      QfuEvent *event;

      forged_event (f.log, which == QFU_VBOOT_VERSION ? 10 : 1, 5, qfu_vboot_name (which), SHA256,
                    "x");
      event = &g_array_index (f.log->events, QfuEvent, f.log->events->len - 1);
      value (&f, which, QFU_VBOOT_NORMAL, &event->digests[BANK]);
      event->digests[BANK].data[31] ^= which == broken;
    }
    recipe_boot (&f, 0, NULL, 0);
    g_assert_cmpuint (present (&f, SLOT_A, &boot), ==, broken < QFU_VBOOT_N_VALUES ? 2 : 3);
    for (guint which = 0; which < QFU_VBOOT_N_VALUES; which++)
      g_assert_cmpint (boot.values[which].proven == 0, ==, which == broken);
    recipe_tear_down (&f);
  }
}

typedef struct {
  QfuVbootValue value;
  guint mode;
  void (*change) (RecipeFixture *f);
  const char *doubt; /* NULL: the digest is the new image's */
} NextCase;

static void
change_nothing (RecipeFixture *f)
{
}

static void
change_hwid (RecipeFixture *f)
{
  memset (f->new_rom->hwid, 0x22, sizeof f->new_rom->hwid);
}

static void
move_gbb (RecipeFixture *f)
{
  g_array_index (f->new_rom->regions, QfuRomRegion, 6).offset = 8;
}

static void
move_and_change (RecipeFixture *f)
{
  change_hwid (f);
  move_gbb (f);
}

static void
lose_hwid (RecipeFixture *f)
{
  f->new_rom->hwid_region = -1;
}

static void
change_version (RecipeFixture *f)
{
  g_array_index (f->new_rom->vblocks, QfuRomVblock, 0).firmware_version = 9;
}

static void
change_flags (RecipeFixture *f)
{
  g_array_index (f->new_rom->vblocks, QfuRomVblock, 0).flags = 6;
}

static void
move_block (RecipeFixture *f)
{
  g_array_index (f->new_rom->regions, QfuRomRegion, 3).offset = 4;
}

static void
lose_block (RecipeFixture *f)
{
  g_array_remove_index (f->new_rom->vblocks, 0);
}

static void
test_next (void)
{
  static const NextCase cases[] = {
      {QFU_VBOOT_MODE, QFU_VBOOT_NORMAL, change_nothing, NULL},
      {QFU_VBOOT_MODE, QFU_VBOOT_NORMAL, change_flags, "flags"},
      {QFU_VBOOT_MODE, 3, change_nothing, "recovery"},
      {QFU_VBOOT_MODE, 7, change_nothing, NULL},
      {QFU_VBOOT_HWID, 1, change_nothing, NULL},
      {QFU_VBOOT_HWID, 1, change_hwid, NULL},
      {QFU_VBOOT_HWID, 1, move_gbb, NULL},
      {QFU_VBOOT_HWID, 1, move_and_change, "elsewhere"},
      {QFU_VBOOT_HWID, 1, lose_hwid, "elsewhere"},
      {QFU_VBOOT_VERSION, 1, change_nothing, NULL},
      {QFU_VBOOT_VERSION, 1, change_version, NULL},
      {QFU_VBOOT_VERSION, 1, move_block, "elsewhere"},
      {QFU_VBOOT_VERSION, 1, lose_block, "elsewhere"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    RecipeFixture f;
    QfuNextEvent next = {0};
    QfuDigest extend;
    QfuDigest expected;
    QfuVbootBoot boot;
    guint pcr = cases[i].value == QFU_VBOOT_VERSION ? 10 : 1;

    set_up (&f, IMAGE);
    value (&f, cases[i].value, cases[i].mode, &extend);
    recipe_boot (&f, pcr, &extend, 1);
    cases[i].change (&f);
    g_assert_cmpuint (present (&f, SLOT_A, &boot), ==, 1);
    qfu_recipe_vboot_next (&f.work, &boot, QFU_HASH_SHA384, cases[i].value, &next);
    g_test_message ("case %zu", i);
    g_assert_cmpuint (next.pcr, ==, pcr);
    if (cases[i].doubt != NULL) {
      g_assert_nonnull (strstr (recipe_doubt (&f, pcr), cases[i].doubt));
    } else {
      g_assert_null (recipe_doubt (&f, pcr));
      if (cases[i].value == QFU_VBOOT_MODE)
        qfu_vboot_mode (cases[i].mode, QFU_HASH_SHA384, &expected);
      else if (cases[i].value == QFU_VBOOT_HWID)
        qfu_vboot_hwid (f.new_rom->hwid, QFU_HASH_SHA384, &expected);
      else
        qfu_vboot_version (qfu_rom_vblock (f.new_rom, "VBLOCK_A"), QFU_HASH_SHA384, &expected);
      g_assert_true (qfu_digest_equal (&next.digests[2], &expected));
    }
    recipe_tear_down (&f);
  }
}

static void
test_slot (void)
{
  static const struct {
    const char *image;
    gboolean warns;
  } cases[] = {{IMAGE, FALSE},
               {"MbrAaxBCyG", TRUE},
               {"MbrCaxBbyG", TRUE},
               {"MbrAaxAayG", FALSE},
               {"MbrAaxBbzG", TRUE}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    RecipeFixture f;
    QfuVbootBoot boot;
    g_autoptr (GError) error = NULL;

    set_up (&f, cases[i].image);
    recipe_boot (&f, 0, NULL, 0);
    (void)present (&f, SLOT_A, &boot);
    g_assert_true (qfu_recipe_vboot_slot (&f.work, &boot, &error));
    g_assert_cmpint (recipe_warned (&f, "boot-path-may-differ"), ==, cases[i].warns);
    g_assert_cmpint (qfu_recipe_vboot_differs (&f.work), ==, i == 4);
    recipe_tear_down (&f);
  }
}

static void
test_slot_refused (void)
{
  RecipeFixture f;
  QfuVbootBoot boot;
  g_autoptr (GError) error = NULL;

  set_up (&f, IMAGE);
  recipe_boot (&f, 0, NULL, 0);
  g_array_index (f.new_rom->vblocks, QfuRomVblock, 0).firmware_version = 1;
  (void)present (&f, SLOT_A, &boot);
  g_assert_true (qfu_recipe_vboot_slot (&f.work, &boot, &error));
  g_assert_true (recipe_warned (&f, "boot-path-may-differ"));
  lose_block (&f);
  g_assert_false (qfu_recipe_vboot_slot (&f.work, &boot, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PREDICTION);
  g_assert_nonnull (strstr (error->message, "FW_MAIN_A"));
  recipe_tear_down (&f);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/recipe-vboot/unlogged", test_unlogged);
  g_test_add_func ("/recipe-vboot/unproven", test_unproven);
  g_test_add_func ("/recipe-vboot/slot-proof", test_slot_proof);
  g_test_add_func ("/recipe-vboot/logged", test_logged);
  g_test_add_func ("/recipe-vboot/next", test_next);
  g_test_add_func ("/recipe-vboot/slot", test_slot);
  g_test_add_func ("/recipe-vboot/slot-refused", test_slot_refused);
  return g_test_run ();
}
