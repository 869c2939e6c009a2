/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <signal.h>
#include <stddef.h>

#define KILLED (-SIGSYS)

/* Something that an intruder in a worker would try. */
typedef struct {
  const char *name;
  long (*attempt) (void); /* negative and errno, as system calls do */
  int expected;           /* an errno, or KILLED */
} Attempt;

/* Ends with a name of NULL. */
extern const Attempt attempts[];
