/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-rommap.h"

#include "forged.h"
#include "image.h"
#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

#define SIZE 0x10000
#define MAP_AT 0x8000
#define COPY_AT 0xf000
#define COREBOOT_AT 0x9000
#define COREBOOT_SIZE 0x5000
#define UNUSED_SIZE 0x2000

static const guint32 registers[] = {
    IMAGE_FLREG (0, 0x1000),
    IMAGE_FLREG (0x8000, 0x8000),
    IMAGE_FLREG (0x2000, 0x6000),
};

static const ImageArea map[] = {
    {"FMAP", MAP_AT, 0x200},
    {"COREBOOT", COREBOOT_AT, COREBOOT_SIZE},
    {"SI_ME", 0x2000, 0x6000},
    {"RW", 0xe000, 0x1000},
};

/* An image with a flash map, a descriptor that has a region more, and free space at @unused[0] and,
 * behind it, @unused[1]; in its area RW is something alike. */
typedef struct {
  QfuUntrustedBlob *image;
  QfuRom *rom;
  QfuIfd ifd;
  guint unused[2];
} Fixture;

static void
claim_map (Fixture *f, const ImageArea *areas, gsize n)
{
  qfu_rom_free (f->rom);
  f->rom = forged_rom (SIZE);
  for (gsize i = 0; i < n; i++)
    forged_region (f->rom, areas[i].name, areas[i].offset, areas[i].size);
}

static void
set_up (Fixture *f, gconstpointer described)
{
  g_autoptr (GByteArray) image = image_new (SIZE);
  QfuIfd ifd = {.at = 16, .maps = {0x04040003, 0x00100008, 0x20}, .host = 0xffffffff};
  guint pos;

  memset (ifd.regions, 0xff, sizeof ifd.regions);
  memcpy (ifd.regions, registers, sizeof registers);
  f->ifd = ifd;
  if (described != NULL)
    image_descriptor (image, 16, registers, G_N_ELEMENTS (registers), 0);
  image_fmap (image, MAP_AT, map, G_N_ELEMENTS (map));
  image_fmap (image, COPY_AT, map, G_N_ELEMENTS (map));
  pos = image_file (image, COREBOOT_AT, "a", 0x50, "data");
  f->unused[0] = image_unused (image, pos, UNUSED_SIZE);
  pos = f->unused[0] + UNUSED_SIZE;
  f->unused[1] = image_unused (image, pos, 0x1000);
  image_file (image, 0xe000, "b", 0x50, "data");
  memset (image->data + 0xe000, 'x', 8);
  image_unused (image, 0xe080, 0x800);
  f->image = test_blob (image->data, image->len);
  claim_map (f, map, G_N_ELEMENTS (map));
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  qfu_rom_free (f->rom);
  qfu_untrusted_blob_free (f->image);
}

static gboolean
claim_unused (
    Fixture *f, guint region, guint64 offset, guint64 size, guint64 header, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_UNUSED);

  qfu_message_add_number (message, QFU_FIELD_REGION, region);
  qfu_message_add_number (message, QFU_FIELD_OFFSET, offset);
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  qfu_message_add_number (message, QFU_FIELD_HEADER, header);
  return qfu_rommap_take_unused (f->rom, f->image, message, error);
}

static void
assert_region (const QfuRom *rom, const char *name, guint64 offset, gboolean descriptor)
{
  const QfuRomRegion *region = qfu_rom_region (rom, name);

  g_assert_nonnull (region);
  g_assert_cmpuint (region->offset, ==, offset);
  g_assert_cmpint (region->descriptor, ==, descriptor);
}

static void
test_true (Fixture *f, gconstpointer described)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (claim_unused (f, 1, f->unused[1], 0x1000, 40, &error));
  g_assert_true (claim_unused (f, 1, f->unused[0], UNUSED_SIZE, 40, &error));
  forged_file (f->rom, "a", 0x50, COREBOOT_AT + 64, 4);
  g_assert_true (qfu_rommap_finish (f->rom, f->image, described != NULL ? &f->ifd : NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (f->rom->kind, ==, QFU_ROM_COREBOOT);
  g_assert_cmpuint (f->rom->unused->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (g_array_index (f->rom->unused, QfuRange, i).offset, ==, f->unused[i]);
  g_assert_cmpuint (f->rom->regions->len, ==, described != NULL ? 6 : 4);
  assert_region (f->rom, "COREBOOT", COREBOOT_AT, FALSE);
  assert_region (f->rom, "SI_ME", 0x2000, described != NULL);
  if (described == NULL)
    return;
  assert_region (f->rom, "SI_DESC", 0, TRUE);
  assert_region (f->rom, "SI_BIOS", 0x8000, TRUE);
}

static void
assert_map_refused (Fixture *f, const ImageArea *areas, gsize n)
{
  g_autoptr (GError) error = NULL;

  claim_map (f, areas, n);
  g_assert_false (qfu_rommap_finish (f->rom, f->image, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "a flash map"));
}

/* Every number and letter of a map, its order, its length and its place are the image's. */
static void
test_map_lies (Fixture *f, gconstpointer unused)
{
  const gsize n = G_N_ELEMENTS (map);
  ImageArea areas[G_N_ELEMENTS (map) + 1];

  for (gsize i = 0; i < n; i++) {
    const ImageArea lies[] = {
        {map[i].name, map[i].offset + 1, map[i].size},
        {map[i].name, map[i].offset, map[i].size - 1},
        {"OTHER", map[i].offset, map[i].size},
        {"", map[i].offset, map[i].size},
        {"FMA", map[i].offset, map[i].size},
    };

    for (gsize j = 0; j < G_N_ELEMENTS (lies); j++) {
      memcpy (areas, map, sizeof map);
      areas[i] = lies[j];
      assert_map_refused (f, areas, n);
    }
    memcpy (areas, map, sizeof map);
    areas[i] = map[(i + 1) % n];
    areas[(i + 1) % n] = map[i];
    assert_map_refused (f, areas, n);
    assert_map_refused (f, map, i + 1 < n ? i + 1 : 1);
  }
  memcpy (areas, map, sizeof map);
  areas[n] = (ImageArea){"MORE", 0, 1};
  assert_map_refused (f, areas, n + 1);
  /* a copy does not lie where it says that the map lies */
  areas[0].offset = COPY_AT;
  assert_map_refused (f, areas, n);
  claim_map (f, map, n);
  g_array_index (f->rom->regions, QfuRomRegion, 1).flags = 1;
  g_assert_false (qfu_rommap_finish (f->rom, f->image, NULL, NULL));
}

static void
assert_not_unused (Fixture *f, guint region, guint64 offset, guint64 size, guint64 header)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (claim_unused (f, region, offset, size, header, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
}

/* Free space is behind the header of an empty file of this very length, and erased. */
static void
test_unused_lies (Fixture *f, gconstpointer unused)
{
  const guint64 at = f->unused[0];

  assert_not_unused (f, 1, at, UNUSED_SIZE + 1, 40);
  assert_not_unused (f, 1, at, UNUSED_SIZE - 1, 40);
  assert_not_unused (f, 1, at, 0, 40);
  assert_not_unused (f, 1, at, UNUSED_SIZE, 39);
  assert_not_unused (f, 1, at, UNUSED_SIZE, 0);
  assert_not_unused (f, 1, at, UNUSED_SIZE, G_MAXUINT64);
  assert_not_unused (f, 1, at - 40, UNUSED_SIZE, 0);
  assert_not_unused (f, 1, at + 1, UNUSED_SIZE - 1, 41);
  assert_not_unused (f, 1, COREBOOT_AT + 64, 4, 64); /* a file */
  assert_not_unused (f, 1, COREBOOT_AT, 4, 24);
  assert_not_unused (f, 1, 0xe080 + 40, 0x800, 40); /* of another region */
  assert_not_unused (f, 0, at, UNUSED_SIZE, 40);
  assert_not_unused (f, 3, 0xe080 + 40, 0x800, 40); /* which is no CBFS */
  assert_not_unused (f, 4, at, UNUSED_SIZE, 40);
  assert_not_unused (f, 1, G_MAXUINT64, UNUSED_SIZE, 40);
  assert_not_unused (f, 1, at, G_MAXUINT64, 40);
}

/* One byte that is not erased makes it something that may be needed. */
static void
test_not_erased (Fixture *f, gconstpointer unused)
{
  static const guint places[] = {0, 1, 4095, 4096, UNUSED_SIZE - 1};

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autoptr (GByteArray) image = image_new (SIZE);

    image_file (image, COREBOOT_AT, "a", 0x50, "data");
    g_assert_cmpuint (image_unused (image, COREBOOT_AT + 128, UNUSED_SIZE), ==, f->unused[0]);
    image->data[f->unused[0] + places[i]] = 0xfe;
    qfu_untrusted_blob_free (f->image);
    f->image = test_blob (image->data, image->len);
    assert_not_unused (f, 1, f->unused[0], UNUSED_SIZE, 40);
  }
}

static void
assert_finish_refused (Fixture *f, const QfuIfd *ifd, QfuError code, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_rommap_finish (f->rom, f->image, ifd, &error));
  g_assert_error (error, QFU_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, why));
}

static void
test_unused_contradictions (Fixture *f, gconstpointer unused)
{
  const guint64 at = f->unused[0];

  g_assert_true (claim_unused (f, 1, at, UNUSED_SIZE, 40, NULL));
  g_assert_true (claim_unused (f, 1, at, UNUSED_SIZE, 40, NULL));
  assert_finish_refused (f, NULL, QFU_ERROR_PROTOCOL, "twice");
  g_array_set_size (f->rom->unused, 1);
  forged_file (f->rom, "f", 0x50, at + UNUSED_SIZE - 1, 1);
  assert_finish_refused (f, NULL, QFU_ERROR_PROTOCOL, "in a file");
  g_array_index (f->rom->files, QfuRomFile, 0).offset++;
  g_assert_true (qfu_rommap_finish (f->rom, f->image, NULL, NULL));
}

static void
test_passed_over (Fixture *f, gconstpointer described)
{
  assert_finish_refused (f, NULL, QFU_ERROR_PROTOCOL, "passes over");
}

/* What the map says of a region of the descriptor is the same, and no area lies across a border. */
static void
test_contradictions (Fixture *f, gconstpointer described)
{
  static const guint32 other[][3] = {
      {IMAGE_FLREG (0, 0x1000), IMAGE_FLREG (0x8000, 0x8000), IMAGE_FLREG (0x1000, 0x7000)},
      {IMAGE_FLREG (0, 0x1000), IMAGE_FLREG (0x8000, 0x8000), IMAGE_FLREG (0x2000, 0x5000)},
      {IMAGE_FLREG (0, 0x1000), IMAGE_FLREG (0xa000, 0x6000), IMAGE_FLREG (0x2000, 0x6000)},
      {IMAGE_FLREG (0, 0x3000), IMAGE_FLREG (0x8000, 0x8000), IMAGE_FLREG (0x3000, 0x5000)},
  };
  static const char *const why[] = {
      "SI_ME of the flash map and region SI_ME", "SI_ME of the flash map and region SI_ME",
      "COREBOOT of the flash map and region SI_BIOS", "SI_ME of the flash map and region SI_DESC"};

  for (gsize i = 0; i < G_N_ELEMENTS (other); i++) {
    claim_map (f, map, G_N_ELEMENTS (map));
    memcpy (f->ifd.regions, other[i], sizeof other[i]);
    assert_finish_refused (f, &f->ifd, QFU_ERROR_FORMAT, why[i]);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
#define ADD(path, user, func) g_test_add (path, Fixture, user, set_up, func, tear_down)
  ADD ("/rommap/true", NULL, test_true);
  ADD ("/rommap/described", "", test_true);
  ADD ("/rommap/map-lies", NULL, test_map_lies);
  ADD ("/rommap/unused-lies", NULL, test_unused_lies);
  ADD ("/rommap/not-erased", NULL, test_not_erased);
  ADD ("/rommap/unused-contradictions", NULL, test_unused_contradictions);
  ADD ("/rommap/passed-over", "", test_passed_over);
  ADD ("/rommap/contradictions", "", test_contradictions);
  return g_test_run ();
}
