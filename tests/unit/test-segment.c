/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layout-fixture.h"
#include "qfu-error.h"
#include "qfu-segment.h"

#include <string.h>

/* The map of most cases: a container with two areas in it, one area on its own, and a hole. */
static const Area map[] = {
    {"SI_BIOS", 4, 12},
    {"SI_DESC", 0, 2},
    {"COREBOOT", 4, 8},
    {"SMMSTORE", 12, 4},
};

/* One character a block: the rule, in small letters where boot does not need the bytes. */
static char *
picture (const GArray *segments)
{
  static const char letters[] = {' ', 'U', 'P', 'E', 'N'};
  GString *text = g_string_new (NULL);
  guint64 end = 0;

  for (guint i = 0; i < segments->len; i++) {
    const QfuSegment *segment = &g_array_index (segments, QfuSegment, i);
    char c = letters[segment->rule];

    g_assert_cmpuint (segment->offset, ==, end);
    g_assert_cmpuint (segment->length, >, 0);
    end += segment->length;
    for (guint64 n = 0; n < segment->length / BLOCK; n++)
      g_string_append_c (text, segment->window ? c : g_ascii_tolower (c));
  }
  g_assert_cmpuint (end, ==, BLOCKS * BLOCK);
  return g_string_free (text, FALSE);
}

static void
assert_picture (const Area *areas, gsize n, const char *rules, const char *expected)
{
  g_autoptr (QfuLayout) layout = layout_of_good_text (rules);
  g_autoptr (QfuRom) rom = layout_rom (areas, n, NULL);
  g_autoptr (GArray) segments = qfu_segments_new (layout, rom, rom);
  g_autofree char *seen = picture (segments);

  g_assert_cmpstr (seen, ==, expected);
}

#define QUIET "[Layout]\nDefault=preserve\nWindow=\n[Regions]\n"

static void
test_rules (void)
{
  /* a listed area in a container that is not */
  assert_picture (map, G_N_ELEMENTS (map), QUIET "COREBOOT=update\n", "ppppuuuuuuuupppp");
  /* the container is listed; the smaller area with a rule of its own wins */
  assert_picture (map, G_N_ELEMENTS (map),
                  QUIET "SI_BIOS=update\nSMMSTORE=never\nCOREBOOT=must-equal", "ppppeeeeeeeennnn");
  /* an area that is not listed and holds none takes the default, whatever its container says */
  assert_picture (map, G_N_ELEMENTS (map), QUIET "SI_BIOS=update\nSMMSTORE=update",
                  "ppppppppppppuuuu");
  /* the default reaches areas, never a container or the hole between areas */
  assert_picture (map, G_N_ELEMENTS (map),
                  "[Layout]\nDefault=update\nWindow=\n[Regions]\nSMMSTORE=preserve",
                  "uuppuuuuuuuupppp");
  /* the container's own bytes, which no area covers */
  assert_picture (map, 3, QUIET "SI_BIOS=update\nCOREBOOT=preserve", "ppppppppppppuuuu");
}

static void
test_outside (void)
{
  assert_picture (map, G_N_ELEMENTS (map), "[Layout]\nDefault=preserve\nWindow=\nOutside=update\n",
                  "ppuupppppppppppp");
  assert_picture (map, G_N_ELEMENTS (map), "[Layout]\nDefault=update\nWindow=\nOutside=never\n",
                  "uunnuuuuuuuuuuuu");
  /* what a container that is not listed has of its own is outside, too */
  assert_picture (map, 3, "[Layout]\nDefault=preserve\nWindow=\nOutside=update\n",
                  "ppuuppppppppuuuu");
}

static void
test_same_place (void)
{
  static const Area outer_first[] = {{"SI_BIOS", 4, 8}, {"COREBOOT", 4, 8}};
  static const Area inner_first[] = {{"COREBOOT", 4, 8}, {"SI_BIOS", 4, 8}};
  static const Area twins[] = {{"A", 4, 4}, {"B", 4, 4}};

  assert_picture (outer_first, 2, QUIET "COREBOOT=update", "ppppuuuuuuuupppp");
  assert_picture (inner_first, 2, QUIET "COREBOOT=update", "ppppuuuuuuuupppp");
  /* of two listed ones the stricter rule */
  assert_picture (twins, 2, QUIET "A=update\nB=preserve", "pppppppppppppppp");
  assert_picture (twins, 2, QUIET "A=must-equal\nB=preserve", "ppppeeeepppppppp");
  assert_picture (twins, 2, QUIET "A=must-equal\nB=never", "ppppnnnnpppppppp");
}

/* A worker that lies can send what no flash map may hold. */
static void
test_partial_overlap (void)
{
  static const Area areas[] = {{"A", 0, 8}, {"B", 6, 4}, {"FREE", 12, 1}};

  assert_picture (areas, 3, QUIET "A=update\nB=preserve\nFREE=update", "uuuuuuppppppuppp");
  assert_picture (areas, 3, QUIET "A=preserve\nB=update", "ppppppuuuupppppp");
}

static void
test_window (void)
{
  assert_picture (map, G_N_ELEMENTS (map),
                  "[Layout]\nDefault=preserve\nWindow=COREBOOT\n[Regions]\nCOREBOOT=update\n",
                  "ppppUUUUUUUUpppp");
  /* all of a container, whatever is in it */
  assert_picture (map, G_N_ELEMENTS (map),
                  "[Layout]\nDefault=preserve\nWindow=SI_BIOS\n[Regions]\nCOREBOOT=update\n",
                  "ppppUUUUUUUUPPPP");
  assert_picture (map, G_N_ELEMENTS (map), HEAD "COREBOOT=update\n", "PPPPUUUUUUUUPPPP");
}

static void
test_steps (void)
{
  g_autoptr (QfuLayout) layout =
      layout_of_good_text ("[Layout]\nDefault=preserve\nOrder=SI_DESC;COREBOOT;SI_BIOS\n");
  g_autoptr (QfuRom) rom = LAYOUT_ROM (map);
  g_autoptr (GArray) segments = qfu_segments_new (layout, rom, rom);
  static const guint expected[] = {1, 0, 2, 3};

  g_assert_cmpuint (segments->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < segments->len; i++)
    g_assert_cmpuint (g_array_index (segments, QfuSegment, i).step, ==, expected[i]);
}

/* Both maps are cut at the borders of both. */
static void
test_two_maps (void)
{
  static const Area moved[] = {{"COREBOOT", 3, 8}, {"SMMSTORE", 12, 4}};
  g_autoptr (QfuLayout) layout = layout_of_good_text (QUIET "COREBOOT=update\n");
  g_autoptr (QfuRom) old_rom = LAYOUT_ROM (map);
  g_autoptr (QfuRom) new_rom = LAYOUT_ROM (moved);
  g_autoptr (GArray) old_segments = qfu_segments_new (layout, old_rom, new_rom);
  g_autoptr (GArray) new_segments = qfu_segments_new (layout, new_rom, old_rom);
  g_autofree char *seen = picture (new_segments);

  g_assert_cmpstr (seen, ==, "pppuuuuuuuuppppp");
  g_assert_cmpuint (old_segments->len, ==, new_segments->len);
  for (guint i = 0; i < old_segments->len; i++) {
    g_assert_cmpuint (g_array_index (old_segments, QfuSegment, i).offset, ==,
                      g_array_index (new_segments, QfuSegment, i).offset);
    g_assert_cmpuint (g_array_index (old_segments, QfuSegment, i).length, ==,
                      g_array_index (new_segments, QfuSegment, i).length);
  }
}

static void
test_outside_of_chip (void)
{
  static const struct {
    guint64 offset;
    guint64 size;
    gboolean fits;
  } rows[] = {
      {0, BLOCKS * BLOCK, TRUE},  {BLOCKS * BLOCK, 0, TRUE}, {BLOCKS * BLOCK, 1, FALSE},
      {1, BLOCKS * BLOCK, FALSE}, {G_MAXUINT64, 1, FALSE},   {1, G_MAXUINT64, FALSE},
      {G_MAXUINT64, 0, FALSE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuRom) rom = LAYOUT_ROM (map);

    forged_region (rom, "FAR", rows[i].offset, rows[i].size);
    g_assert_cmpint (qfu_segments_check (rom, &error), ==, rows[i].fits);
    if (rows[i].fits)
      continue;
    g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
    g_assert_nonnull (strstr (error->message, "FAR"));
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/segment/rules", test_rules);
  g_test_add_func ("/segment/outside", test_outside);
  g_test_add_func ("/segment/same-place", test_same_place);
  g_test_add_func ("/segment/partial-overlap", test_partial_overlap);
  g_test_add_func ("/segment/window", test_window);
  g_test_add_func ("/segment/steps", test_steps);
  g_test_add_func ("/segment/two-maps", test_two_maps);
  g_test_add_func ("/segment/outside-of-chip", test_outside_of_chip);
  return g_test_run ();
}
