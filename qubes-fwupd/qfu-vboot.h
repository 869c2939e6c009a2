/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-rom.h"

/* vboot's part of an image, and what vboot extends PCRs with: values of its own, no digests of
 * files. They are a closed list, computed here; a worker says at most where in an image to look,
 * and what it says is compared with the image first. */

/**
 * QfuVbootValue:
 * @QFU_VBOOT_MODE: developer switch, recovery, mode of the keyblock; twelve values in all
 * @QFU_VBOOT_HWID: digest of the hardware id, as it stands in region GBB
 * @QFU_VBOOT_VERSION: key version and firmware version, as they stand in region VBLOCK_…
 *
 * In the order in which vboot extends them.
 */
typedef enum {
  QFU_VBOOT_MODE = 0,
  QFU_VBOOT_HWID = 1,
  QFU_VBOOT_VERSION = 2,
  QFU_VBOOT_N_VALUES,
} QfuVbootValue;

#define QFU_VBOOT_MODES 12
/* The mode of an everyday boot: no developer switch, no recovery, keyblock for normal use. */
#define QFU_VBOOT_NORMAL 1

/* Whether the region of @image begins as a keyblock and holds every number of @block. */
gboolean qfu_vboot_holds_block (const QfuUntrustedBlob *image,
                                const QfuRomRegion *region,
                                const QfuRomVblock *block);
/* Whether the region of @image begins as a GBB and holds @hwid in its place. */
gboolean qfu_vboot_holds_hwid (const QfuUntrustedBlob *image,
                               const QfuRomRegion *region,
                               const guint8 hwid[QFU_HWID_SIZE]);

/* (transfer none): how coreboot logs the value. */
const char *qfu_vboot_name (QfuVbootValue value);
/* The number of the mode that extends a bank with @digest; -1: none of them. */
int qfu_vboot_mode_of (const QfuDigest *digest);
/* What mode @mode, below QFU_VBOOT_MODES, extends the bank of @hash with. */
void qfu_vboot_mode (guint mode, QfuHash hash, QfuDigest *out);
/* The same of the image's hardware id, and of a slot's versions. */
void qfu_vboot_hwid (const guint8 hwid[QFU_HWID_SIZE], QfuHash hash, QfuDigest *out);
void qfu_vboot_version (const QfuRomVblock *block, QfuHash hash, QfuDigest *out);
