/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layout-fixture.h"
#include "qfu-error.h"

#include <string.h>

#define OLD "abcdefghijklmnop"
#define NEW "ABCDEFGHIJKLMNOP"

#define MAP(areas) areas, G_N_ELEMENTS (areas)

/* A chip and an image to compose. */
typedef struct {
  const char *rules;
  const Area *old_map;
  gsize n_old;
  const Area *new_map;
  gsize n_new;
  const char *old;    /* picture; %NULL: OLD */
  const char *new;    /* %NULL: NEW */
  guint64 descriptor; /* bit i: region i of either map is the descriptor's, too */
} Case;

static void
mark_descriptor (QfuRom *rom, guint64 bits)
{
  for (guint i = 0; i < rom->regions->len; i++)
    g_array_index (rom->regions, QfuRomRegion, i).descriptor = (bits >> i & 1) != 0;
}

static QfuComposed *
compose (const Case *t, GError **error)
{
  g_autoptr (QfuLayout) layout = layout_of_good_text (t->rules);
  g_autoptr (QfuRom) old_rom = layout_rom (t->old_map, t->n_old, "X1");
  g_autoptr (QfuRom) new_rom = layout_rom (t->new_map, t->n_new, "X1");
  g_autoptr (QfuUntrustedBlob) old = layout_blob (t->old != NULL ? t->old : OLD);
  g_autoptr (QfuUntrustedBlob) new = layout_blob (t->new != NULL ? t->new : NEW);

  mark_descriptor (old_rom, t->descriptor);
  mark_descriptor (new_rom, t->descriptor);
  return qfu_layout_compose (layout, old, old_rom, new, new_rom, error);
}

/* Steps hold exactly what changes. */
static void
assert_whole (const QfuComposed *composed)
{
  gboolean seen[BLOCKS] = {FALSE};
  guint n = 0;

  for (guint i = 0; i < composed->steps->len; i++) {
    const QfuStep *step = g_ptr_array_index (composed->steps, i);

    for (guint k = 0; k < step->ranges->len; k++) {
      const QfuRange *range = &g_array_index (step->ranges, QfuRange, k);

      for (guint64 b = range->offset / BLOCK; b < (range->offset + range->length) / BLOCK; b++) {
        g_assert_false (seen[b]);
        seen[b] = TRUE;
        n++;
      }
    }
  }
  for (guint i = 0; i < composed->changed->len; i++) {
    const QfuRange *range = &g_array_index (composed->changed, QfuRange, i);

    for (guint64 b = range->offset / BLOCK; b < (range->offset + range->length) / BLOCK; b++, n--)
      g_assert_true (seen[b]);
  }
  g_assert_cmpuint (n, ==, 0);
}

static QfuComposed *
assert_composed (const Case *t, const char *expected)
{
  g_autoptr (GError) error = NULL;
  QfuComposed *composed = compose (t, &error);
  g_autofree char *seen = NULL;

  g_assert_no_error (error);
  seen = layout_picture (composed->image);
  g_assert_cmpstr (seen, ==, expected);
  assert_whole (composed);
  return composed;
}

static void
assert_fits (const Case *t, const char *expected)
{
  g_autoptr (QfuComposed) composed = assert_composed (t, expected);

  g_assert_nonnull (composed);
}

static void
assert_refused (const Case *t, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuComposed) composed = compose (t, &error);

  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_null (composed);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, word));
}

static void
assert_ranges (const GArray *ranges, const char *expected)
{
  g_autofree char *seen = layout_ranges (ranges);

  g_assert_cmpstr (seen, ==, expected);
}

static const Area map[] = {
    {"SI_BIOS", 4, 12}, {"SI_DESC", 0, 2}, {"COREBOOT", 4, 8}, {"SMMSTORE", 12, 4}};

static void
test_rules (void)
{
  Case t = {HEAD "COREBOOT=update\n", MAP (map), MAP (map), .old = NULL};
  g_autoptr (QfuComposed) composed = assert_composed (&t, "abcdEFGHIJKLmnop");

  assert_ranges (composed->updatable, "4-11");
  assert_ranges (composed->changed, "4-11");
  assert_ranges (composed->unread, "");
  g_assert_cmpstr (composed->layout, ==, "x");
  g_assert_cmpuint (composed->kept->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (composed->kept, 0), ==, "SI_DESC");
  g_assert_cmpstr (g_ptr_array_index (composed->kept, 1), ==, "SMMSTORE");
  g_assert_cmpuint (composed->moved->len, ==, 0);
  t.rules = "[Layout]\nDefault=update\n";
  assert_fits (&t, "ABcdEFGHIJKLMNOP");
  t.rules = "[Layout]\nDefault=update\nOutside=update\n";
  assert_fits (&t, NEW);
}

static void
test_must_equal (void)
{
  Case t = {HEAD "COREBOOT=update\nSMMSTORE=must-equal", MAP (map), MAP (map), .old = NULL};

  assert_refused (&t, "SMMSTORE");
  t.new = "ABCDEFGHIJKLmnop";
  assert_fits (&t, "abcdEFGHIJKLmnop");
}

static void
test_nothing_to_do (void)
{
  Case t = {HEAD "COREBOOT=update\n", MAP (map), MAP (map), .new = OLD};
  g_autoptr (QfuComposed) composed = assert_composed (&t, OLD);

  assert_ranges (composed->updatable, "4-11");
  assert_ranges (composed->changed, "");
  g_assert_cmpuint (composed->steps->len, ==, 0);
  t.rules = HEAD "RW_VPD=update\n";
  assert_refused (&t, "updatable");
}

static void
test_changed (void)
{
  Case t = {HEAD "SI_DESC=update\nCOREBOOT=update\nSMMSTORE=update", MAP (map), MAP (map),
            .new = "abcXeXXhijkXXnop"};
  g_autoptr (QfuComposed) composed = assert_composed (&t, "abcdeXXhijkXXnop");

  assert_ranges (composed->updatable, "0-1 4-15");
  assert_ranges (composed->changed, "5-6 11-12");
}

static void
test_other_size (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout = layout_of_good_text (HEAD "COREBOOT=update");
  g_autoptr (QfuRom) rom = LAYOUT_ROM (map);
  g_autoptr (QfuUntrustedBlob) old = layout_blob (OLD);
  g_autoptr (QfuUntrustedBlob) new = layout_blob ("ABC");

  g_assert_null (qfu_layout_compose (layout, old, rom, new, rom, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "12288 bytes"));
}

static void
test_other_board (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout = layout_of_good_text (HEAD "COREBOOT=update");
  g_autoptr (QfuRom) rom = LAYOUT_ROM (map);
  g_autoptr (QfuRom) other = layout_rom (MAP (map), "X2");
  g_autoptr (QfuUntrustedBlob) old = layout_blob (OLD);
  g_autoptr (QfuUntrustedBlob) new = layout_blob (NEW);

  g_assert_null (qfu_layout_compose (layout, old, rom, new, other, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "another board"));
}

/* The maps below differ; what is written of them is in FIRMWARE. */
#define FIRMWARE HEAD "FMAP=update\nCOREBOOT=update\n"
static const Area before[] = {
    {"SMMSTORE", 0, 2}, {"RW_VPD", 2, 1}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}};

static void
test_migration (void)
{
  static const Area after[] = {
      {"RW_VPD", 0, 1}, {"SMMSTORE", 8, 2}, {"FMAP", 4, 1}, {"COREBOOT", 10, 6}};
  Case t = {FIRMWARE, MAP (before), MAP (after), .old = NULL};
  g_autoptr (QfuComposed) composed = assert_composed (&t, "cBCdEFGHabKLMNOP");
  const QfuMove *move = &g_array_index (composed->moved, QfuMove, 0);

  assert_ranges (composed->updatable, "0-2 4-15");
  g_assert_cmpuint (composed->kept->len, ==, 0);
  g_assert_cmpuint (composed->moved->len, ==, 2);
  g_assert_cmpstr (move->name, ==, "SMMSTORE");
  g_assert_cmpuint (move->from, ==, 0);
  g_assert_cmpuint (move->to, ==, 8 * BLOCK);
  g_assert_cmpuint (move->size, ==, 2 * BLOCK);
}

static void
test_swap (void)
{
  static const Area was[] = {{"A", 0, 2}, {"B", 2, 2}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
  static const Area is[] = {{"B", 0, 2}, {"A", 2, 2}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
  static const Area shifted[] = {{"A", 1, 2}, {"B", 3, 2}, {"FMAP", 5, 1}, {"COREBOOT", 6, 10}};
  Case t = {FIRMWARE, MAP (was), MAP (is), .old = NULL};

  assert_fits (&t, "cdabEFGHIJKLMNOP");
  /* over itself, and into what was firmware */
  t.new_map = shifted;
  assert_fits (&t, "AabcdFGHIJKLMNOP");
}

static void
test_migrated_must_equal (void)
{
  static const Area is[] = {
      {"SMMSTORE", 14, 2}, {"RW_VPD", 2, 1}, {"FMAP", 4, 1}, {"COREBOOT", 5, 9}};
  Case t = {FIRMWARE "SMMSTORE=must-equal\n", MAP (before), MAP (is), .old = NULL};

  assert_refused (&t, "SMMSTORE");
  t.new = "ABCDEFGHIJKLMNab";
  assert_fits (&t, "ABcdEFGHIJKLMNab");
}

static void
test_new_region (void)
{
  static const Area more[] = {
      {"SMMSTORE", 0, 2}, {"RW_VPD", 2, 1}, {"FMAP", 4, 1}, {"COREBOOT", 5, 9}, {"CONSOLE", 14, 2}};
  static const Area hole[] = {
      {"SMMSTORE", 0, 2}, {"RW_VPD", 2, 1}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}, {"CONSOLE", 3, 1}};
  Case t = {FIRMWARE, MAP (before), MAP (more), .old = NULL};

  /* the chip has nothing to keep in a region that it lacks: the image fills it */
  assert_fits (&t, "abcdEFGHIJKLMNOP");
  /* where no region was there may be something, unless it is erased */
  t.new_map = hole;
  assert_refused (&t, "CONSOLE");
  t.old = "abc.efghijklmnop";
  assert_fits (&t, "abcDEFGHIJKLMNOP");
  t.rules = FIRMWARE "CONSOLE=must-equal\n";
  assert_refused (&t, "CONSOLE");
}

static void
test_shrunk_firmware (void)
{
  static const Area less[] = {
      {"SMMSTORE", 0, 2}, {"RW_VPD", 2, 1}, {"FMAP", 8, 1}, {"COREBOOT", 10, 6}};
  Case t = {FIRMWARE, MAP (before), MAP (less), .old = NULL};

  /* what was firmware and is nothing any more does not stay behind */
  assert_fits (&t, "abcdEFGHIJKLMNOP");
}

static void
test_overlap (void)
{
  /* a region of the image over one that stays, by another name and of another size */
  static const Area nested[] = {{"SMMSTORE", 0, 2},
                                {"RW_VPD", 2, 1},
                                {"FMAP", 4, 1},
                                {"COREBOOT", 5, 11},
                                {"BOOTBLOCK", 1, 1}};
  static const Area across[] = {{"SMMSTORE", 0, 2},
                                {"RW_VPD", 2, 1},
                                {"FMAP", 3, 1},
                                {"COREBOOT", 4, 12},
                                {"BOOTBLOCK", 1, 2}};
  Case t = {FIRMWARE "BOOTBLOCK=update\n", MAP (before), MAP (nested), .old = NULL};

  assert_refused (&t, "BOOTBLOCK over SMMSTORE");
  t.new_map = across;
  assert_refused (&t, "BOOTBLOCK over SMMSTORE");
}

static void
test_never (void)
{
  static const Area aligned[] = {{"SI_ME", 0, 4}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
  Case t = {FIRMWARE "SI_ME=never\n", MAP (aligned), MAP (aligned), .old = NULL};
  g_autoptr (QfuComposed) composed = assert_composed (&t, "abcdEFGHIJKLMNOP");

  /* a flash map alone does not say before reading that something is not to be read */
  assert_ranges (composed->unread, "");
}

/* Adds half a block of SI_ME to the map, before or behind a region that is written. */
static void
assert_shared_block (guint64 me, guint64 coreboot, gboolean refused)
{
  static const Area fmap[] = {{"FMAP", 0, 1}};
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout = layout_of_good_text (FIRMWARE "SI_ME=never\n");
  g_autoptr (QfuRom) rom = LAYOUT_ROM (fmap);
  g_autoptr (QfuUntrustedBlob) old = layout_blob (OLD);
  g_autoptr (QfuUntrustedBlob) new = layout_blob (NEW);
  g_autoptr (QfuComposed) composed = NULL;

  forged_region (rom, "SI_ME", me, BLOCK / 2);
  forged_region (rom, "COREBOOT", coreboot, 2 * BLOCK);
  composed = qfu_layout_compose (layout, old, rom, new, rom, &error);
  g_assert_cmpint (composed == NULL, ==, refused);
  if (!refused)
    return;
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "SI_ME"));
}

static void
test_never_shares (void)
{
  assert_shared_block (4 * BLOCK + BLOCK / 2, 5 * BLOCK, FALSE);
  assert_shared_block (4 * BLOCK, 4 * BLOCK + BLOCK / 2, TRUE);
  assert_shared_block (6 * BLOCK + BLOCK / 2, 4 * BLOCK + BLOCK / 2, TRUE);
  assert_shared_block (6 * BLOCK, 4 * BLOCK, FALSE);
}

static void
test_unread (void)
{
  static const Area areas[] = {
      {"SI_DESC", 0, 1}, {"SI_ME", 1, 3}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
  Case t = {FIRMWARE "SI_ME=never\n", MAP (areas), MAP (areas), .descriptor = 3};
  g_autoptr (QfuComposed) composed = assert_composed (&t, "a...EFGHIJKLMNOP");

  assert_ranges (composed->unread, "1-3");
  assert_ranges (composed->changed, "4-15");
  assert_ranges (composed->updatable, "4-15");
}

/* The chip's descriptor says where its regions are: an image with others, or without one, does not
 * change that. */
static void
test_descriptor (void)
{
  static const Area was[] = {
      {"SI_DESC", 0, 1}, {"SI_ME", 1, 3}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
  static const Area moved[] = {
      {"SI_DESC", 0, 1}, {"SI_ME", 2, 3}, {"FMAP", 5, 1}, {"COREBOOT", 6, 10}};
  Case t = {FIRMWARE, MAP (was), MAP (moved), .descriptor = 3};

  assert_refused (&t, "SI_ME");
  t.new_map = was;
  assert_fits (&t, "abcdEFGHIJKLMNOP");
}

static void
test_image_without_descriptor (void)
{
  static const Area was[] = {
      {"SI_DESC", 0, 1}, {"SI_ME", 1, 3}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
  static const Area none[] = {{"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout = layout_of_good_text (FIRMWARE);
  g_autoptr (QfuRom) with = LAYOUT_ROM (was);
  g_autoptr (QfuRom) without = LAYOUT_ROM (none);
  g_autoptr (QfuUntrustedBlob) old = layout_blob (OLD);
  g_autoptr (QfuUntrustedBlob) new = layout_blob (NEW);
  g_autoptr (QfuComposed) composed = NULL;
  g_autoptr (QfuComposed) reverse = NULL;
  g_autofree char *seen = NULL;
  g_autofree char *seen_reverse = NULL;

  mark_descriptor (with, 3);
  composed = qfu_layout_compose (layout, old, with, new, without, &error);
  g_assert_no_error (error);
  seen = layout_picture (composed->image);
  g_assert_cmpstr (seen, ==, "abcdEFGHIJKLMNOP");
  /* nor does a chip without a descriptor get one */
  reverse = qfu_layout_compose (layout, old, without, new, with, &error);
  g_assert_no_error (error);
  seen_reverse = layout_picture (reverse->image);
  g_assert_cmpstr (seen_reverse, ==, "abcdEFGHIJKLMNOP");
}

static void
test_outside_never (void)
{
  static const Area areas[] = {{"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
  Case t = {"[Layout]\nDefault=update\nOutside=never\n", MAP (areas), MAP (areas), .old = NULL};
  g_autoptr (QfuComposed) composed = assert_composed (&t, "abcdEFGHIJKLMNOP");

  assert_ranges (composed->updatable, "4-15");
}

static void
test_hostile_maps (void)
{
  static const Area outside[] = {{"FMAP", 4, 1}, {"COREBOOT", 5, 12}};
  static const Area good[] = {{"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
  Case t = {FIRMWARE, MAP (good), MAP (outside), .old = NULL};

  assert_refused (&t, "outside of the chip");
  t.old_map = outside;
  t.new_map = good;
  assert_refused (&t, "outside of the chip");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compose/rules", test_rules);
  g_test_add_func ("/compose/must-equal", test_must_equal);
  g_test_add_func ("/compose/nothing-to-do", test_nothing_to_do);
  g_test_add_func ("/compose/changed", test_changed);
  g_test_add_func ("/compose/other-size", test_other_size);
  g_test_add_func ("/compose/other-board", test_other_board);
  g_test_add_func ("/compose/migration", test_migration);
  g_test_add_func ("/compose/swap", test_swap);
  g_test_add_func ("/compose/migrated-must-equal", test_migrated_must_equal);
  g_test_add_func ("/compose/new-region", test_new_region);
  g_test_add_func ("/compose/shrunk-firmware", test_shrunk_firmware);
  g_test_add_func ("/compose/overlap", test_overlap);
  g_test_add_func ("/compose/never", test_never);
  g_test_add_func ("/compose/never-shares", test_never_shares);
  g_test_add_func ("/compose/unread", test_unread);
  g_test_add_func ("/compose/descriptor", test_descriptor);
  g_test_add_func ("/compose/image-without-descriptor", test_image_without_descriptor);
  g_test_add_func ("/compose/outside-never", test_outside_never);
  g_test_add_func ("/compose/hostile-maps", test_hostile_maps);
  return g_test_run ();
}
