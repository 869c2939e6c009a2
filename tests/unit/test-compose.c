/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layout-fixture.h"
#include "qfu-error.h"

#include <string.h>

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
  g_autoptr (QfuComposed) composed = layout_composed (&t, "abcdEFGHIJKLmnop");

  assert_ranges (composed->updatable, "4-11");
  assert_ranges (composed->changed, "4-11");
  assert_ranges (composed->unread, "");
  g_assert_cmpstr (composed->layout, ==, "x");
  g_assert_cmpuint (composed->kept->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (composed->kept, 0), ==, "SI_DESC");
  g_assert_cmpstr (g_ptr_array_index (composed->kept, 1), ==, "SMMSTORE");
  g_assert_cmpuint (composed->moved->len, ==, 0);
  t.rules = "[Layout]\nDefault=update\n";
  layout_fits (&t, "ABcdEFGHIJKLMNOP");
  t.rules = "[Layout]\nDefault=update\nOutside=update\n";
  layout_fits (&t, NEW);
}

static void
test_must_equal (void)
{
  Case t = {HEAD "COREBOOT=update\nSMMSTORE=must-equal", MAP (map), MAP (map), .old = NULL};

  layout_refused (&t, "SMMSTORE");
  t.new = "ABCDEFGHIJKLmnop";
  layout_fits (&t, "abcdEFGHIJKLmnop");
}

static void
test_nothing_to_do (void)
{
  Case t = {HEAD "COREBOOT=update\n", MAP (map), MAP (map), .new = OLD};
  g_autoptr (QfuComposed) composed = layout_composed (&t, OLD);

  assert_ranges (composed->updatable, "4-11");
  assert_ranges (composed->changed, "");
  g_assert_cmpuint (composed->steps->len, ==, 0);
  t.rules = HEAD "RW_VPD=update\n";
  layout_refused (&t, "updatable");
}

static void
test_changed (void)
{
  Case t = {HEAD "SI_DESC=update\nCOREBOOT=update\nSMMSTORE=update", MAP (map), MAP (map),
            .new = "abcXeXXhijkXXnop"};
  g_autoptr (QfuComposed) composed = layout_composed (&t, "abcdeXXhijkXXnop");

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

static void
test_never (void)
{
  static const Area aligned[] = {{"SI_ME", 0, 4}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
  Case t = {FIRMWARE "SI_ME=never\n", MAP (aligned), MAP (aligned), .old = NULL};
  g_autoptr (QfuComposed) composed = layout_composed (&t, "abcdEFGHIJKLMNOP");

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
  g_autoptr (QfuComposed) composed = layout_composed (&t, "a...EFGHIJKLMNOP");

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

  layout_refused (&t, "SI_ME");
  t.new_map = was;
  layout_fits (&t, "abcdEFGHIJKLMNOP");
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

  layout_mark_descriptor (with, 3);
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
  g_autoptr (QfuComposed) composed = layout_composed (&t, "abcdEFGHIJKLMNOP");

  assert_ranges (composed->updatable, "4-15");
}

static void
test_hostile_maps (void)
{
  static const Area outside[] = {{"FMAP", 4, 1}, {"COREBOOT", 5, 12}};
  static const Area good[] = {{"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
  Case t = {FIRMWARE, MAP (good), MAP (outside), .old = NULL};

  layout_refused (&t, "outside of the chip");
  t.old_map = outside;
  t.new_map = good;
  layout_refused (&t, "outside of the chip");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/compose/rules", test_rules);
  g_test_add_func ("/compose/must-equal", test_must_equal);
  g_test_add_func ("/compose/nothing-to-do", test_nothing_to_do);
  g_test_add_func ("/compose/changed", test_changed);
  g_test_add_func ("/compose/other-size", test_other_size);
  g_test_add_func ("/compose/other-board", test_other_board);
  g_test_add_func ("/compose/never", test_never);
  g_test_add_func ("/compose/never-shares", test_never_shares);
  g_test_add_func ("/compose/unread", test_unread);
  g_test_add_func ("/compose/descriptor", test_descriptor);
  g_test_add_func ("/compose/image-without-descriptor", test_image_without_descriptor);
  g_test_add_func ("/compose/outside-never", test_outside_never);
  g_test_add_func ("/compose/hostile-maps", test_hostile_maps);
  return g_test_run ();
}
