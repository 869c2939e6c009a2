/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz-said.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* the linker wants them visible, as libgio names the true ones, too */
#pragma GCC visibility push(default)
gboolean __wrap_g_spawn_async_with_pipes_and_fds (const char *directory,
                                                  const char *const *argv,
                                                  const char *const *envp,
                                                  GSpawnFlags flags,
                                                  GSpawnChildSetupFunc child_setup,
                                                  gpointer user,
                                                  int stdin_fd,
                                                  int stdout_fd,
                                                  int stderr_fd,
                                                  const int *source_fds,
                                                  const int *target_fds,
                                                  gsize n_fds,
                                                  GPid *pid,
                                                  int *stdin_pipe,
                                                  int *stdout_pipe,
                                                  int *stderr_pipe,
                                                  GError **error);
pid_t __wrap_waitpid (pid_t pid, int *status, int options);
#pragma GCC visibility pop

static FuzzSaid said;

void
fuzz_say (const guint8 *data, gsize size)
{
  said.data = data;
  said.size = size;
}

const FuzzSaid *
fuzz_said (void)
{
  return &said;
}

static int
said_fd (void)
{
  int fd = memfd_create ("said", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, said.data, said.size), ==, (gssize)said.size);
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  return fd;
}

/* A process that has ended, and stays until this one does: it can be watched and killed in vain. */
static GPid
ended_process (void)
{
  static GPid pid;
  siginfo_t info;

  if (pid != 0)
    return pid;
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    _exit (0);
  g_assert_cmpint (waitid (P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), ==, 0);
  return pid;
}

gboolean
__wrap_g_spawn_async_with_pipes_and_fds (const char *directory,
                                         const char *const *argv,
                                         const char *const *envp,
                                         GSpawnFlags flags,
                                         GSpawnChildSetupFunc child_setup,
                                         gpointer user,
                                         int stdin_fd,
                                         int stdout_fd,
                                         int stderr_fd,
                                         const int *source_fds,
                                         const int *target_fds,
                                         gsize n_fds,
                                         GPid *pid,
                                         int *stdin_pipe,
                                         int *stdout_pipe,
                                         int *stderr_pipe,
                                         GError **error)
{
  *pid = ended_process ();
  *stdin_pipe = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  *stdout_pipe = said_fd ();
  return TRUE;
}

pid_t
__wrap_waitpid (pid_t pid, int *status, int options)
{
  *status = 0;
  return pid;
}
