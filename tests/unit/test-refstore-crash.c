/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kills a writer at each of its system calls that change something, before and after the call, and
 * looks at what is left. */

#include "refstore-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the writer does: abandon 1, stage 3, consume 3; the states that may be left, by entries. */
static const char *const outcomes[] = {
    NULL, "1 pending", "1 abandoned", "1 abandoned, 3 pending", "1 abandoned, 3 consumed",
};

static gboolean
stage_and_consume (const Fixture *fixture)
{
  QfuRefBinding binding = fixture_binding ("b");
  g_autoptr (QfuRefStore) store = qfu_refstore_open (fixture, TRUE, NULL);
  guint id;

  if (store == NULL || !qfu_refstore_stage (store, fixture_record ("b"), &id, NULL))
    return FALSE;
  binding.now = g_get_real_time () / G_USEC_PER_SEC;
  return qfu_refstore_consume (store, &binding, &id, NULL);
}

static pid_t
start_writer (const Fixture *fixture)
{
  pid_t child = fork ();

  if (child != 0)
    return child;
  if (ptrace (PTRACE_TRACEME, 0, NULL, NULL) != 0)
    _exit (77);
  raise (SIGSTOP);
  _exit (stage_and_consume (fixture) ? 0 : 1);
}

static gboolean
changes_something (const struct __ptrace_syscall_info *call)
{
  switch (call->entry.nr) {
  case SYS_openat:
    return (call->entry.args[2] & O_CREAT) != 0;
#ifdef SYS_renameat
  case SYS_renameat:
#endif
  case SYS_write:
  case SYS_fsync:
  case SYS_renameat2:
  case SYS_mkdirat:
  case SYS_unlinkat:
  case SYS_ftruncate:
    return TRUE;
  default:
    return FALSE;
  }
}

/* Lets the child run to its next stop, unless it was killed; %FALSE when it has ended. */
static gboolean
next_stop (pid_t child, gboolean killed, int *status)
{
  if (!killed)
    g_assert_cmpint (ptrace (PTRACE_SYSCALL, child, NULL, NULL), ==, 0);
  g_assert_cmpint (waitpid (child, status, 0), ==, child);
  return WIFSTOPPED (*status);
}

/* Runs the writer and kills it at its call number @at (from 1; 0: never), before the call or behind
 * it. Returns how many such calls there were, -1 when the kernel allows no tracing. */
static int
run_writer (const Fixture *fixture, int at, gboolean behind)
{
  pid_t child = start_writer (fixture);
  gboolean last = FALSE;
  gboolean killed = FALSE;
  int status;
  int calls = 0;

  g_assert_cmpint (child, >, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WIFEXITED (status))
    return -1;
  g_assert_cmpint (
      ptrace (PTRACE_SETOPTIONS, child, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)),
      ==, 0);
  while (next_stop (child, killed, &status)) {
    struct __ptrace_syscall_info call = {0};

    g_assert_cmpint (WSTOPSIG (status), ==, SIGTRAP | 0x80);
    g_assert_cmpint (ptrace (PTRACE_GET_SYSCALL_INFO, child, (void *)sizeof call, &call), >, 0);
    if (call.op == PTRACE_SYSCALL_INFO_ENTRY && changes_something (&call))
      last = ++calls == at;
    killed = last && call.op == (behind ? PTRACE_SYSCALL_INFO_EXIT : PTRACE_SYSCALL_INFO_ENTRY);
    if (killed)
      g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  }
  if (at == 0)
    g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  else
    g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  return calls;
}

static void
prepare (const Fixture *fixture)
{
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);

  fixture_stage (store, "a");
}

/* Opens what is left, compares it with the outcomes, and uses it. Returns the number of entries. */
static guint
inspect (const Fixture *fixture)
{
  guint entries = fixture_entries (fixture);
  g_autoptr (QfuRefStore) store = fixture_open (fixture, FALSE);
  g_autofree char *states = fixture_states (store);

  g_assert_cmpuint (entries, >=, 1);
  g_assert_cmpuint (entries, <, G_N_ELEMENTS (outcomes));
  g_assert_cmpstr (states, ==, outcomes[entries]);
  g_clear_pointer (&store, qfu_refstore_close);
  store = fixture_open (fixture, TRUE);
  fixture_stage (store, "c");
  g_assert_nonnull (qfu_refstore_latest (store, QFU_REF_PENDING));
  return entries;
}

static void
test_kill (gconstpointer data)
{
  gboolean behind = GPOINTER_TO_INT (data);
  g_autoptr (Fixture) whole = fixture_new ();
  guint before = 1;
  int calls;

  prepare (whole);
  calls = run_writer (whole, 0, behind);
  if (calls < 0) {
    g_test_skip ("the kernel does not let this user trace");
    return;
  }
  g_assert_cmpuint (inspect (whole), ==, 4);
  /* the lock; for each of three entries a file, its bytes, their way to the disk and the name */
  g_assert_cmpint (calls, ==, 1 + 3 * 5);
  for (int at = 1; at <= calls; at++) {
    g_autoptr (Fixture) fixture = fixture_new ();
    guint entries;

    prepare (fixture);
    g_assert_cmpint (run_writer (fixture, at, behind), ==, at);
    entries = inspect (fixture);
    g_assert_cmpuint (entries, >=, before);
    before = entries;
  }
  g_assert_cmpuint (before, ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/refstore-crash/before-the-call", GINT_TO_POINTER (FALSE), test_kill);
  g_test_add_data_func ("/refstore-crash/behind-the-call", GINT_TO_POINTER (TRUE), test_kill);
  return g_test_run ();
}
