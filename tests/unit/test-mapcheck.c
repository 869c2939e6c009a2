/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layout-fixture.h"
#include "qfu-error.h"
#include "qfu-mapcheck.h"

#include <string.h>

#define AREAS_MAX 5

static const Area chip[AREAS_MAX] = {
    {"SI_BIOS", 2, 14}, {"SMMSTORE", 2, 2}, {"RW_VPD", 0, 1}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}};

/* The image's map, and what the refusal says; %NULL: none. */
typedef struct {
  const char *rules;
  Area areas[AREAS_MAX];
  const char *word;
} Row;

#define WRITES HEAD "FMAP=update\nCOREBOOT=update\n"
#define KEEPS HEAD "COREBOOT=update\n"

static const Row rows[] = {
    {WRITES,
     {{"SI_BIOS", 2, 14},
      {"SMMSTORE", 2, 2},
      {"RW_VPD", 0, 1},
      {"FMAP", 4, 1},
      {"COREBOOT", 5, 11}},
     NULL},
    /* the order of a map's rows is of no account */
    {KEEPS,
     {{"COREBOOT", 5, 11},
      {"RW_VPD", 0, 1},
      {"SI_BIOS", 2, 14},
      {"FMAP", 4, 1},
      {"SMMSTORE", 2, 2}},
     NULL},
    /* a region that is kept may lie elsewhere, as large as it is */
    {WRITES,
     {{"SI_BIOS", 2, 14},
      {"SMMSTORE", 14, 2},
      {"RW_VPD", 0, 1},
      {"FMAP", 4, 1},
      {"COREBOOT", 5, 9}},
     NULL},
    {WRITES,
     {{"SI_BIOS", 2, 14},
      {"SMMSTORE", 2, 1},
      {"RW_VPD", 0, 1},
      {"FMAP", 4, 1},
      {"COREBOOT", 5, 11}},
     "SMMSTORE"},
    {WRITES,
     {{"SI_BIOS", 2, 14},
      {"SMMSTORE", 13, 3},
      {"RW_VPD", 0, 1},
      {"FMAP", 4, 1},
      {"COREBOOT", 5, 8}},
     "SMMSTORE"},
    {WRITES,
     {{"SI_BIOS", 2, 14},
      {"SMMSTORE", 2, 2},
      {"RW_NVRAM", 0, 1},
      {"FMAP", 4, 1},
      {"COREBOOT", 5, 11}},
     "no region RW_VPD"},
    {WRITES "RW_VPD=never\n",
     {{"SI_BIOS", 2, 14},
      {"SMMSTORE", 2, 2},
      {"RW_VPD", 1, 1},
      {"FMAP", 4, 1},
      {"COREBOOT", 5, 11}},
     "RW_VPD"},
    /* containers and firmware may be as they like, when the map is written */
    {WRITES,
     {{"BIOS", 2, 14}, {"SMMSTORE", 2, 2}, {"RW_VPD", 0, 1}, {"FMAP", 4, 1}, {"COREBOOT", 6, 4}},
     NULL},
    {KEEPS,
     {{"BIOS", 2, 14}, {"SMMSTORE", 2, 2}, {"RW_VPD", 0, 1}, {"FMAP", 4, 1}, {"COREBOOT", 5, 11}},
     "another flash map"},
    {KEEPS,
     {{"SI_BIOS", 2, 14},
      {"SMMSTORE", 2, 2},
      {"RW_VPD", 0, 1},
      {"FMAP", 4, 1},
      {"COREBOOT", 6, 10}},
     "another flash map"},
    {WRITES "RW_FMAP=update\n",
     {{"SI_BIOS", 2, 14},
      {"SMMSTORE", 2, 2},
      {"RW_VPD", 0, 1},
      {"RW_FMAP", 4, 1},
      {"COREBOOT", 5, 11}},
     "another flash map"},
};

static gboolean
check (const Row *row, gboolean descriptor, GError **error)
{
  g_autoptr (QfuLayout) layout = layout_of_good_text (row->rules);
  g_autoptr (QfuRom) old_rom = layout_rom (chip, AREAS_MAX, NULL);
  g_autoptr (QfuRom) new_rom = layout_rom (row->areas, AREAS_MAX, NULL);
  g_autoptr (GArray) old_segments = qfu_segments_new (layout, old_rom, new_rom);
  g_autoptr (GArray) new_segments = qfu_segments_new (layout, new_rom, old_rom);
  QfuMaps maps = {layout, {old_rom, new_rom}, {old_segments, new_segments}};

  for (guint i = 0; descriptor && i < AREAS_MAX; i++)
    g_array_index (old_rom->regions, QfuRomRegion, i).descriptor = TRUE;
  return qfu_mapcheck (&maps, error);
}

static void
test_rows (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    gboolean fits = check (&rows[i], FALSE, &error);

    g_test_message ("row %zu: %s", i, error != NULL ? error->message : "fits");
    g_assert_cmpint (fits, ==, rows[i].word == NULL);
    if (fits)
      continue;
    g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
    g_assert_nonnull (strstr (error->message, rows[i].word));
    g_assert_nonnull (strstr (error->message, "flash map"));
  }
}

/* What a descriptor names stays where it is, and may be missing in an image. */
static void
test_descriptor (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (check (&rows[0], TRUE, &error));
  g_assert_no_error (error);
  g_assert_false (check (&rows[2], TRUE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "SMMSTORE at another place"));
  g_clear_error (&error);
  g_assert_true (check (&rows[5], TRUE, &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/mapcheck/rows", test_rows);
  g_test_add_func ("/mapcheck/descriptor", test_descriptor);
  return g_test_run ();
}
