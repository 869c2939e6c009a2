/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-sandbox-calls.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What parsers do: compute, take and give memory, read and write descriptors that they have. Every
 * call that is in none of these tables fails with EPERM, so that another C library's probing ends
 * in its own error handling: openat (gconv modules, /etc/localtime) is the common one. */
static const int allowed[] = {
    SCMP_SYS (read),         SCMP_SYS (write),           SCMP_SYS (readv),
    SCMP_SYS (writev),       SCMP_SYS (close),           SCMP_SYS (poll),
    SCMP_SYS (ppoll),        SCMP_SYS (ppoll_time64),    SCMP_SYS (fstat),
    SCMP_SYS (brk),          SCMP_SYS (munmap),          SCMP_SYS (mremap),
    SCMP_SYS (madvise),      SCMP_SYS (futex),           SCMP_SYS (futex_time64),
    SCMP_SYS (sched_yield),  SCMP_SYS (getrandom),       SCMP_SYS (getpid),
    SCMP_SYS (gettid),       SCMP_SYS (clock_gettime),   SCMP_SYS (clock_gettime64),
    SCMP_SYS (clock_getres), SCMP_SYS (gettimeofday),    SCMP_SYS (time),
    SCMP_SYS (rt_sigaction), SCMP_SYS (rt_sigprocmask),  SCMP_SYS (rt_sigreturn),
    SCMP_SYS (sigaltstack),  SCMP_SYS (restart_syscall), SCMP_SYS (exit),
    SCMP_SYS (exit_group),
};

/* What no library of ours ever tries and only an intruder wants: the process ends on the spot. */
static const int fatal[] = {
    SCMP_SYS (execve),
    SCMP_SYS (execveat),
    SCMP_SYS (fork),
    SCMP_SYS (vfork),
    SCMP_SYS (ptrace),
    SCMP_SYS (process_vm_readv),
    SCMP_SYS (process_vm_writev),
    SCMP_SYS (kill),
    SCMP_SYS (tkill),
    SCMP_SYS (pidfd_send_signal),
    SCMP_SYS (socket),
    SCMP_SYS (socketpair),
    SCMP_SYS (connect),
    SCMP_SYS (bind),
    SCMP_SYS (listen),
    SCMP_SYS (io_uring_setup),
    SCMP_SYS (bpf),
};

typedef struct {
  int call;
  guint32 action;
  struct scmp_arg_cmp when;
} ConditionalCall;

static gboolean
add_all (scmp_filter_ctx ctx, guint32 action, const int *calls, gsize n_calls)
{
  for (gsize i = 0; i < n_calls; i++) {
    int rc = seccomp_rule_add (ctx, action, calls[i], 0);

    if (rc != 0) {
      errno = -rc;
      return FALSE;
    }
  }
  return TRUE;
}

/* Calls whose arguments decide. */
static gboolean
add_conditional (scmp_filter_ctx ctx)
{
  const ConditionalCall calls[] = {
      /* memory is never executable */
      {SCMP_SYS (mmap), SCMP_ACT_ALLOW, SCMP_A2 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
      {SCMP_SYS (mmap2), SCMP_ACT_ALLOW, SCMP_A2 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
      {SCMP_SYS (mprotect), SCMP_ACT_ALLOW, SCMP_A2 (SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
      /* a signal to itself, as abort() sends it */
      {SCMP_SYS (tgkill), SCMP_ACT_ALLOW, SCMP_A0 (SCMP_CMP_EQ, (scmp_datum_t)getpid ())},
      {SCMP_SYS (tgkill), SCMP_ACT_KILL_PROCESS, SCMP_A0 (SCMP_CMP_NE, (scmp_datum_t)getpid ())},
      /* a process is an intruder's wish, a thread an optimisation that may fail */
      {SCMP_SYS (clone), SCMP_ACT_KILL_PROCESS, SCMP_A0 (SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++) {
    int rc = seccomp_rule_add_array (ctx, calls[i].action, calls[i].call, 1, &calls[i].when);

    if (rc != 0) {
      errno = -rc;
      return FALSE;
    }
  }
  /* its flags lie in memory that a filter cannot read: send the C library back to clone */
  errno = -seccomp_rule_add (ctx, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0);
  return errno == 0;
}

/* Whether the kernel can kill a process for a call. libseccomp asks the same, but reports a service
 * manager's filter that withholds seccomp() as an invalid argument. */
static gboolean
kernel_kills (void)
{
  guint32 action = SECCOMP_RET_KILL_PROCESS;

  return syscall (SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

gboolean
qfu_sandbox_calls_lock (void)
{
  scmp_filter_ctx ctx = kernel_kills () ? seccomp_init (SCMP_ACT_ERRNO (EPERM)) : NULL;
  gboolean ok;
  int rc;

  if (ctx == NULL)
    return FALSE;
  ok = add_all (ctx, SCMP_ACT_ALLOW, allowed, G_N_ELEMENTS (allowed)) &&
       add_all (ctx, SCMP_ACT_KILL_PROCESS, fatal, G_N_ELEMENTS (fatal)) && add_conditional (ctx);
  if (ok) {
    /* system calls of a foreign ABI kill, and errors keep the kernel's own number */
    (void)seccomp_attr_set (ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    (void)seccomp_attr_set (ctx, SCMP_FLTATR_API_SYSRAWRC, 1);
    rc = seccomp_load (ctx);
    ok = rc == 0;
    errno = -rc;
  }
  seccomp_release (ctx);
  return ok;
}
