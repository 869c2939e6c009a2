/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-parse.h"

/**
 * QfuCollected:
 * @text: one line a frame: its name, then ` FIELD=value` in the order of the fields' table; digests
 * and bytes in hexadecimal, line feeds as `\n`; a line `DATA <bytes> <sha256>` for the data in a
 * row
 * @error: (nullable): what the parser reported
 *
 * What a parser sent, as text that a test can compare.
 */
typedef struct {
  char *text;
  GError *error;
} QfuCollected;

#define QFU_COLLECT_INPUTS_MAX 4

/* Runs @op over copies of its inputs; @arguments may be %NULL. */
QfuCollected *qfu_collect_inputs (const char *op,
                                  const QfuMessage *arguments,
                                  const QfuParseInput *inputs,
                                  gsize n_inputs);
/* The same for one input. */
QfuCollected *
qfu_collect (const char *op, const QfuMessage *arguments, const void *data, gsize size);
void qfu_collected_free (QfuCollected *collected);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuCollected, qfu_collected_free)

/* (transfer full): the file's path below the fixtures; ends the program with status 77 when they
 * are absent. */
char *qfu_fixture (const char *name);
/* (transfer full): the contents of a fixture. */
GBytes *qfu_fixture_bytes (const char *name);
