/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "raw-calls.h"

#include "attempts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Calls that Linux had after 2022-08 included; a later one is nobody's friend either. */
#define LAST_CALL 470

#define PATH ((long)"/etc/passwd")
#define CALL(name) #name, SYS_##name

const RawCall raw_calls[] = {
    /* files */
    {CALL (openat), {AT_FDCWD, PATH, O_RDONLY}, EPERM},
    {CALL (openat2), {AT_FDCWD, PATH, 0, 24}, EPERM},
    {CALL (name_to_handle_at), {AT_FDCWD, PATH}, EPERM},
    {CALL (open_by_handle_at), {AT_FDCWD, 0, O_RDONLY}, EPERM},
    {CALL (statx), {AT_FDCWD, PATH}, EPERM},
    {CALL (faccessat), {AT_FDCWD, PATH, R_OK}, EPERM},
    {CALL (readlinkat), {AT_FDCWD, (long)"/proc/self/exe", 0, 0}, EPERM},
    {CALL (unlinkat), {AT_FDCWD, (long)"/tmp/qfu-sandbox-test", 0}, EPERM},
    {CALL (renameat2), {AT_FDCWD, PATH, AT_FDCWD, PATH, 0}, EPERM},
    {CALL (mkdirat), {AT_FDCWD, (long)"/tmp/qfu-sandbox-test", 0700}, EPERM},
    {CALL (chdir), {(long)"/"}, EPERM},
    {CALL (chroot), {(long)"/"}, EPERM},
    {CALL (ftruncate), {1, 0}, EPERM},
    {CALL (fcntl), {0, F_DUPFD, 0}, EPERM},
    {CALL (ioctl), {0, 0x5412}, EPERM}, /* TIOCSTI: to type at a terminal */
    {CALL (splice), {0, 0, 1, 0, 1}, EPERM},
    {CALL (mount), {0, (long)"/", 0, MS_ASYNC}, EPERM},
    {CALL (fsopen), {(long)"proc", 0}, EPERM},
    {CALL (open_tree), {AT_FDCWD, (long)"/", 1}, EPERM},
    {CALL (memfd_create), {(long)"x", 0}, EPERM},
    {CALL (inotify_init1), {0}, EPERM},
    /* other processes */
    {CALL (execve), {(long)"/bin/true"}, KILLED},
    {CALL (execveat), {0, (long)"", 0, 0, AT_EMPTY_PATH}, KILLED},
    {CALL (clone), {SIGCHLD}, KILLED},
    {CALL (clone), {CLONE_NEWUSER | SIGCHLD}, KILLED},
    {CALL (clone), {CLONE_VM | CLONE_VFORK | SIGCHLD}, KILLED},
    {CALL (clone), {CLONE_THREAD | CLONE_SIGHAND | CLONE_VM}, EPERM},
    {CALL (clone3), {0, 0}, ENOSYS},
    {CALL (ptrace), {0}, KILLED}, /* PTRACE_TRACEME */
    {CALL (process_vm_readv), {1}, KILLED},
    {CALL (process_vm_writev), {1}, KILLED},
    {CALL (pidfd_open), {1, 0}, EPERM},
    {CALL (pidfd_getfd), {0, 0, 0}, EPERM},
    {CALL (kcmp), {1, 1}, EPERM},
    {CALL (kill), {0, 0}, KILLED},
    {CALL (kill), {-1, 0}, KILLED},
    {CALL (tkill), {1, 0}, KILLED},
    {CALL (pidfd_send_signal), {0, 0}, KILLED},
    {CALL (rt_sigqueueinfo), {1, 0}, EPERM},
    {CALL (rt_tgsigqueueinfo), {1, 1, 0}, EPERM},
    {CALL (setpgid), {0, 0}, EPERM},
    {CALL (setsid), {0}, EPERM},
    /* who one is */
    {CALL (setuid), {0}, EPERM},
    {CALL (setgid), {0}, EPERM},
    {CALL (setreuid), {0, 0}, EPERM},
    {CALL (setresuid), {0, 0, 0}, EPERM},
    {CALL (setresgid), {0, 0, 0}, EPERM},
    {CALL (setfsuid), {0}, EPERM},
    {CALL (setgroups), {0, 0}, EPERM},
    {CALL (capset), {0, 0}, EPERM},
    {CALL (unshare), {CLONE_NEWUSER}, EPERM},
    {CALL (unshare), {CLONE_NEWNS}, EPERM},
    {CALL (setns), {0, 0}, EPERM},
    {CALL (personality), {0x0400000}, EPERM}, /* READ_IMPLIES_EXEC */
    {CALL (keyctl), {0}, EPERM},
    {CALL (add_key), {(long)"user", (long)"x", (long)"y", 1, -3}, EPERM},
    /* the lock-down itself */
    {CALL (prctl), {PR_SET_DUMPABLE, 1}, EPERM},
    {CALL (prctl), {PR_SET_PDEATHSIG, 0}, EPERM},
    {CALL (prctl), {PR_SET_SECCOMP, 1}, EPERM},
    {CALL (prctl), {PR_SET_NO_NEW_PRIVS, 0}, EPERM},
    {CALL (seccomp), {1, 0, 0}, EPERM},
    {CALL (landlock_create_ruleset), {0, 0, 1}, EPERM},
    {CALL (prlimit64), {0, 7, 0, 0}, EPERM},
    /* large parts of the kernel */
    {CALL (socket), {1, 1, 0}, KILLED},
    {CALL (socketpair), {1, 1, 0, 0}, KILLED},
    {CALL (connect), {0}, KILLED},
    {CALL (bind), {0}, KILLED},
    {CALL (listen), {0}, KILLED},
    {CALL (sendto), {0}, EPERM},
    {CALL (recvmsg), {0}, EPERM},
    {CALL (io_uring_setup), {1, 0}, KILLED},
    {CALL (bpf), {0}, KILLED},
    {CALL (perf_event_open), {0}, EPERM},
    {CALL (userfaultfd), {0}, EPERM},
    {CALL (shmget), {0, 4096, 0600}, EPERM},
    {CALL (mq_open), {(long)"x", 0}, EPERM},
    {CALL (init_module), {0, 0}, EPERM},
    {CALL (reboot), {0}, EPERM},
    {CALL (clock_settime), {0}, EPERM},
    /* memory that can be run */
    {CALL (mmap), {0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1}, EPERM},
    {CALL (mmap), {0, 4096, PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1}, EPERM},
    {CALL (mprotect), {0, 4096, PROT_EXEC}, EPERM},
    {CALL (pkey_mprotect), {0, 4096, PROT_EXEC, -1}, EPERM},
    {CALL (remap_file_pages), {0, 4096, 0}, EPERM},
#ifdef __x86_64__
    {CALL (open), {PATH, O_RDONLY}, EPERM},
    {CALL (creat), {(long)"/tmp/qfu-sandbox-test", 0600}, EPERM},
    {CALL (iopl), {3}, EPERM},
    {CALL (ioperm), {0, 1, 1}, EPERM},
    {CALL (modify_ldt), {1}, EPERM},
    {CALL (arch_prctl), {0x1002, 0}, EPERM},
    {CALL (fork), {0}, KILLED},
    {CALL (vfork), {0}, KILLED},
    /* the same kernel by other doors: x32 */
    {"x32 getpid", 0x40000000 | SYS_getpid, {0}, KILLED},
    {"x32 open", 0x40000000 | SYS_open, {PATH, O_RDONLY}, KILLED},
#endif
    {NULL, 0, {0}, 0},
};

/* What parsers may do (as qfu-sandbox-calls.c lists it), and what no filter sees: the kernel
 * lets uretprobe (335) and uprobe (336) of x86-64 through, and kills who is in no probe. */
static const long not_tried[] = {
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_close,
    SYS_ppoll,
    SYS_fstat,
    SYS_brk,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_futex,
    SYS_sched_yield,
    SYS_getrandom,
    SYS_getpid,
    SYS_gettid,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_gettimeofday,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_restart_syscall,
    SYS_exit,
    SYS_exit_group,
    SYS_mmap,
    SYS_mprotect,
    SYS_tgkill,
    SYS_clone,
    SYS_clone3,
#ifdef __x86_64__
    335, /* uretprobe and uprobe: the kernel lets them past every filter, and kills who makes them
          */
    336, /* outside of a probe */
    SYS_poll,
    SYS_time,
#endif
};

static int
is_tried (long number)
{
  for (size_t i = 0; i < sizeof not_tried / sizeof not_tried[0]; i++) {
    if (not_tried[i] == number)
      return 0;
  }
  for (size_t i = 0; raw_calls[i].name != NULL; i++) {
    if (raw_calls[i].number == number && raw_calls[i].expected == KILLED)
      return 0;
  }
  return 1;
}

long
first_hole (void)
{
  for (long number = 0; number <= LAST_CALL; number++) {
    errno = 0;
    if (is_tried (number) && (syscall (number, 0, 0, 0, 0, 0) != -1 || errno != EPERM))
      return number;
  }
  return -1;
}
