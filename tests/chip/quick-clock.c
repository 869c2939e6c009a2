/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* For LD_PRELOAD: opening serprog takes no second.
 *
 * libflashrom connects to it and then looks at the clock until a second has gone, and a test that
 * does so thousands of times gains nothing from that. After a connection to an internet address,
 * whoever looks at the monotonic clock LOOKS times in a row, none later than GAP after the one
 * before, sleeps for PAUSE and finds the clock a SECOND ahead, once. All other waiting takes its
 * time: there an answer may really be late.
 *
 * With the variable QFU_QUICK_CLOCK the clock goes ahead at each such wait: libflashrom's dummy
 * chip gives all answers at once, and a second is waited for after each write. */

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define SECOND INT64_C (1000000000)
#define LOOKS 200
#define GAP INT64_C (20000)
#define PAUSE INT64_C (2000000)
#define EXPORT __attribute__ ((visibility ("default")))

typedef int (*ClockFunction) (clockid_t, struct timespec *);
typedef int (*ConnectFunction) (int, __CONST_SOCKADDR_ARG, socklen_t);

static _Atomic int64_t ahead;
static _Atomic int64_t last;
static _Atomic unsigned int looks;
static atomic_bool connected; /* and the wait that follows is yet to come */

__attribute__ ((constructor)) static void
start (void)
{
  connected = getenv ("QFU_QUICK_CLOCK") != NULL;
}

EXPORT int
connect (int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
  ConnectFunction original;

  *(void **)&original = dlsym (RTLD_NEXT, "connect");
  connected = address.__sockaddr__->sa_family == AF_INET;
  return original (fd, address, length);
}

EXPORT int
clock_gettime (clockid_t id, struct timespec *time)
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
  looks = now - last > GAP ? 0 : looks + 1;
  last = now;
  if (connected && looks > LOOKS) {
    connected = getenv ("QFU_QUICK_CLOCK") != NULL;
    (void)nanosleep (&(struct timespec){.tv_nsec = PAUSE}, NULL);
    ahead += SECOND;
  }
  now += ahead;
  time->tv_sec = now / SECOND;
  time->tv_nsec = now % SECOND;
  return rc;
}
