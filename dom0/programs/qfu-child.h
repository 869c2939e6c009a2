/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-wire.h"

/* The child's side of qfu-process.h: how a program of ours in libexec meets its caller. */

/**
 * QfuChildOp:
 * @name: the program's first argument
 * @run: does the work, sends frames on @wire, and leaves END or ERROR to the caller
 */
typedef struct {
  const char *name;
  gboolean (*run) (QfuWire *wire, const QfuMessage *arguments, GError **error);
} QfuChildOp;

/**
 * qfu_child_main:
 * @ops: (array length=n_ops): what the program can do
 *
 * Finds the op named by argv[1], receives ARGUMENTS on standard input, runs it, and ends with END
 * or ERROR on standard output.
 *
 * Returns: the program's exit status
 */
int qfu_child_main (int argc, char **argv, const QfuChildOp *ops, gsize n_ops);

/* (transfer full): the @index-th inherited input, mapped; #QFU_ERROR_PROTOCOL when it is no sealed
 * memfd. */
GBytes *qfu_child_input (guint index, GError **error) G_GNUC_WARN_UNUSED_RESULT;
