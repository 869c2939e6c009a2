/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"
#include "qfu-limits.h"

/* An area of the flash map (FMAP). */
typedef struct {
  char *name;
  guint64 offset;
  guint64 size;
  guint flags;
} QfuRomRegion;

/* A file of a CBFS: @offset and @size are of the bytes as stored, without header and attributes,
 * inside the image. */
typedef struct {
  guint region; /* index into the regions */
  char *name;
  guint kind; /* CBFS type */
  guint64 offset;
  guint64 size;
  guint64 load_address; /* of a stage, else 0; lies outside the measured bytes */
} QfuRomFile;

/**
 * QfuRom:
 *
 * What worker `rom` says of an image: which byte ranges carry which name. Every range was checked
 * to lie inside the image.
 *
 * Trust: names and choice of ranges are the worker's claim; values come only from hashing the
 * ranges.
 */
typedef struct {
  guint64 size;         /* of the image */
  GArray *regions;      /* QfuRomRegion */
  GArray *files;        /* QfuRomFile, in the order of the image */
  GHashTable *settings; /* CONFIG_… -> value of the file `config` in COREBOOT; in other regions
                         * the key is `REGION:CONFIG_…` */
} QfuRom;

/**
 * qfu_rom_read:
 * @config: configuration
 * @image: a chip's contents or a firmware image
 * @error: #QFU_ERROR_FORMAT when there is no flash map
 *
 * Runs worker `rom`.
 */
QfuRom *qfu_rom_read (const QfuConfig *config,
                      const QfuUntrustedBlob *image,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_rom_free (QfuRom *rom);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuRom, qfu_rom_free)

/* (transfer none) (nullable): the region called @name. */
const QfuRomRegion *qfu_rom_region (const QfuRom *rom, const char *name);
/* (transfer none) (nullable): the first file of @region, by index, that is called @name: the one
 * that firmware takes. */
const QfuRomFile *qfu_rom_file (const QfuRom *rom, guint region, const char *name);
/* (transfer none) (nullable): the value of a setting, with or without quotes as the file has it. */
const char *qfu_rom_setting (const QfuRom *rom, const char *name);
/* (transfer none) (nullable): the same of the file `config` in @region, by index. */
const char *qfu_rom_region_setting (const QfuRom *rom, guint region, const char *name);
