/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-device.h"

/**
 * QfuTreeRow:
 * @device: the device
 * @first: what stands before its name
 * @rest: what stands before everything else that is said of it
 *
 * One device in its place.
 */
typedef struct {
  const QfuDevice *device;
  char *first;
  char *rest;
} QfuTreeRow;

/**
 * qfu_tree_rows:
 * @devices: (element-type QfuDevice): in any order; has to outlive the rows
 *
 * Puts devices below those that they are a part of, and keeps the order otherwise. Each has one
 * row, also when its parent is not listed, or is a part of itself.
 *
 * Returns: (transfer full) (element-type QfuTreeRow): from top to bottom
 */
GPtrArray *qfu_tree_rows (const GPtrArray *devices);

/* Puts the rows below a line that comes before them: what had no parent is a part of that. */
void qfu_tree_rows_below (const GPtrArray *rows);
