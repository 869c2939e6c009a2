/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: peak FILE COMMAND [ARGUMENT...]
 *
 * Runs COMMAND to its end, writes the largest resident size in KiB of it or of a process that it
 * waited for to FILE, and ends with its status, 128 + signal when one ended it. This program is
 * small, so that the size is not its own, which a child has until it executes COMMAND. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void
become (char **argv)
{
  if (prctl (PR_SET_PDEATHSIG, SIGKILL) == 0)
    execvp (argv[0], argv);
  fprintf (stderr, "peak: %s: %s\n", argv[0], strerror (errno));
  _exit (127);
}

int
main (int argc, char **argv)
{
  struct rusage usage;
  pid_t child;
  FILE *file;
  int status;

  if (argc < 3) {
    fprintf (stderr, "usage: peak FILE COMMAND [ARGUMENT...]\n");
    return 2;
  }
  child = fork ();
  if (child == 0)
    become (argv + 2);
  if (child < 0 || wait4 (child, &status, 0, &usage) != child)
    return 126;
  file = fopen (argv[1], "w");
  if (file == NULL || fprintf (file, "%ld\n", usage.ru_maxrss) < 0 || fclose (file) != 0)
    return 126;
  return WIFSIGNALED (status) ? 128 + WTERMSIG (status) : WEXITSTATUS (status);
}
