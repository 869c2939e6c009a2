/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-layout.h"

/**
 * QfuFlashLockKind:
 * @QFU_FLASH_LOCK_OPEN: the chip's status register protects it, and nothing keeps that register
 * @QFU_FLASH_LOCK_PIN: so it does, and the register is kept while the chip's WP# pin is low
 * @QFU_FLASH_LOCK_POWER_CYCLE: so it does, until the chip loses its power
 * @QFU_FLASH_LOCK_PERMANENT: so it does, for good
 * @QFU_FLASH_LOCK_RANGE: a protected range register of the chipset
 * @QFU_FLASH_LOCK_DESCRIPTOR: Intel's descriptor gives the processor no right to write
 * @QFU_FLASH_LOCK_BIOS: the chipset lets nothing but System Management Mode write (BIOS_CNTL)
 * @QFU_FLASH_LOCK_EC: an embedded controller uses the chip, so libflashrom writes nothing
 * @QFU_FLASH_LOCK_CHIPSET: the chipset's locks cannot be opened, so libflashrom writes nothing
 * @QFU_FLASH_LOCK_KERNEL: the kernel lends the chip for reading only
 *
 * What keeps bytes of a flash chip from being written.
 */
typedef enum {
  QFU_FLASH_LOCK_OPEN,
  QFU_FLASH_LOCK_PIN,
  QFU_FLASH_LOCK_POWER_CYCLE,
  QFU_FLASH_LOCK_PERMANENT,
  QFU_FLASH_LOCK_RANGE,
  QFU_FLASH_LOCK_DESCRIPTOR,
  QFU_FLASH_LOCK_BIOS,
  QFU_FLASH_LOCK_EC,
  QFU_FLASH_LOCK_CHIPSET,
  QFU_FLASH_LOCK_KERNEL,
} QfuFlashLockKind;

/**
 * QfuFlashLock:
 * @kind: what it is
 * @range: what it keeps; %QFU_FLASH_LOCK_ALL as length for the whole chip
 */
typedef struct {
  QfuFlashLockKind kind;
  QfuRange range;
} QfuFlashLock;

#define QFU_FLASH_LOCK_ALL G_MAXUINT64

/* (transfer full) (element-type QfuFlashLock): none. */
GArray *qfu_flash_locks_new (void);

void qfu_flash_locks_add (GArray *locks, QfuFlashLockKind kind, guint64 offset, guint64 length);

/**
 * qfu_flash_locks_note:
 * @locks: (element-type QfuFlashLock): gets another one when @line speaks of it
 * @line: what libflashrom says while it opens a programmer
 *
 * libflashrom tells of the chipset's locks in its messages alone. One that it says nothing of is
 * met by the write.
 */
void qfu_flash_locks_note (GArray *locks, const char *line);

/**
 * qfu_flash_locks_check:
 * @locks: (element-type QfuFlashLock)
 * @ranges: (element-type QfuRange): what is to be written
 * @error: #QFU_ERROR_UNSUPPORTED: the first lock that is in the way, and what helps
 */
gboolean qfu_flash_locks_check (const GArray *locks,
                                const GArray *ranges,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
