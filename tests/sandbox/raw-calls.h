/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A system call with its arguments, and what the kernel must answer: an errno or KILLED. */
typedef struct {
  const char *name;
  long number;
  long arguments[5];
  int expected;
} RawCall;

/* Ends with a name of NULL. */
extern const RawCall raw_calls[];

/* Makes every call of this machine's table but those that raw_calls names as allowed to go through
 * or as deadly. Returns the number of the first that does not fail with EPERM, or -1. */
long first_hole (void);
