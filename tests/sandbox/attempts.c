/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static long
try_open (void)
{
  return open ("/etc/passwd", O_RDONLY);
}

static long
try_create (void)
{
  return open ("/tmp/qfu-sandbox-test", O_WRONLY | O_CREAT, 0600);
}

static long
try_stat (void)
{
  struct stat st;

  return stat ("/etc/passwd", &st);
}

static long
try_memfd (void)
{
  return memfd_create ("x", 0);
}

static long
try_dup (void)
{
  return dup (0);
}

static long
try_socket (void)
{
  return socket (AF_UNIX, SOCK_STREAM, 0);
}

static long
try_connect (void)
{
  struct sockaddr address = {.sa_family = AF_UNIX};

  return connect (0, &address, sizeof address);
}

static long
try_bind (void)
{
  struct sockaddr address = {.sa_family = AF_UNIX};

  return bind (0, &address, sizeof address);
}

static long
try_execve (void)
{
  char *const none[] = {NULL};

  return execve ("/bin/true", none, none);
}

static long
try_execveat (void)
{
  char *const none[] = {NULL};

  return execveat (0, "", none, none, AT_EMPTY_PATH);
}

static long
try_ptrace (void)
{
  return ptrace (PTRACE_ATTACH, getppid (), NULL, NULL);
}

static long
try_kill (void)
{
  return kill (getppid (), 0);
}

static long
try_tgkill (void)
{
  return syscall (SYS_tgkill, getppid (), getppid (), 0);
}

static long
try_setuid (void)
{
  return setuid (0);
}

static long
try_setresuid (void)
{
  return setresuid (0, 0, 0);
}

static long
try_unshare (void)
{
  return unshare (CLONE_NEWUSER);
}

static long
try_fork (void)
{
  return fork ();
}

static long
try_vfork (void)
{
  return syscall (SYS_vfork);
}

static long
try_clone3 (void)
{
  return syscall (SYS_clone3, NULL, 0);
}

static void *
do_nothing (void *data)
{
  return data;
}

static long
try_thread (void)
{
  pthread_t thread;

  errno = pthread_create (&thread, NULL, do_nothing, NULL);
  return errno == 0 ? 0 : -1;
}

static long
try_exec_memory (void)
{
  void *map = mmap (NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return map == MAP_FAILED ? -1 : 0;
}

static long
try_make_executable (void)
{
  void *map = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return map == MAP_FAILED ? 0 : mprotect (map, 4096, PROT_READ | PROT_EXEC);
}

static long
try_dumpable (void)
{
  return prctl (PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long
try_raise_limit (void)
{
  struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

  return setrlimit (RLIMIT_NOFILE, &limit);
}

static long
try_read_process (void)
{
  return syscall (SYS_process_vm_readv, getppid (), NULL, 0, NULL, 0, 0);
}

static long
try_io_uring (void)
{
  return syscall (SYS_io_uring_setup, 1, NULL);
}

static long
try_unknown (void)
{
  return syscall (100000);
}

const Attempt attempts[] = {
    {"open", try_open, EPERM},
    {"create", try_create, EPERM},
    {"stat", try_stat, EPERM},
    {"memfd", try_memfd, EPERM},
    {"dup", try_dup, EPERM},
    {"setuid", try_setuid, EPERM},
    {"setresuid", try_setresuid, EPERM},
    {"unshare", try_unshare, EPERM},
    {"thread", try_thread, EPERM},
    {"exec-memory", try_exec_memory, EPERM},
    {"make-executable", try_make_executable, EPERM},
    {"dumpable", try_dumpable, EPERM},
    {"raise-limit", try_raise_limit, EPERM},
    {"unknown-call", try_unknown, EPERM},
    {"clone3", try_clone3, ENOSYS},
    {"socket", try_socket, KILLED},
    {"connect", try_connect, KILLED},
    {"bind", try_bind, KILLED},
    {"execve", try_execve, KILLED},
    {"execveat", try_execveat, KILLED},
    {"ptrace", try_ptrace, KILLED},
    {"kill", try_kill, KILLED},
    {"tgkill", try_tgkill, KILLED},
    {"fork", try_fork, KILLED},
    {"vfork", try_vfork, KILLED},
    {"read-process", try_read_process, KILLED},
    {"io-uring", try_io_uring, KILLED},
    {NULL, NULL, 0},
};
