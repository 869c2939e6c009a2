/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* For LD_PRELOAD: who waits by looking at the clock again and again waits less long.
 *
 * libflashrom waits a second in such a loop each time it opens serprog, and a test that opens it
 * thousands of times gains nothing from that. After LOOKS looks at the monotonic clock in a row,
 * none later than GAP after the one before, the caller sleeps for PAUSE and finds the clock JUMP
 * ahead. Everybody else sees the clock as it is. */

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#define SECOND INT64_C (1000000000)
#define LOOKS 200
#define GAP INT64_C (20000)
#define PAUSE INT64_C (200000)
#define JUMP (SECOND / 20)

typedef int (*ClockFunction) (clockid_t, struct timespec *);

static _Atomic int64_t ahead;
static _Atomic int64_t last;
static _Atomic unsigned int looks;

int __attribute__ ((visibility ("default"))) clock_gettime (clockid_t id, struct timespec *time)
{
  static ClockFunction original;
  int64_t now;
  int rc;

  if (original == NULL)
    *(void **)&original = dlsym (RTLD_NEXT, "clock_gettime");
  rc = original (id, time);
  if (rc != 0 || id != CLOCK_MONOTONIC)
    return rc;
  now = time->tv_sec * SECOND + time->tv_nsec;
  if (now - last > GAP)
    looks = 0;
  last = now;
  if (++looks > LOOKS) {
    (void)nanosleep (&(struct timespec){.tv_nsec = PAUSE}, NULL);
    ahead += JUMP;
  }
  now += ahead;
  time->tv_sec = now / SECOND;
  time->tv_nsec = now % SECOND;
  return rc;
}
