/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * NorCounts:
 * @operations: erases and programs that were begun
 * @erases: those that were erases
 * @erased: bytes in them
 * @programs: those that were programs
 * @programmed: bytes in them
 * @refused: what a protected range or a missing write enable kept from beginning
 * @read: bytes that were read
 * @cut: 1 when the power went
 * @shown: (nullable): the memory of a file
 *
 * What was done to a chip.
 */
typedef struct {
  guint64 operations;
  guint64 erases;
  guint64 erased;
  guint64 programs;
  guint64 programmed;
  guint64 refused;
  guint64 read;
  guint64 cut;
  char *shown;
} NorCounts;

/**
 * nor_counts_open:
 * @path: of a file that shows the counts as a JSON object from here on
 *
 * Returns: whether the file could be made; errno tells why not
 */
gboolean nor_counts_open (NorCounts *counts, const char *path);

/* Brings the file up to date, in memory that outlives a kill. */
void nor_counts_show (const NorCounts *counts);
