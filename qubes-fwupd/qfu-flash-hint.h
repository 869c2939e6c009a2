/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * QfuFlashFacts:
 * @locked_down: the kernel's lockdown is on
 * @root: the program runs as root
 * @mtd: there is a /dev/mtd0
 *
 * What decides whether a programmer can work on this machine.
 */
typedef struct {
  gboolean locked_down;
  gboolean root;
  gboolean mtd;
} QfuFlashFacts;

/* Looks at the machine. */
QfuFlashFacts qfu_flash_facts (void);

/* (transfer none): what helps a person whose libflashrom programmer @name does not open. */
const char *qfu_flash_hint (const char *name, const QfuFlashFacts *facts);
