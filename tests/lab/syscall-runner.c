/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * syscall-runner LIST PROGRAM [ARGUMENT…]
 *
 * Become PROGRAM with the system calls that LIST names, one in each line, and EPERM for every
 * other: what systemd does for a unit with SystemCallFilter= and SystemCallErrorNumber=EPERM, where
 * no systemd runs.
 */

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* a line without its end, or NULL at the end of the file */
static char *
read_name (FILE *list, char *line, size_t size)
{
  if (fgets (line, (int)size, list) == NULL)
    return NULL;
  line[strcspn (line, "\n")] = '\0';
  return line;
}

/* number of rules, or -1 */
static int
allow_listed (scmp_filter_ctx filter, FILE *list)
{
  char line[128];
  int rules = 0;

  while (read_name (list, line, sizeof (line)) != NULL) {
    int number = seccomp_syscall_resolve_name (line);

    /* systemd's groups name calls of all architectures and kernels */
    if (number < 0)
      continue;
    if (seccomp_rule_add (filter, SCMP_ACT_ALLOW, number, 0) < 0)
      return -1;
    rules++;
  }
  return rules;
}

int
main (int argc, char **argv)
{
  scmp_filter_ctx filter;
  FILE *list;

  if (argc < 3) {
    fprintf (stderr, "usage: syscall-runner LIST PROGRAM [ARGUMENT...]\n");
    return 2;
  }
  list = fopen (argv[1], "re");
  filter = seccomp_init (SCMP_ACT_ERRNO (EPERM));
  if (list == NULL || filter == NULL) {
    fprintf (stderr, "syscall-runner: %s: %s\n", argv[1], strerror (errno));
    return 1;
  }
  /* the unit has NoNewPrivileges=no: that bit would not be seen by a program that needs it unset */
  if (seccomp_attr_set (filter, SCMP_FLTATR_CTL_NNP, 0) < 0 || allow_listed (filter, list) <= 0 ||
      seccomp_load (filter) < 0) {
    fprintf (stderr, "syscall-runner: the filter of %s cannot be applied\n", argv[1]);
    return 1;
  }
  seccomp_release (filter);
  fclose (list);
  execv (argv[2], argv + 2);
  fprintf (stderr, "syscall-runner: %s: %s\n", argv[2], strerror (errno));
  return 1;
}
