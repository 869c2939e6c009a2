/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "nor-chip.h"

/**
 * NorOptions:
 * @image: file with the contents of the chip
 * @command: (nullable): program to run, %NULL-terminated
 * @port: to listen on; 0: any
 * @listen: a socket that listens already; -1: none
 * @ready: descriptor that gets the port; -1: none
 * @counts: (nullable): file for the counts
 * @log: (nullable): file for the log
 * @survive: a cut ends the writers alone
 * @writers: (element-type int): process ids
 */
typedef struct {
  char *image;
  char **command;
  int port;
  int listen;
  int ready;
  char *counts;
  char *log;
  gboolean survive;
  GArray *writers;
  NorFaults faults;
  NorPins pins;
} NorOptions;

/* What nor-emulator.c explains. */
NorOptions *nor_options_parse (int argc, char **argv, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void nor_options_free (NorOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NorOptions, nor_options_free)
