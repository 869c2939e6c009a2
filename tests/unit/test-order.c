/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layout-fixture.h"
#include "qfu-order.h"

/* A map and its free space, in blocks. */
typedef struct {
  const Area *areas;
  gsize n;
  const Area *free;
  gsize n_free;
} Map;

static QfuRom *
rom_of (const Map *map)
{
  QfuRom *rom = layout_rom (map->areas, map->n, NULL);

  for (gsize i = 0; i < map->n_free; i++)
    qfu_ranges_append (rom->unused, (guint64)map->free[i].first * BLOCK,
                       (guint64)map->free[i].blocks * BLOCK);
  return rom;
}

/* All blocks in which the pictures differ are written. */
static char *
steps_of_roms (const char *rules,
               const QfuRom *old_rom,
               const QfuRom *new_rom,
               const char *old,
               const char *new)
{
  g_autoptr (QfuLayout) layout = layout_of_good_text (rules);
  g_autoptr (QfuUntrustedBlob) old_blob = layout_blob (old);
  g_autoptr (QfuUntrustedBlob) new_blob = layout_blob (new);
  g_autoptr (GArray) changed = qfu_ranges_diff (old_blob, new_blob, BLOCK);
  g_autoptr (GArray) old_segments = qfu_segments_new (layout, old_rom, new_rom);
  g_autoptr (GArray) new_segments = qfu_segments_new (layout, new_rom, old_rom);
  QfuMaps maps = {layout, {old_rom, new_rom}, {old_segments, new_segments}};
  g_autoptr (GPtrArray) steps = qfu_order_steps (&maps, changed);

  return layout_steps (steps);
}

static void
assert_steps (const char *rules,
              const Map *old_map,
              const Map *new_map,
              const char *old,
              const char *new,
              const char *expected)
{
  g_autoptr (QfuRom) old_rom = rom_of (old_map);
  g_autoptr (QfuRom) new_rom = rom_of (new_map);
  g_autofree char *seen = steps_of_roms (rules, old_rom, new_rom, old, new);

  g_assert_cmpstr (seen, ==, expected);
}

static const Area single[] = {{"RW_LEGACY", 0, 4}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
static const Area free_old[] = {{"", 8, 4}};
static const Area free_new[] = {{"", 10, 3}};
static const Map single_full = {single, 3, NULL, 0};
static const Map single_old = {single, 3, free_old, 1};
static const Map single_new = {single, 3, free_new, 1};

#define SINGLE "[Layout]\nDefault=update\nWindow=FMAP;COREBOOT\n[Regions]\nRW_LEGACY=update\n"

static void
test_single (void)
{
  assert_steps (SINGLE, &single_full, &single_full, "aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "");
  assert_steps (SINGLE, &single_full, &single_full, "aaaaaaaaaaaaaaaa", "aaaaabbaaaaaaaab",
                "COREBOOT!: 5-6 15");
  /* what boots in any case comes first */
  assert_steps (SINGLE, &single_full, &single_full, "aaaaaaaaaaaaaaaa", "baaabbaaaaaaaaaa",
                "RW_LEGACY: 0; FMAP, COREBOOT!: 4-5");
}

static void
test_free_space (void)
{
  assert_steps (SINGLE, &single_old, &single_new, "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb",
                "RW_LEGACY: 0-3; free space of COREBOOT: 8-11; FMAP, COREBOOT!: 4-7 13-15; "
                "what becomes free in COREBOOT: 12");
  /* a file that is added, or taken away, opens no window */
  assert_steps (SINGLE, &single_old, &single_new, "aaaaaaaaaaaaaaaa", "aaaaaaaabaaaaaaa",
                "free space of COREBOOT: 8");
  assert_steps (SINGLE, &single_old, &single_new, "aaaaaaaaaaaaaaaa", "aaaaaaaaaaaabaaa",
                "what becomes free in COREBOOT: 12");
}

/* Half a block of free space is none. */
static void
test_free_in_part (void)
{
  g_autoptr (QfuRom) old_rom = rom_of (&single_full);
  g_autoptr (QfuRom) new_rom = rom_of (&single_full);
  g_autofree char *seen = NULL;

  qfu_ranges_append (old_rom->unused, 8 * BLOCK + 64, 2 * BLOCK);
  qfu_ranges_append (new_rom->unused, 6 * BLOCK - 64, 2 * BLOCK);
  seen = steps_of_roms (SINGLE, old_rom, new_rom, "aaaaaaaaaaaaaaaa", "aaaaabbbbbbbaaaa");
  g_assert_cmpstr (seen, ==,
                   "free space of COREBOOT: 9; COREBOOT!: 5 7-8 10-11; "
                   "what becomes free in COREBOOT: 6");
}

static void
test_last (void)
{
  g_autoptr (QfuRom) old_rom = rom_of (&single_old);
  g_autoptr (QfuRom) new_rom = rom_of (&single_new);
  g_autofree char *seen = NULL;
  g_autofree char *named = NULL;

  forged_file (old_rom, "bootblock", 1, 15 * BLOCK, BLOCK / 2);
  forged_file (new_rom, "bootblock", 1, 14 * BLOCK + BLOCK / 2, BLOCK);
  forged_file (new_rom, "apu/amdfw", 0x50, 6 * BLOCK, BLOCK);
  seen = steps_of_roms (SINGLE, old_rom, new_rom, "aaaaaaaaaaaaaaaa", "aaaaabbbaaaaabbb");
  g_assert_cmpstr (seen, ==, "COREBOOT!: 5-7 13; start of COREBOOT!: 14-15");
  named = steps_of_roms ("[Layout]\nDefault=update\nWindow=FMAP;COREBOOT\nLast=apu/amdfw\n",
                         old_rom, new_rom, "aaaaaaaaaaaaaaaa", "aaaaabbbaaaaabbb");
  g_assert_cmpstr (named, ==, "COREBOOT!: 5 7 13-15; start of COREBOOT!: 6");
}

static const Area slots[] = {{"RW_SECTION_A", 0, 4}, {"VBLOCK_A", 0, 1}, {"FW_MAIN_A", 1, 3},
                             {"RW_SECTION_B", 4, 4}, {"VBLOCK_B", 4, 1}, {"FW_MAIN_B", 5, 3},
                             {"WP_RO", 8, 8},        {"FMAP", 8, 1},     {"BOOTBLOCK", 9, 1},
                             {"COREBOOT", 10, 6}};
static const Map vboot = {slots, G_N_ELEMENTS (slots), NULL, 0};

#define VBOOT                                                                                      \
  "[Layout]\nDefault=update\nWindow=WP_RO\n"                                                       \
  "Order=RW_SECTION_B;VBLOCK_A,FW_MAIN_A;WP_RO\n[Regions]\nBOOTBLOCK=update\n"

static void
test_slots (void)
{
  assert_steps (VBOOT, &vboot, &vboot, "aaaaaaaaaaaaaaaa", "bbbbbbbbaaaaaaaa",
                "VBLOCK_B, FW_MAIN_B: 4-7; VBLOCK_A, FW_MAIN_A: 0-3");
  assert_steps (VBOOT, &vboot, &vboot, "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbaaaaa",
                "VBLOCK_B, FW_MAIN_B: 4-7; VBLOCK_A, FW_MAIN_A: 0-3; FMAP, COREBOOT!: 8 10; "
                "start of BOOTBLOCK!: 9");
}

/* A block of both slots takes both away while it is written, a block of the part that starts them
 * takes that away. */
static void
test_shared_blocks (void)
{
  static const Area rest[] = {{"FMAP", 12, 1}};
  static const char rules[] = "[Layout]\nDefault=update\nWindow=COREBOOT\nOrder=B;A;COREBOOT\n";
  static const Map map = {rest, 1, NULL, 0};
  g_autoptr (QfuRom) rom = rom_of (&map);
  g_autofree char *seen = NULL;

  forged_region (rom, "A", 0, 2 * BLOCK + 64);
  forged_region (rom, "B", 2 * BLOCK + 64, 2 * BLOCK);
  forged_region (rom, "COREBOOT", 4 * BLOCK + 64, 2 * BLOCK);
  seen = steps_of_roms (rules, rom, rom, "aaaaaaaaaaaaaaaa", "bbbbbbbaaaaabaaa");
  g_assert_cmpstr (seen, ==, "B, FMAP: 3 12; A: 0-1; A, B!: 2; B, COREBOOT!: 4-6");
}

/* A region that follows a new map is written where old firmware was. */
static void
test_new_map (void)
{
  static const Area was[] = {{"SMMSTORE", 0, 4}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}};
  static const Area is[] = {{"FMAP", 4, 1}, {"COREBOOT", 5, 7}, {"SMMSTORE", 12, 4}};
  static const Map old_map = {was, 3, free_old, 1};
  static const Map new_map = {is, 3, NULL, 0};

  assert_steps ("[Layout]\nDefault=preserve\nWindow=FMAP;COREBOOT\n", &old_map, &new_map,
                "aaaaaaaaaaaaaaaa", "baaaaaaabaaabbbb",
                "SMMSTORE: 0; free space of COREBOOT: 8; what becomes free in SMMSTORE: 12-15");
}

/* Without a word on what boots, all of it may be needed. */
static void
test_no_window (void)
{
  assert_steps ("[Layout]\nDefault=update\nOutside=update\n", &single_old, &single_new,
                "aaaaaaaaaaaaaaaa", "baaaaabbbaaabaaa",
                "free space of COREBOOT: 8; RW_LEGACY, COREBOOT!: 0 6-7; "
                "what becomes free in COREBOOT: 12");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/order/single", test_single);
  g_test_add_func ("/order/free-space", test_free_space);
  g_test_add_func ("/order/free-in-part", test_free_in_part);
  g_test_add_func ("/order/last", test_last);
  g_test_add_func ("/order/slots", test_slots);
  g_test_add_func ("/order/shared-blocks", test_shared_blocks);
  g_test_add_func ("/order/new-map", test_new_map);
  g_test_add_func ("/order/no-window", test_no_window);
  return g_test_run ();
}
