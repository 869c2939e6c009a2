/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What cannot be found out counts as %QFU_UNKNOWN. */
typedef enum { QFU_NO, QFU_YES, QFU_UNKNOWN } QfuTristate;

/**
 * QfuFlashFacts:
 * @root: the program runs as root
 * @locked_down: the kernel's lockdown is on
 * @mem_error: what opening /dev/mem gave, 0 when it opened
 * @strict: whether the kernel keeps the memory of devices that a driver uses (IO_STRICT_DEVMEM)
 * @iomem_relaxed: the kernel was started with iomem=relaxed
 * @in_unit: the program runs inside fwupd.service
 * @dropin: our drop-in for that unit is there
 * @device: a device was named, or the programmer has one by default, and it is there
 * @device_named: the programmer's arguments name one
 * @device_writable: whether the kernel lends that MTD device for writing
 * @intel_driver: the kernel's driver of Intel's flash controller is loaded
 * @coreboot_bus: the kernel shows coreboot's memory on its coreboot bus
 *
 * What decides whether a programmer can work on this machine.
 */
typedef struct {
  gboolean root;
  gboolean locked_down;
  int mem_error;
  QfuTristate strict;
  gboolean iomem_relaxed;
  gboolean in_unit;
  gboolean dropin;
  gboolean device;
  gboolean device_named;
  QfuTristate device_writable;
  gboolean intel_driver;
  gboolean coreboot_bus;
} QfuFlashFacts;

/**
 * qfu_flash_facts:
 * @root: folder that holds proc, sys, dev, boot and etc; "" for those of the machine
 * @name: libflashrom's programmer
 * @arguments: (nullable): its arguments
 *
 * Looks at the machine, without a look at the chip.
 */
QfuFlashFacts qfu_flash_facts (const char *root, const char *name, const char *arguments);

/**
 * qfu_coreboot_bus_has_cbmem:
 * @folder: devices of the kernel's coreboot bus
 *
 * The bus alone says nothing: the kernel has one wherever its driver is built in, on any firmware,
 * and shows coreboot's memory there only with a driver more (CONFIG_GOOGLE_CBMEM).
 */
gboolean qfu_coreboot_bus_has_cbmem (const char *folder);

#define QFU_FLASH_CBMEM "cbmem" /* no programmer, but met by the same obstacles */

/**
 * qfu_flash_hints:
 * @name: libflashrom's programmer, or %QFU_FLASH_CBMEM for the log that coreboot keeps in memory
 * @facts: of the machine
 *
 * Returns: (transfer container) (element-type utf8): what stands in that programmer's way on this
 * machine and what helps, what is likeliest first
 */
GPtrArray *qfu_flash_hints (const char *name, const QfuFlashFacts *facts);

/* (transfer none): the first of them, for a programmer that does not open; where there is none,
 * where to look. */
const char *qfu_flash_hint (const char *name, const QfuFlashFacts *facts);
