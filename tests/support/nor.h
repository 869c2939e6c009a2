/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

#include <gio/gio.h>

/**
 * TestNor:
 * @path: of the file that the chip's contents are in
 * @programmer: for libflashrom
 * @model: of the chip
 * @process: the emulator
 *
 * A flash chip behind serprog, of a program of its own: tests/chip/nor-emulator.c explains its
 * options.
 */
typedef struct {
  char *path;
  char *counts;
  char *programmer;
  const char *model;
  GSubprocess *process;
} TestNor;

/* What [Chip] Model= has to be for a chip of @size bytes; several models share an identification.
 */
const char *test_nor_model (gsize size);

/* (transfer full): a chip with these contents whose files lie in @directory. @options: (nullable):
 * more words for the emulator. */
TestNor *test_nor_start (const char *directory,
                         const guint8 *contents,
                         gsize size,
                         const char *const *options);

/* [Chip] Programmer= and Model= of @config are this chip from now on. */
void test_nor_configure (const TestNor *nor, QfuConfig *config);

/* Ends the emulator, which must be alive, and frees. Files stay. */
void test_nor_stop (TestNor *nor);

/* One of the emulator's counts (tests/chip/nor-counts.h). */
guint64 test_nor_count (const TestNor *nor, const char *name);

/* The chip holds these bytes. */
void test_nor_assert_holds (const TestNor *nor, const guint8 *contents, gsize size);
