/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"
#include "qfu-limits.h"
#include "qfu-range.h"

/* An area of the flash map (FMAP); behind all of them, the regions of an Intel flash descriptor
 * that it does not list. */
typedef struct {
  char *name;
  guint64 offset;
  guint64 size;
  guint flags;
  gboolean descriptor; /* an Intel flash descriptor names it, too */
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
 * QfuRomVblock:
 * @region: index of region VBLOCK_A or VBLOCK_B
 * @keyblock: bytes of its keyblock; vboot's preamble follows
 * @flags: of the keyblock: in which modes it may be used
 * @key_version: of the data key, 16 bits
 * @firmware_version: of the preamble, 16 bits
 *
 * What vboot reads before it takes a slot. Every number was compared with the image.
 */
typedef struct {
  guint region;
  guint keyblock;
  guint flags;
  guint key_version;
  guint firmware_version;
} QfuRomVblock;

/* A firmware volume of UEFI. */
typedef struct {
  guint64 offset;
  guint64 size;
} QfuRomVolume;

/**
 * QfuRomKind:
 * @QFU_ROM_COREBOOT: a flash map, in it files
 * @QFU_ROM_UEFI: no flash map, but firmware volumes
 */
typedef enum {
  QFU_ROM_COREBOOT = 1,
  QFU_ROM_UEFI = 2,
} QfuRomKind;

#define QFU_HWID_SIZE 32 /* bytes of vboot's digest of the hardware id */

/**
 * QfuRom:
 *
 * What worker `rom` says of an image: which byte ranges carry which name. Every range was checked
 * to lie inside the image.
 *
 * Trust: @regions stand in a flash map of the image that lies where it says itself, or in its
 * descriptor. @files and @settings are the worker's claim; values come only from hashing the
 * ranges. @unused lies in what looks like an empty file. @hwid and @vblocks are facts about the
 * bytes of the region that the worker chose.
 */
typedef struct {
  QfuRomKind kind;
  guint64 size;    /* of the image */
  GArray *regions; /* QfuRomRegion, those of the flash map in its order */
  GArray *files;   /* QfuRomFile, in the order of the image */
  GArray *unused;  /* QfuRange: erased bytes of empty files of any CBFS, no header among them;
                    * ascending, without overlap */
  int hwid_region; /* index of the region GBB that holds @hwid; -1: none */
  guint8 hwid[QFU_HWID_SIZE];
  GArray *vblocks;      /* QfuRomVblock */
  GArray *volumes;      /* QfuRomVolume; only of kind QFU_ROM_UEFI */
  GHashTable *settings; /* CONFIG_… -> value of the file `config` in COREBOOT; in other regions
                         * the key is `REGION:CONFIG_…`; BUILD_… of the file `build_info` in the
                         * same way */
} QfuRom;

/**
 * QfuRomReader:
 *
 * A worker `rom` at work.
 */
typedef struct _QfuRomReader QfuRomReader;

/**
 * qfu_rom_start:
 * @config: configuration
 * @image: a chip's contents or a firmware image; kept until qfu_rom_finish()
 *
 * Starts worker `rom`, so that several can run beside one another.
 */
QfuRomReader *qfu_rom_start (const QfuConfig *config,
                             const QfuUntrustedBlob *image,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_rom_reader_free (QfuRomReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuRomReader, qfu_rom_reader_free)

/**
 * qfu_rom_finish:
 * @reader: (transfer none): from qfu_rom_start(); used once
 * @error: #QFU_ERROR_FORMAT when there is neither a flash map nor a firmware volume
 *
 * Takes what the worker says, to its end.
 */
QfuRom *qfu_rom_finish (QfuRomReader *reader, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_rom_read:
 * @config: configuration
 * @image: a chip's contents or a firmware image
 * @error: #QFU_ERROR_FORMAT when there is neither a flash map nor a firmware volume
 *
 * Runs worker `rom`: both of the above.
 */
QfuRom *qfu_rom_read (const QfuConfig *config,
                      const QfuUntrustedBlob *image,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_rom_free (QfuRom *rom);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuRom, qfu_rom_free)

/* (transfer none) (nullable): the region called @name. */
const QfuRomRegion *qfu_rom_region (const QfuRom *rom, const char *name);
/* (transfer none): region number @i, which is in range. */
const QfuRomRegion *qfu_rom_region_at (const QfuRom *rom, guint i);
/* (transfer none) (nullable): the first file of @region, by index, that is called @name: the one
 * that firmware takes. */
const QfuRomFile *qfu_rom_file (const QfuRom *rom, guint region, const char *name);
/* (transfer none) (nullable): the value of a setting, with or without quotes as the file has it. */
const char *qfu_rom_setting (const QfuRom *rom, const char *name);
/* (transfer none) (nullable): the same of the file `config` in @region, by index. */
const char *qfu_rom_region_setting (const QfuRom *rom, guint region, const char *name);
/* (transfer none) (nullable): the keyblock in the region called @name. */
const QfuRomVblock *qfu_rom_vblock (const QfuRom *rom, const char *name);
