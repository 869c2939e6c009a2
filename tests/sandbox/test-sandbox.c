/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a process can still do after the lock-down. Each attempt is made by a child of its own that
 * locked itself down; its exit status is the errno of the attempt, 0 when it succeeded. */
#include "attempts.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-sandbox.h"
#include "raw-calls.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define UID 60123
#define UID_TEXT "60123:60123"
#define ORDINARY_UID 60124
#define CHILD_FAILED 250 /* the lock-down itself */
#define MIB (1024 * 1024)

static void
become_ordinary (void)
{
  if (getuid () == 0 && (setresgid (ORDINARY_UID, ORDINARY_UID, ORDINARY_UID) != 0 ||
                         setresuid (ORDINARY_UID, ORDINARY_UID, ORDINARY_UID) != 0))
    _exit (CHILD_FAILED);
}

static void
lock_or_exit (void)
{
  QfuSandboxSpec spec;
  g_autoptr (GError) error = NULL;

  if (qfu_sandbox_spec_init (&spec, UID_TEXT, 256 * MIB, 5, &error) &&
      qfu_sandbox_lock (&spec, &error))
    return;
  g_printerr ("%s\n", error->message);
  _exit (CHILD_FAILED);
}

/* The exit status of the child, or the negative number of the signal that killed it. */
static int
wait_for (pid_t child)
{
  int status;

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  return WIFSIGNALED (status) ? -WTERMSIG (status) : WEXITSTATUS (status);
}

/* What a child that locked itself down makes of @run: its exit status, or minus a signal. */
static int
run_locked (int (*run) (gconstpointer), gconstpointer data, gboolean ordinary)
{
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child != 0)
    return wait_for (child);
  if (ordinary)
    become_ordinary ();
  lock_or_exit ();
  _exit (run (data));
}

static int
make_attempt (gconstpointer data)
{
  const Attempt *attempt = data;

  errno = 0;
  return attempt->attempt () >= 0 ? 0 : errno;
}

static void
test_attempt (gconstpointer data)
{
  const Attempt *attempt = data;

  g_assert_cmpint (run_locked (make_attempt, attempt, TRUE), ==, attempt->expected);
  if (getuid () == 0)
    g_assert_cmpint (run_locked (make_attempt, attempt, FALSE), ==, attempt->expected);
  else
    g_test_message ("not root: the change of the user was not tried");
}

static int
make_call (gconstpointer data)
{
  const RawCall *call = data;
  const long *a = call->arguments;

  errno = 0;
  return syscall (call->number, a[0], a[1], a[2], a[3], a[4]) == -1 ? errno : 0;
}

static void
check_call (const RawCall *call)
{
  g_test_message ("%s (%#lx, %#lx, %#lx)", call->name, (gulong)call->arguments[0],
                  (gulong)call->arguments[1], (gulong)call->arguments[2]);
  g_assert_cmpint (run_locked (make_call, call, TRUE), ==, call->expected);
  if (getuid () == 0)
    g_assert_cmpint (run_locked (make_call, call, FALSE), ==, call->expected);
}

static void
test_raw_calls (void)
{
  for (gsize i = 0; raw_calls[i].name != NULL; i++)
    check_call (&raw_calls[i]);
}

/* A socket of any family. */
static void
test_sockets (void)
{
  for (int family = 0; family < AF_MAX; family++) {
    RawCall call = {"socket", SYS_socket, {family, SOCK_DGRAM}, KILLED};

    g_assert_cmpint (run_locked (make_call, &call, TRUE), ==, KILLED);
  }
}

static int
find_hole (gconstpointer data)
{
  long hole = first_hole ();

  if (hole >= 0)
    g_printerr ("system call %ld is not refused with EPERM\n", hole);
  return hole >= 0;
}

/* What no list names fails with EPERM and leaves the process alive, call after call. */
static void
test_everything_else (void)
{
  g_assert_cmpint (run_locked (find_hole, NULL, TRUE), ==, 0);
  if (getuid () == 0)
    g_assert_cmpint (run_locked (find_hole, NULL, FALSE), ==, 0);
}

#ifdef __x86_64__
/* getpid() of the 32-bit table. */
static int
call_i386 (gconstpointer data)
{
  int result = 20;

  __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
  return result < 0;
}
#endif

static void
test_other_abi (void)
{
#ifdef __x86_64__
  g_assert_cmpint (run_locked (call_i386, NULL, TRUE), ==, KILLED);
#else
  g_test_skip ("of x86-64");
#endif
}

/* Locks a child down and keeps it waiting; @output is what it says once it is locked. */
static pid_t
start_locked (gboolean ordinary, QfuFd *hold)
{
  int down[2];
  int up[2];
  char byte;
  pid_t child;

  g_assert_cmpint (pipe (down), ==, 0);
  g_assert_cmpint (pipe (up), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0) {
    if (dup2 (down[0], 0) != 0 || dup2 (up[1], 1) != 1)
      _exit (CHILD_FAILED);
    if (ordinary)
      become_ordinary ();
    lock_or_exit ();
    byte = environ == NULL || environ[0] == NULL ? 'y' : 'n';
    _exit (write (1, &byte, 1) == 1 && read (0, &byte, 1) == 0 ? 0 : CHILD_FAILED);
  }
  close (down[0]);
  close (up[1]);
  g_assert_cmpint (read (up[0], &byte, 1), ==, 1);
  g_assert_true (byte == 'y');
  close (up[0]);
  *hold = down[1];
  return child;
}

static char *
proc_file (pid_t pid, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/%s", pid, name);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static void
check_layers (gboolean ordinary)
{
  g_auto (QfuFd) hold = -1;
  pid_t child = start_locked (ordinary, &hold);
  g_autofree char *status = proc_file (child, "status");
  g_autofree char *limits = proc_file (child, "limits");
  guint uid = !ordinary ? UID : getuid () == 0 ? ORDINARY_UID : getuid ();
  g_autofree char *ids = g_strdup_printf ("\nUid:\t%u\t%u\t%u\t%u\n", uid, uid, uid, uid);
  static const char *const in_status[] = {"\nNoNewPrivs:\t1\n", "\nSeccomp:\t2\n",
                                          "\nCapEff:\t0000000000000000\n",
                                          "\nCapPrm:\t0000000000000000\n"};
  static const char *const in_limits[] = {
#ifndef QFU_SANDBOX_NO_MEMORY_LIMIT
      "Max address space 268435456 268435456",
#endif
      "Max cpu time 5 5",
      "Max open files 3 3",
      "Max processes 0 0",
      "Max file size 0 0",
      "Max core file size 0 0",
  };
  g_autoptr (GRegex) blanks = g_regex_new (" +", 0, 0, NULL);
  g_autofree char *narrow = g_regex_replace_literal (blanks, limits, -1, 0, " ", 0, NULL);

  g_assert_nonnull (strstr (status, ids));
  if (!ordinary)
    g_assert_nonnull (strstr (status, "\nGroups:\t \n"));
  for (gsize i = 0; i < G_N_ELEMENTS (in_status); i++)
    g_assert_nonnull (strstr (status, in_status[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (in_limits); i++)
    g_assert_nonnull (strstr (narrow, in_limits[i]));
  if (getuid () == 0) {
    g_autofree char *path = g_strdup_printf ("/proc/%d/fd", child);
    g_autoptr (GDir) fds = g_dir_open (path, 0, NULL);
    guint count = 0;

    while (g_dir_read_name (fds) != NULL)
      count++;
    g_assert_cmpuint (count, ==, 3);
  }
  qfu_fd_clear (&hold);
  g_assert_cmpint (wait_for (child), ==, 0);
}

/* Each layer stands for itself: a hole in the list of system calls opens no file. */
static void
test_layers (void)
{
  check_layers (TRUE);
  if (getuid () == 0)
    check_layers (FALSE);
}

/* abort() must end as SIGABRT, so that dom0 can say what happened. */
static void
test_abort (void)
{
  pid_t child = fork ();

  if (child == 0) {
    become_ordinary ();
    lock_or_exit ();
    abort ();
  }
  g_assert_cmpint (wait_for (child), ==, -SIGABRT);
}

typedef struct {
  int call;
  int answer;
  const char *step;
  gboolean root;
} Refusal;

static const Refusal refusals[] = {
    {SCMP_SYS (close_range), EPERM, "close_range", FALSE},
    {SCMP_SYS (setgroups), EPERM, "setgroups", TRUE},
    {SCMP_SYS (setresgid), EPERM, "setresgid", TRUE},
    {SCMP_SYS (setresuid), EPERM, "setresuid", TRUE},
    {SCMP_SYS (prlimit64), EPERM, "setrlimit", FALSE},
    {SCMP_SYS (prctl), EPERM, "PR_SET_NO_NEW_PRIVS", FALSE},
    {SCMP_SYS (landlock_create_ruleset), EPERM, "landlock", FALSE},
    {SCMP_SYS (landlock_restrict_self), EPERM, "landlock", FALSE},
    {SCMP_SYS (seccomp), EPERM, "seccomp", FALSE},
    /* a kernel that has none of it, or has it switched off */
    {SCMP_SYS (landlock_create_ruleset), ENOSYS, "landlock", FALSE},
    {SCMP_SYS (landlock_create_ruleset), EOPNOTSUPP, "landlock", FALSE},
    {SCMP_SYS (close_range), ENOSYS, "close_range", FALSE},
};

static void
refuse_call (int call, int answer)
{
  scmp_filter_ctx ctx = seccomp_init (SCMP_ACT_ALLOW);

  if (ctx == NULL || seccomp_rule_add (ctx, SCMP_ACT_ERRNO ((guint16)answer), call, 0) != 0 ||
      seccomp_load (ctx) != 0)
    _exit (CHILD_FAILED);
}

/* In the child: 0 when the lock-down failed as it should, else a number that says what is wrong. */
static int
check_refusal (const Refusal *refusal)
{
  QfuSandboxSpec spec;
  g_autoptr (GError) error = NULL;
  gboolean names_drop_in;

  refuse_call (refusal->call, refusal->answer);
  if (!qfu_sandbox_spec_init (&spec, UID_TEXT, 256 * MIB, 5, &error))
    return 1;
  if (qfu_sandbox_lock (&spec, &error))
    return 2;
  if (!g_error_matches (error, QFU_ERROR, QFU_ERROR_SANDBOX))
    return 3;
  if (strstr (error->message, refusal->step) == NULL)
    return 4;
  names_drop_in =
      strstr (error->message,
              "/usr/lib/systemd/system/fwupd.service.d/qubes-fwupd.conf (SystemCallFilter)") !=
      NULL;
  return names_drop_in == (refusal->answer == EPERM) ? 0 : 5;
}

static void
test_refusals (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++) {
    pid_t child;

    if (refusals[i].root && getuid () != 0)
      continue;
    g_test_message ("%s, errno %d", refusals[i].step, refusals[i].answer);
    child = fork ();
    if (child == 0)
      _exit (check_refusal (&refusals[i]));
    g_assert_cmpint (wait_for (child), ==, 0);
  }
}

static void
test_users (void)
{
  static const char *const wrong[] = {"",        "-",     "root",         "60123",       "0:60123",
                                      "60123:0", "0:0",   "65534:60123",  "1:65534",     "60123:",
                                      ":60123",  "-1:1",  "1:-1",         "1:1:1",       "1 :1",
                                      "0x1:1",   "1:1\n", "4294967296:1", "2147483648:1"};

  if (getuid () != 0) {
    g_test_skip ("not root: nobody to become");
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++) {
    QfuSandboxSpec spec;
    g_autoptr (GError) error = NULL;

    g_assert_false (qfu_sandbox_spec_init (&spec, wrong[i], MIB, 1, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_SANDBOX);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; attempts[i].name != NULL; i++) {
    g_autofree char *path = g_strdup_printf ("/sandbox/%s", attempts[i].name);

    g_test_add_data_func (path, &attempts[i], test_attempt);
  }
  g_test_add_func ("/sandbox/raw-calls", test_raw_calls);
  g_test_add_func ("/sandbox/sockets", test_sockets);
  g_test_add_func ("/sandbox/everything-else", test_everything_else);
  g_test_add_func ("/sandbox/other-abi", test_other_abi);
  g_test_add_func ("/sandbox/layers", test_layers);
  g_test_add_func ("/sandbox/abort", test_abort);
  g_test_add_func ("/sandbox/refusals", test_refusals);
  g_test_add_func ("/sandbox/users", test_users);
  return g_test_run ();
}
