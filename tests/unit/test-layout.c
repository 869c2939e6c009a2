/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "forged.h"
#include "qfu-error.h"
#include "qfu-layout.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>

#define BLOCK QFU_ERASE_BLOCK
#define BLOCKS 16
#define OLD 'o'
#define NEW 'n'

/* A region in blocks. */
typedef struct {
  const char *name;
  guint first;
  guint blocks;
} Area;

/* The map of most cases: a container with two areas in it, one area on its own, and a hole. */
static const Area map[] = {
    {"SI_BIOS", 4, 12},
    {"SI_DESC", 0, 2},
    {"COREBOOT", 4, 8},
    {"SMMSTORE", 12, 4},
};

static QfuRom *
make_rom (const Area *areas, gsize n, const char *board)
{
  QfuRom *rom = forged_rom ((guint64)BLOCKS * BLOCK);

  for (gsize i = 0; i < n; i++)
    forged_region (rom, areas[i].name, (guint64)areas[i].first * BLOCK,
                   (guint64)areas[i].blocks * BLOCK);
  if (board != NULL)
    forged_setting (rom, "CONFIG_MAINBOARD_PART_NUMBER", board);
  return rom;
}

static QfuUntrustedBlob *
make_blob (const guint8 *bytes, gsize size)
{
  g_autoptr (GError) error = NULL;
  QfuBlobBuilder *builder = qfu_blob_builder_new (size, &error);
  QfuUntrustedBlob *blob;

  g_assert_no_error (error);
  g_assert_true (qfu_blob_builder_append (builder, bytes, size, &error));
  blob = qfu_blob_builder_finish (builder, &error);
  g_assert_no_error (error);
  return blob;
}

static QfuUntrustedBlob *
filled_blob (int byte)
{
  guint8 bytes[BLOCKS * BLOCK];

  memset (bytes, byte, sizeof bytes);
  return make_blob (bytes, sizeof bytes);
}

static QfuLayout *
load_text (const char *text, GError **error)
{
  g_autofree char *folder = g_dir_make_tmp ("qfu-layout-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "x.conf", NULL);
  QfuConfig config = {.layouts = folder};
  QfuLayout *layout;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  layout = qfu_layout_load (&config, "x", error);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  return layout;
}

/* One character a block of the composed image: OLD, NEW, or '?' when the block is neither. */
static char *
picture (const QfuComposed *composed)
{
  g_autoptr (QfuUntrustedBlob) old = filled_blob (OLD);
  g_autoptr (QfuUntrustedBlob) new = filled_blob (NEW);
  GString *text = g_string_new (NULL);

  for (guint64 at = 0; at < (guint64)BLOCKS * BLOCK; at += BLOCK) {
    char c = '?';

    if (qfu_untrusted_blob_equal_range (composed->image, at, old, at, BLOCK))
      c = OLD;
    else if (qfu_untrusted_blob_equal_range (composed->image, at, new, at, BLOCK))
      c = NEW;
    g_string_append_c (text, c);
  }
  return g_string_free (text, FALSE);
}

static void
assert_picture (const Area *areas, gsize n, const char *rules, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout = load_text (rules, &error);
  g_autoptr (QfuRom) rom = make_rom (areas, n, "X1");
  g_autoptr (QfuUntrustedBlob) old = filled_blob (OLD);
  g_autoptr (QfuUntrustedBlob) new = filled_blob (NEW);
  g_autoptr (QfuComposed) composed = NULL;
  g_autofree char *seen = NULL;

  g_assert_no_error (error);
  composed = qfu_layout_compose (layout, old, rom, new, rom, &error);
  g_assert_no_error (error);
  seen = picture (composed);
  g_assert_cmpstr (seen, ==, expected);
}

#define HEAD "[Layout]\nDefault=preserve\n[Regions]\n"

static void
test_rules (void)
{
  /* a listed area in a container that is not */
  assert_picture (map, G_N_ELEMENTS (map), HEAD "COREBOOT=update\n", "oooonnnnnnnnoooo");
  /* the container is listed; the smaller area with a rule of its own wins */
  assert_picture (map, G_N_ELEMENTS (map),
                  HEAD "SI_BIOS=update\nSMMSTORE=preserve\nCOREBOOT=update", "oooonnnnnnnnoooo");
  /* an area that is not listed and holds none takes the default, whatever its container says */
  assert_picture (map, G_N_ELEMENTS (map), HEAD "SI_BIOS=update\nSMMSTORE=update",
                  "oooooooooooonnnn");
  /* the default reaches areas, never a container or the hole between areas */
  assert_picture (map, G_N_ELEMENTS (map), "[Layout]\nDefault=update\n[Regions]\nSMMSTORE=preserve",
                  "nnoonnnnnnnnoooo");
  assert_picture (map, G_N_ELEMENTS (map), "[Layout]\nDefault=update\n", "nnoonnnnnnnnnnnn");
  /* the container's own bytes, which no area covers */
  assert_picture (map, 3, HEAD "SI_BIOS=update\nCOREBOOT=preserve", "oooooooooooonnnn");
}

static void
test_same_place (void)
{
  static const Area outer_first[] = {{"SI_BIOS", 4, 8}, {"COREBOOT", 4, 8}};
  static const Area inner_first[] = {{"COREBOOT", 4, 8}, {"SI_BIOS", 4, 8}};

  assert_picture (outer_first, 2, HEAD "COREBOOT=update", "oooonnnnnnnnoooo");
  assert_picture (inner_first, 2, HEAD "COREBOOT=update", "oooonnnnnnnnoooo");
}

static void
test_partial_overlap (void)
{
  static const Area areas[] = {{"A", 0, 8}, {"B", 6, 4}, {"FREE", 12, 1}};

  assert_picture (areas, 3, HEAD "A=update\nB=preserve\nFREE=update", "nnnnnnoooooonooo");
  assert_picture (areas, 3, HEAD "A=preserve\nB=update", "oooooonnnnoooooo");
}

/* Composes with one thing changed and expects a refusal whose text holds @word. */
static void
assert_refused (const char *rules,
                const QfuRom *old_rom,
                const QfuUntrustedBlob *old,
                const QfuRom *new_rom,
                const QfuUntrustedBlob *new,
                const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout = load_text (rules, &error);
  g_autoptr (QfuComposed) composed = NULL;

  g_assert_no_error (error);
  composed = qfu_layout_compose (layout, old, old_rom, new, new_rom, &error);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_null (composed);
  g_assert_nonnull (strstr (error->message, word));
}

static void
test_strict_rule_wins (void)
{
  static const Area twins[] = {{"A", 4, 4}, {"B", 4, 4}, {"C", 8, 1}};
  g_autoptr (QfuRom) rom = make_rom (twins, 3, "X1");
  g_autoptr (QfuUntrustedBlob) old = filled_blob (OLD);
  g_autoptr (QfuUntrustedBlob) new = filled_blob (NEW);

  assert_picture (twins, 3, HEAD "A=update\nB=preserve\nC=update", "oooooooonooooooo");
  assert_picture (twins, 3, HEAD "A=preserve\nB=update\nC=update", "oooooooonooooooo");
  assert_refused (HEAD "A=must-equal\nB=preserve\nC=update", rom, old, rom, new, "region A");
}

static void
test_must_equal (void)
{
  guint8 bytes[BLOCKS * BLOCK];
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout = load_text (HEAD "COREBOOT=update\nSMMSTORE=must-equal", &error);
  g_autoptr (QfuRom) rom = make_rom (map, G_N_ELEMENTS (map), "X1");
  g_autoptr (QfuUntrustedBlob) old = filled_blob (OLD);
  g_autoptr (QfuUntrustedBlob) new = filled_blob (NEW);
  g_autoptr (QfuUntrustedBlob) fit = NULL;
  g_autoptr (QfuComposed) composed = NULL;
  g_autofree char *seen = NULL;

  g_assert_no_error (error);
  assert_refused (HEAD "COREBOOT=update\nSMMSTORE=must-equal", rom, old, rom, new, "SMMSTORE");
  memset (bytes, NEW, sizeof bytes);
  memset (bytes + 12 * BLOCK, OLD, 4 * BLOCK);
  fit = make_blob (bytes, sizeof bytes);
  composed = qfu_layout_compose (layout, old, rom, fit, rom, &error);
  g_assert_no_error (error);
  seen = picture (composed);
  g_assert_cmpstr (seen, ==, "oooonnnnnnnnoooo");
}

static void
test_other_machine (void)
{
  static const Area moved[] = {
      {"SI_BIOS", 4, 12}, {"SI_DESC", 0, 2}, {"COREBOOT", 4, 7}, {"SMMSTORE", 12, 4}};
  static const Area more[] = {{"SI_BIOS", 4, 12},
                              {"SI_DESC", 0, 2},
                              {"COREBOOT", 4, 8},
                              {"SMMSTORE", 12, 4},
                              {"RW_VPD", 2, 1}};
  static const char rules[] = HEAD "COREBOOT=update";
  g_autoptr (QfuRom) rom = make_rom (map, G_N_ELEMENTS (map), "X1");
  g_autoptr (QfuRom) board = make_rom (map, G_N_ELEMENTS (map), "X2");
  g_autoptr (QfuRom) unnamed = make_rom (map, G_N_ELEMENTS (map), NULL);
  g_autoptr (QfuRom) moved_rom = make_rom (moved, G_N_ELEMENTS (moved), "X1");
  g_autoptr (QfuRom) more_rom = make_rom (more, G_N_ELEMENTS (more), "X1");
  g_autoptr (QfuRom) fewer_rom = make_rom (map, 3, "X1");
  g_autoptr (QfuUntrustedBlob) old = filled_blob (OLD);
  g_autoptr (QfuUntrustedBlob) new = filled_blob (NEW);
  g_autoptr (QfuUntrustedBlob) small = make_blob ((const guint8 *)"small", 5);

  assert_refused (rules, rom, old, board, new, "another board");
  assert_refused (rules, rom, old, unnamed, new, "another board");
  assert_refused (rules, unnamed, old, rom, new, "another board");
  assert_refused (rules, rom, old, moved_rom, new, "flash map");
  assert_refused (rules, rom, old, more_rom, new, "flash map");
  assert_refused (rules, rom, old, fewer_rom, new, "flash map");
  assert_refused (rules, rom, old, rom, small, "5 bytes");
  assert_refused (HEAD "RW_VPD=update", rom, old, rom, new, "updatable");
}

static void
assert_range (const GArray *ranges, guint index, guint64 offset, guint64 length)
{
  const QfuRange *range = &g_array_index (ranges, QfuRange, index);

  g_assert_cmpuint (ranges->len, >, index);
  g_assert_cmpuint (range->offset, ==, offset);
  g_assert_cmpuint (range->length, ==, length);
}

/* Adjacent areas become one range; of what may change, only the blocks that do are listed. */
static void
test_ranges (void)
{
  guint8 bytes[BLOCKS * BLOCK];
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout =
      load_text (HEAD "SI_DESC=update\nCOREBOOT=update\nSMMSTORE=update", &error);
  g_autoptr (QfuRom) rom = make_rom (map, G_N_ELEMENTS (map), "X1");
  g_autoptr (QfuUntrustedBlob) old = filled_blob (OLD);
  g_autoptr (QfuUntrustedBlob) new = NULL;
  g_autoptr (QfuComposed) composed = NULL;

  g_assert_no_error (error);
  memset (bytes, OLD, sizeof bytes);
  bytes[5 * BLOCK] = bytes[7 * BLOCK - 1] = NEW;   /* first and last byte of blocks 5 and 6 */
  bytes[11 * BLOCK + 9] = bytes[12 * BLOCK] = NEW; /* across the border of two areas */
  bytes[3 * BLOCK] = NEW;                          /* in the hole: not taken over */
  new = make_blob (bytes, sizeof bytes);
  composed = qfu_layout_compose (layout, old, rom, new, rom, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (composed->updatable->len, ==, 2);
  assert_range (composed->updatable, 0, 0, 2 * BLOCK);
  assert_range (composed->updatable, 1, 4 * BLOCK, 12 * BLOCK);
  g_assert_cmpuint (composed->changed->len, ==, 2);
  assert_range (composed->changed, 0, 5 * BLOCK, 2 * BLOCK);
  assert_range (composed->changed, 1, 11 * BLOCK, 2 * BLOCK);
  g_assert_true (
      qfu_untrusted_blob_equal_range (composed->image, 3 * BLOCK, old, 3 * BLOCK, BLOCK));
}

static void
test_nothing_changes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout = load_text (HEAD "COREBOOT=update", &error);
  g_autoptr (QfuRom) rom = make_rom (map, G_N_ELEMENTS (map), NULL);
  g_autoptr (QfuUntrustedBlob) old = filled_blob (OLD);
  g_autoptr (QfuComposed) composed = NULL;

  g_assert_no_error (error);
  composed = qfu_layout_compose (layout, old, rom, old, rom, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (composed->updatable->len, ==, 1);
  g_assert_cmpuint (composed->changed->len, ==, 0);
  g_assert_true (qfu_digest_equal (qfu_untrusted_blob_sha256 (composed->image),
                                   qfu_untrusted_blob_sha256 (old)));
}

static void
test_bad_files (void)
{
  static const struct {
    const char *text;
    const char *word;
  } rows[] = {
      {"", "Default"},
      {"[Layout]\n[Regions]\nCOREBOOT=update\n", "Default"},
      {"[Layout]\nDefault=keep\n", "must-equal"},
      {HEAD "COREBOOT=Update\n", "COREBOOT=Update"},
      {HEAD "COREBOOT=\n", "COREBOOT="},
      {"[Layout]\nDefault=preserve\n[Region]\nCOREBOOT=update\n", "[Region]"},
      {"[Layout]\nDefault=preserve\nSize=1\n", "Size"},
      {"not a key file", "read"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuLayout) layout = load_text (rows[i].text, &error);

    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_assert_null (layout);
    g_assert_nonnull (strstr (error->message, rows[i].word));
  }
}

static void
test_names (void)
{
  static const char *const names[] = {"", "../x", "a/b", "absent"};
  QfuConfig config = {.layouts = (char *)"/nonexistent"};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuLayout) layout = qfu_layout_load (&config, names[i], &error);

    g_assert_error (error, QFU_ERROR, QFU_ERROR_USAGE);
    g_assert_null (layout);
  }
}

/* The layouts that are shipped can be read. */
static void
test_shipped (void)
{
  g_autofree char *folder =
      g_build_filename (g_getenv ("QFU_SOURCE_ROOT"), "data", "layouts", NULL);
  QfuConfig config = {.layouts = folder};
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;
  guint n = 0;

  g_assert_nonnull (dir);
  for (; (file = g_dir_read_name (dir)) != NULL; n++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *name = g_strndup (file, strlen (file) - strlen (".conf"));
    g_autoptr (QfuLayout) layout = qfu_layout_load (&config, name, &error);

    g_assert_no_error (error);
    g_assert_nonnull (layout);
  }
  g_assert_cmpuint (n, >, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/layout/rules", test_rules);
  g_test_add_func ("/layout/same-place", test_same_place);
  g_test_add_func ("/layout/partial-overlap", test_partial_overlap);
  g_test_add_func ("/layout/strict-rule-wins", test_strict_rule_wins);
  g_test_add_func ("/layout/must-equal", test_must_equal);
  g_test_add_func ("/layout/other-machine", test_other_machine);
  g_test_add_func ("/layout/ranges", test_ranges);
  g_test_add_func ("/layout/nothing-changes", test_nothing_changes);
  g_test_add_func ("/layout/bad-files", test_bad_files);
  g_test_add_func ("/layout/names", test_names);
  g_test_add_func ("/layout/shipped", test_shipped);
  return g_test_run ();
}
