/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: peak FILE SECONDS COMMAND [ARGUMENT...]
 *
 * Runs COMMAND to its end, writes the largest resident size in KiB of it or of a process that it
 * waited for to FILE, and ends with its status, 128 + signal when one ended it. This program is
 * small, so that the size is not its own, which a child has until it executes COMMAND.
 *
 * Whatever COMMAND has started and left becomes a child of this program. What does not end within
 * SECONDS is named in FILE, a line for each process, and killed. */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME_MAX_SIZE 512

static void
become (char **argv)
{
  if (prctl (PR_SET_PDEATHSIG, SIGKILL) == 0)
    execvp (argv[0], argv);
  fprintf (stderr, "peak: %s: %s\n", argv[0], strerror (errno));
  _exit (127);
}

/* Whether all that was left has ended; SIGCHLD is blocked. */
static bool
has_ended (const sigset_t *child_ended, long seconds)
{
  const struct timespec time = {.tv_sec = seconds};
  pid_t pid;

  while ((pid = waitpid (-1, NULL, WNOHANG)) >= 0) {
    if (pid == 0 && sigtimedwait (child_ended, NULL, &time) < 0 && errno == EAGAIN)
      return false;
  }
  return true;
}

static void
name_process (FILE *file, int pid)
{
  char path[64];
  char words[NAME_MAX_SIZE] = "";
  size_t size = 0;
  FILE *line;

  snprintf (path, sizeof path, "/proc/%d/cmdline", pid);
  line = fopen (path, "r");
  if (line != NULL) {
    size = fread (words, 1, sizeof words - 1, line);
    fclose (line);
  }
  for (size_t i = 0; i < size; i++) {
    if (words[i] < ' ')
      words[i] = ' ';
  }
  fprintf (file, "%d %s\n", pid, words);
}

/* Kills all children, and names those that are there at @file; their children come to us. */
static void
end_children (FILE *file)
{
  char path[64];

  snprintf (path, sizeof path, "/proc/self/task/%d/children", (int)getpid ());
  do {
    FILE *children = fopen (path, "r");
    int pid;

    while (children != NULL && fscanf (children, "%d", &pid) == 1) {
      if (file != NULL)
        name_process (file, pid);
      kill (pid, SIGKILL);
    }
    if (children != NULL)
      fclose (children);
    file = NULL;
  } while (waitpid (-1, NULL, 0) >= 0);
}

int
main (int argc, char **argv)
{
  struct rusage usage;
  sigset_t child_ended;
  pid_t child;
  FILE *file;
  int status;

  if (argc < 4) {
    fprintf (stderr, "usage: peak FILE SECONDS COMMAND [ARGUMENT...]\n");
    return 2;
  }
  if (prctl (PR_SET_CHILD_SUBREAPER, 1) != 0)
    return 126;
  child = fork ();
  if (child == 0)
    become (argv + 3);
  sigemptyset (&child_ended);
  sigaddset (&child_ended, SIGCHLD);
  if (child < 0 || sigprocmask (SIG_BLOCK, &child_ended, NULL) != 0 ||
      wait4 (child, &status, 0, &usage) != child)
    return 126;
  file = fopen (argv[1], "w");
  if (file == NULL || fprintf (file, "%ld\n", usage.ru_maxrss) < 0)
    return 126;
  if (!has_ended (&child_ended, atol (argv[2])))
    end_children (file);
  if (fclose (file) != 0)
    return 126;
  return WIFSIGNALED (status) ? 128 + WTERMSIG (status) : WEXITSTATUS (status);
}
