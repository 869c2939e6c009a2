/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What a peer says in a fuzz target of a reader. No process runs: the linker puts our spawning and
 * waiting in the place of the true ones, and the reader gets its own process handling and its own
 * wire, with the input as the other end. */

typedef struct {
  const guint8 *data;
  gsize size;
} FuzzSaid;

/* From here on every process says this. */
void fuzz_say (const guint8 *data, gsize size);
const FuzzSaid *fuzz_said (void);
