/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Images and logs byte by byte, for tests. */

typedef struct {
  const char *name;
  guint32 offset;
  guint32 size;
} ImageArea;

/* (transfer full): @size bytes of 0xff. */
GByteArray *image_new (guint size);
/* Writes a flash map at @pos. */
void image_fmap (GByteArray *image, guint pos, const ImageArea *areas, guint count);
/* Writes a CBFS file at @pos, 64 bytes of header; returns where the next one may begin. */
guint image_file (GByteArray *image, guint pos, const char *name, guint32 type, const char *data);
/* The image that most tests start from: FMAP at 0x100, COREBOOT at 0x1000 with bootblock, two
 * stages, a payload, a raw file and `config`; @config its text. */
GByteArray *image_usual (const char *config, const char *romstage);

/* Writes vboot's GBB with @hwid, 32 bytes, or a keyblock with a preamble behind its 0x200 bytes. */
void image_gbb (GByteArray *image, guint pos, const char *hwid);
void image_vblock (GByteArray *image, guint pos, guint32 key_version, guint32 firmware_version);
/* Writes the header of a firmware volume of UEFI of @size bytes. */
void image_volume (GByteArray *image, guint pos, guint32 size);

/* A register of a flash descriptor: a region of whole blocks of 4 KiB; 0x7fff is none. */
#define IMAGE_FLREG(offset, size) ((guint32)((offset) / 4096 | ((offset) + (size)-1) / 4096 << 16))
#define IMAGE_FLREG_UNUSED 0x7fffu
/* Writes a flash descriptor whose signature lies at @at: 16, and there is room for 16 registers, or
 * 0, as in the first chipsets, and 8. The first @count are these. The host may read every region
 * but those whose bits are in @closed. */
void
image_descriptor (GByteArray *image, guint at, const guint32 *registers, guint count, guint closed);
/* Writes an empty CBFS file with @size bytes of free space at @pos; returns where these begin. */
guint image_unused (GByteArray *image, guint pos, guint32 size);

/* Integers into a log or image. */
void image_u16 (GByteArray *bytes, guint16 value);
void image_u32 (GByteArray *bytes, guint32 value);
/* Little-endian and big-endian, at @pos. */
void image_put_le32 (GByteArray *image, guint pos, guint32 value);
void image_put_be32 (GByteArray *image, guint pos, guint32 value);

/* (transfer full): a log in coreboot's TPM2 format of the files of image_usual(), digests of
 * SHA-256, and a separator in PCRs 0 to 7 when @tail. */
GByteArray *image_log (const GByteArray *image, gboolean tail);
