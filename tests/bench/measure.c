/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: measure RUNS COMMAND [ARGUMENT...]
 *
 * Runs COMMAND so often, with its output thrown away, and prints a line a run: seconds, and the
 * largest resident size in KiB of it or of a process that it waited for. This program is small, so
 * that the size is not its own, which a child has until it executes COMMAND. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
become (char **argv)
{
  int null = open ("/dev/null", O_WRONLY);

  if (null >= 0 && dup2 (null, STDOUT_FILENO) >= 0)
    execvp (argv[0], argv);
  fprintf (stderr, "measure: %s: %s\n", argv[0], strerror (errno));
  _exit (127);
}

int
main (int argc, char **argv)
{
  int runs = argc < 3 ? 0 : atoi (argv[1]);

  if (runs < 1) {
    fprintf (stderr, "usage: measure RUNS COMMAND [ARGUMENT...]\n");
    return 2;
  }
  for (int i = 0; i < runs; i++) {
    double start = now ();
    pid_t child = fork ();
    struct rusage usage;
    int status;

    if (child == 0)
      become (argv + 2);
    if (child < 0 || wait4 (child, &status, 0, &usage) != child || status != 0) {
      fprintf (stderr, "measure: %s failed\n", argv[2]);
      return 1;
    }
    printf ("%.6f %ld\n", now () - start, usage.ru_maxrss);
  }
  return 0;
}
