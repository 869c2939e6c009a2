/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * The flash descriptor of Intel's chipsets, in the first 4 KiB of a chip:
 *
 *     0 or 16   signature, then three registers FLMAP: where the sections lie, in units of 16 bytes
 *     FRBA      FLREG0, FLREG1, …: a region each, first and last block of 4 KiB; unused when the
 *               first lies above the last
 *     FMBA      FLMSTR1: what the host may read and write; other masters follow
 *
 * Arithmetic on its registers, for the parser that reads them and for those who check what the
 * parser says. The registers themselves are little-endian.
 */

#define QFU_IFD_SIZE 4096 /* bytes of a descriptor */
#define QFU_IFD_SIGNATURE 0x0ff0a55au
#define QFU_IFD_SIGNATURE_AT 16 /* in the first chipsets: 0 */
#define QFU_IFD_MAPS 3          /* registers FLMAP */
#define QFU_IFD_N_REGIONS 16    /* registers FLREG */
#define QFU_IFD_BIOS 1          /* number of the region that holds the firmware */

/**
 * QfuIfd:
 * @at: of the signature
 * @maps: FLMAP0 to FLMAP2
 * @regions: FLREG0 and so on, as many as there is room for before the next section
 * @host: FLMSTR1
 */
typedef struct {
  guint at;
  guint32 maps[QFU_IFD_MAPS];
  guint32 regions[QFU_IFD_N_REGIONS];
  guint32 host;
} QfuIfd;

/**
 * QfuIfdSections:
 * @regions: where FLREG0 lies, from the start of the chip
 * @n_regions: how many registers follow each other there
 * @host: where FLMSTR1 lies
 */
typedef struct {
  guint regions;
  guint n_regions;
  guint host;
} QfuIfdSections;

/* A region in use. */
typedef struct {
  guint number;
  const char *name; /* as coreboot's flash maps call it: SI_DESC, SI_BIOS, SI_ME, … */
  guint64 offset;
  guint64 size;
  gboolean closed; /* the descriptor lets the host not read it */
} QfuIfdRegion;

/* Where the registers lie, by @ifd's FLMAP alone; @error: #QFU_ERROR_FORMAT when they cannot lie
 * there. */
gboolean
qfu_ifd_sections (const QfuIfd *ifd, QfuIfdSections *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_ifd_regions:
 * @ifd: all registers
 * @size: of the chip in bytes
 * @error: #QFU_ERROR_FORMAT naming the region that lies outside of the chip or in another one
 *
 * Returns: (transfer full) (element-type QfuIfdRegion): the regions in use, by number; the first is
 * the descriptor itself
 */
GArray *qfu_ifd_regions (const QfuIfd *ifd, guint64 size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
