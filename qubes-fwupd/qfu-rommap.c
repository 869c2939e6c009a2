/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-rommap.h"

#include "qfu-descriptor.h"
#include "qfu-error.h"

#include <string.h>

#define FMAP "FMAP"
#define FMAP_SIGNATURE "__FMAP__"
#define FMAP_COUNT_AT 54
#define FMAP_AREAS_AT 56
#define FMAP_AREA_SIZE 42
#define FMAP_NAME_AT 8
#define FMAP_FLAGS_AT 40

#define CBFS_MAGIC "LARCHIVE"
#define CBFS_HEADER_SIZE 24
#define CBFS_LONGEST_HEADER 4096
#define CBFS_EMPTY 0xffffffffu

static gboolean
false_claim (const char *what, GError **error)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
               "the worker for rom sends %s that the image does not hold", what);
  return FALSE;
}

gboolean
qfu_rommap_take_range (const QfuMessage *message,
                       guint64 start,
                       guint64 limit,
                       guint64 *offset,
                       guint64 *size,
                       GError **error)
{
  guint64 untrusted_offset;
  guint64 untrusted_size;

  if (!qfu_message_number (message, QFU_FIELD_OFFSET, start, start + limit, &untrusted_offset,
                           error) ||
      !qfu_message_number (message, QFU_FIELD_SIZE, 0, start + limit - untrusted_offset,
                           &untrusted_size, error))
    return FALSE;
  *offset = untrusted_offset;
  *size = untrusted_size;
  return TRUE;
}

gboolean
qfu_rommap_take_index (const QfuRom *rom, const QfuMessage *message, guint *region, GError **error)
{
  guint64 untrusted_region;

  if (rom->regions->len == 0 ||
      !qfu_message_number (message, QFU_FIELD_REGION, 0, rom->regions->len - 1, &untrusted_region,
                           error)) {
    if (error != NULL && *error == NULL)
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "the worker for rom: no region");
    return FALSE;
  }
  *region = (guint)untrusted_region;
  return TRUE;
}

gboolean
qfu_rommap_take_region (QfuRom *rom, const QfuMessage *message, GError **error)
{
  QfuRomRegion region = {0};
  guint64 untrusted_flags;
  const char *untrusted_name = qfu_message_text (message, QFU_FIELD_NAME, 0);

  if (!qfu_rommap_take_range (message, 0, rom->size, &region.offset, &region.size, error) ||
      !qfu_message_number (message, QFU_FIELD_FLAGS, 0, G_MAXUINT16, &untrusted_flags, error))
    return FALSE;
  if (rom->regions->len >= QFU_ROM_REGIONS_MAX || rom->files->len > 0 || rom->unused->len > 0 ||
      strlen (untrusted_name) >= QFU_FMAP_NAME_MAX ||
      qfu_rom_region (rom, untrusted_name) != NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "the worker for rom sends a region too much, too late or twice");
    return FALSE;
  }
  region.flags = (guint)untrusted_flags;
  region.name = g_strdup (untrusted_name);
  g_array_append_val (rom->regions, region);
  return TRUE;
}

/* Whether an empty file's header lies right before @offset, and nothing but erased bytes are in the
 * file. */
static gboolean
holds_unused (const QfuUntrustedBlob *image, guint64 offset, guint64 size, guint64 header)
{
  const guint32 numbers[] = {GUINT32_TO_BE ((guint32)size), GUINT32_TO_BE (CBFS_EMPTY), 0,
                             GUINT32_TO_BE ((guint32)header)};

  return qfu_untrusted_blob_holds (image, offset - header, CBFS_MAGIC, strlen (CBFS_MAGIC)) &&
         qfu_untrusted_blob_holds (image, offset - header + strlen (CBFS_MAGIC), numbers,
                                   sizeof numbers) &&
         qfu_untrusted_blob_is_erased (image, offset, size);
}

gboolean
qfu_rommap_take_unused (QfuRom *rom,
                        const QfuUntrustedBlob *image,
                        const QfuMessage *message,
                        GError **error)
{
  const QfuRomRegion *region;
  guint64 untrusted_header;
  QfuRange range;
  guint index;

  if (!qfu_rommap_take_index (rom, message, &index, error))
    return FALSE;
  region = &g_array_index (rom->regions, QfuRomRegion, index);
  if (!qfu_rommap_take_range (message, region->offset, region->size, &range.offset, &range.length,
                              error) ||
      !qfu_message_number (message, QFU_FIELD_HEADER, CBFS_HEADER_SIZE,
                           MIN (range.offset - region->offset, CBFS_LONGEST_HEADER),
                           &untrusted_header, error))
    return FALSE;
  if (rom->unused->len >= QFU_ROM_UNUSED_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "the image has too many empty files");
    return FALSE;
  }
  if (range.length == 0 ||
      !qfu_untrusted_blob_holds (image, region->offset, CBFS_MAGIC, strlen (CBFS_MAGIC)) ||
      !holds_unused (image, range.offset, range.length, untrusted_header))
    return false_claim ("free space", error);
  g_array_append_val (rom->unused, range);
  return TRUE;
}

/* An area as the map lists it. Behind the end of its name may be anything. */
static gboolean
holds_area (const QfuUntrustedBlob *image, guint64 at, const QfuRomRegion *region)
{
  const guint32 place[] = {GUINT32_TO_LE ((guint32)region->offset),
                           GUINT32_TO_LE ((guint32)region->size)};
  guint16 flags = GUINT16_TO_LE ((guint16)region->flags);

  return qfu_untrusted_blob_holds (image, at, place, sizeof place) &&
         qfu_untrusted_blob_holds (image, at + FMAP_NAME_AT, region->name,
                                   strlen (region->name) + 1) &&
         qfu_untrusted_blob_holds (image, at + FMAP_FLAGS_AT, &flags, sizeof flags);
}

/* The regions are the areas of the map that lies where its own area FMAP says, all of them and in
 * its order. */
static gboolean
holds_map (const QfuRom *rom, const QfuUntrustedBlob *image)
{
  const QfuRomRegion *map = qfu_rom_region (rom, FMAP);
  guint16 count = GUINT16_TO_LE ((guint16)rom->regions->len);

  if (map == NULL ||
      !qfu_untrusted_blob_holds (image, map->offset, FMAP_SIGNATURE, strlen (FMAP_SIGNATURE)) ||
      !qfu_untrusted_blob_holds (image, map->offset + FMAP_COUNT_AT, &count, sizeof count))
    return FALSE;
  for (guint i = 0; i < rom->regions->len; i++) {
    if (!holds_area (image, map->offset + FMAP_AREAS_AT + (guint64)i * FMAP_AREA_SIZE,
                     &g_array_index (rom->regions, QfuRomRegion, i)))
      return FALSE;
  }
  return TRUE;
}

static gboolean
overlap (guint64 a, guint64 a_size, guint64 b, guint64 b_size)
{
  return a < b + b_size && b < a + a_size;
}

static gboolean
inside (const QfuRomRegion *a, const QfuIfdRegion *b)
{
  return a->offset >= b->offset && a->offset + a->size <= b->offset + b->size;
}

static gboolean
covers (const QfuRomRegion *a, const QfuIfdRegion *b)
{
  return a->offset <= b->offset && a->offset + a->size >= b->offset + b->size;
}

/* Areas and regions may hold each other; what has the name of a region must be it. */
static gboolean
check_agreement (const QfuRomRegion *area, const QfuIfdRegion *region, GError **error)
{
  gboolean same = strcmp (area->name, region->name) == 0;

  if (same ? inside (area, region) && covers (area, region)
           : !overlap (area->offset, area->size, region->offset, region->size) ||
                 inside (area, region) || covers (area, region))
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT,
               "area %s of the flash map and region %s of the flash descriptor contradict each "
               "other",
               area->name, region->name);
  return FALSE;
}

/* Adds the descriptor's regions to those of the map. */
static gboolean
add_descriptor (QfuRom *rom, const QfuIfd *ifd, GError **error)
{
  g_autoptr (GArray) regions = qfu_ifd_regions (ifd, rom->size, error);
  guint areas = rom->regions->len;

  for (guint i = 0; regions != NULL && i < regions->len; i++) {
    const QfuIfdRegion *region = &g_array_index (regions, QfuIfdRegion, i);
    QfuRomRegion added = {NULL, region->offset, region->size, 0, TRUE};
    gboolean listed = FALSE;

    for (guint j = 0; j < areas; j++) {
      QfuRomRegion *area = &g_array_index (rom->regions, QfuRomRegion, j);

      if (!check_agreement (area, region, error))
        return FALSE;
      area->descriptor = area->descriptor || strcmp (area->name, region->name) == 0;
      listed = listed || strcmp (area->name, region->name) == 0;
    }
    if (listed)
      continue;
    added.name = g_strdup (region->name);
    g_array_append_val (rom->regions, added);
  }
  return regions != NULL;
}

static int
compare_offsets (gconstpointer a, gconstpointer b)
{
  guint64 left = ((const QfuRange *)a)->offset;
  guint64 right = ((const QfuRange *)b)->offset;

  return left < right ? -1 : left > right;
}

/* Free space is ascending, claimed once, and no file's. */
static gboolean
check_unused (QfuRom *rom, GError **error)
{
  g_array_sort (rom->unused, compare_offsets);
  for (guint i = 0; i < rom->unused->len; i++) {
    const QfuRange *range = &g_array_index (rom->unused, QfuRange, i);

    if (i > 0 && overlap (range[-1].offset, range[-1].length, range->offset, range->length))
      return false_claim ("free space twice, or some", error);
    for (guint j = 0; j < rom->files->len; j++) {
      const QfuRomFile *file = &g_array_index (rom->files, QfuRomFile, j);

      if (file->size > 0 && overlap (range->offset, range->length, file->offset, file->size))
        return false_claim ("free space in a file, or some", error);
    }
  }
  return TRUE;
}

gboolean
qfu_rommap_finish (QfuRom *rom, const QfuUntrustedBlob *image, const QfuIfd *ifd, GError **error)
{
  if (rom->regions->len == 0 && rom->volumes->len == 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT, "the image has no flash map");
    return FALSE;
  }
  if (rom->regions->len > 0 && rom->volumes->len > 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "the worker for rom sends a flash map and volumes");
    return FALSE;
  }
  rom->kind = rom->regions->len > 0 ? QFU_ROM_COREBOOT : QFU_ROM_UEFI;
  if (rom->kind == QFU_ROM_COREBOOT && !holds_map (rom, image))
    return false_claim ("a flash map", error);
  if (ifd == NULL && qfu_descriptor_here (image)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "the worker for rom passes over the flash descriptor");
    return FALSE;
  }
  return (ifd == NULL || add_descriptor (rom, ifd, error)) && check_unused (rom, error);
}
