/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layout-fixture.h"

/* The image brings a flash map of its own. */

static void
assert_ranges (const GArray *ranges, const char *expected)
{
  g_autofree char *seen = layout_ranges (ranges);

  g_assert_cmpstr (seen, ==, expected);
}

static const Area before[] = {
    {"SMMSTORE", 0, 2}, {"RW_VPD", 2, 1}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}};

static void
test_migration (void)
{
  static const Area after[] = {
      {"RW_VPD", 0, 1}, {"SMMSTORE", 8, 2}, {"FMAP", 4, 1}, {"COREBOOT", 10, 6}};
  Case t = {FIRMWARE, MAP (before), MAP (after), .old = NULL};
  g_autoptr (QfuComposed) composed = layout_composed (&t, "cBCdEFGHabKLMNOP");
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

  layout_fits (&t, "cdabEFGHIJKLMNOP");
  /* over itself, and into what was firmware */
  t.new_map = shifted;
  layout_fits (&t, "AabcdFGHIJKLMNOP");
}

static void
test_migrated_must_equal (void)
{
  static const Area is[] = {
      {"SMMSTORE", 14, 2}, {"RW_VPD", 2, 1}, {"FMAP", 4, 1}, {"COREBOOT", 5, 9}};
  Case t = {FIRMWARE "SMMSTORE=must-equal\n", MAP (before), MAP (is), .old = NULL};

  layout_refused (&t, "SMMSTORE");
  t.new = "ABCDEFGHIJKLMNab";
  layout_fits (&t, "ABcdEFGHIJKLMNab");
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
  layout_fits (&t, "abcdEFGHIJKLMNOP");
  /* where no region was there may be something, unless it is erased */
  t.new_map = hole;
  layout_refused (&t, "CONSOLE");
  t.old = "abc.efghijklmnop";
  layout_fits (&t, "abcDEFGHIJKLMNOP");
  t.rules = FIRMWARE "CONSOLE=must-equal\n";
  layout_refused (&t, "CONSOLE");
}

static void
test_shrunk_firmware (void)
{
  static const Area less[] = {
      {"SMMSTORE", 0, 2}, {"RW_VPD", 2, 1}, {"FMAP", 8, 1}, {"COREBOOT", 10, 6}};
  Case t = {FIRMWARE, MAP (before), MAP (less), .old = NULL};

  /* what was firmware and is nothing any more does not stay behind */
  layout_fits (&t, "abcdEFGHIJKLMNOP");
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

  layout_refused (&t, "BOOTBLOCK over SMMSTORE");
  t.new_map = across;
  layout_refused (&t, "BOOTBLOCK over SMMSTORE");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/compose-moved/migration", test_migration);
  g_test_add_func ("/compose-moved/swap", test_swap);
  g_test_add_func ("/compose-moved/migrated-must-equal", test_migrated_must_equal);
  g_test_add_func ("/compose-moved/new-region", test_new_region);
  g_test_add_func ("/compose-moved/shrunk-firmware", test_shrunk_firmware);
  g_test_add_func ("/compose-moved/overlap", test_overlap);
  return g_test_run ();
}
