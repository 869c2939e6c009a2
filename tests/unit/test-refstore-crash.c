/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kills a writer at each of its system calls that change something, before and after the call, and
 * looks at what is left. */

#include "refstore-fixture.h"
#include "testconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANOTHER_BOOT "99999999-2222-3333-4444-555555555555"
#define MAX_ENTRIES 12

/* What a writer does to a store that was prepared, and the states that may be left, by the number
 * of entries; %NULL: never. */
typedef struct {
  const char *name;
  void (*prepare) (const Fixture *fixture);
  gboolean (*write) (QfuRefStore *store);
  int entries; /* that it writes */
  const char *outcomes[MAX_ENTRIES];
} Walk;

static void
prepare_nothing (const Fixture *fixture)
{
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);

  g_assert_cmpuint (qfu_refstore_records (store)->len, ==, 0);
}

static void
prepare_pending (const Fixture *fixture)
{
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);

  fixture_stage (store, "a");
}

static void
advance (QfuRefStore *store, QfuRefState last)
{
  static const QfuRefState way[] = {QFU_REF_CONSUMED, QFU_REF_WRITTEN, QFU_REF_CURRENT};
  guint id = fixture_stage (store, "a");

  for (gsize i = 0; i < G_N_ELEMENTS (way) && way[i] <= last; i++)
    g_assert_true (qfu_refstore_move (store, id, way[i], "", NULL));
}

/* 1 current, 5 written */
static void
prepare_written (const Fixture *fixture)
{
  g_autoptr (QfuRefStore) store = fixture_open (fixture, TRUE);

  advance (store, QFU_REF_CURRENT);
  advance (store, QFU_REF_WRITTEN);
}

static gboolean
stage_and_consume (QfuRefStore *store)
{
  QfuRefBinding binding = fixture_binding ("b");
  guint id;

  if (!qfu_refstore_stage (store, fixture_record ("b"), &id, NULL))
    return FALSE;
  binding.now = g_get_real_time () / G_USEC_PER_SEC;
  return qfu_refstore_consume (store, &binding, &id, NULL);
}

/* Without a forecast, then with the vendor's word alone. */
static gboolean
stage_other_bases (QfuRefStore *store)
{
  QfuRefRecord *unpredicted = fixture_record ("b");
  QfuRefRecord *declared = fixture_record ("c");
  QfuDigest value;
  guint id;

  qfu_digest_compute (QFU_HASH_SHA256, "x", 1, &value);
  qfu_ref_record_unpredicted (unpredicted, "test");
  qfu_ref_record_declared (declared, &value, "test");
  return qfu_refstore_stage (store, unpredicted, &id, NULL) &&
         qfu_refstore_stage (store, declared, &id, NULL);
}

static gboolean
learn (QfuRefStore *store)
{
  QfuRefRecord *record = fixture_record ("b");
  guint id;

  qfu_ref_record_set (&record->boot_id, ANOTHER_BOOT);
  return qfu_refstore_learn (store, record, &id, NULL);
}

static gboolean
settle (QfuRefStore *store)
{
  return qfu_refstore_move (store, 5, QFU_REF_CURRENT, "", NULL);
}

static gboolean
fail_and_learn (QfuRefStore *store)
{
  return qfu_refstore_move (store, 5, QFU_REF_FAILED, "", NULL) && learn (store);
}

static const Walk walks[] = {
    {"stage-and-consume",
     prepare_pending,
     stage_and_consume,
     3,
     {NULL, "1 pending", "1 abandoned", "1 abandoned, 3 pending", "1 abandoned, 3 consumed"}},
    {"other-bases",
     prepare_nothing,
     stage_other_bases,
     3,
     {"", "1 pending", "1 abandoned", "1 abandoned, 3 pending"}},
    {"learn",
     prepare_written,
     learn,
     3,
     {NULL, NULL, NULL, NULL, NULL, NULL, NULL, "1 current, 5 written",
      "1 superseded, 5 superseded, 8 current", "1 superseded, 5 superseded, 8 current",
      "1 superseded, 5 superseded, 8 current"}},
    {"settle",
     prepare_written,
     settle,
     2,
     {NULL, NULL, NULL, NULL, NULL, NULL, NULL, "1 current, 5 written", "1 superseded, 5 current",
      "1 superseded, 5 current"}},
    {"fail-and-learn",
     prepare_written,
     fail_and_learn,
     3,
     {NULL, NULL, NULL, NULL, NULL, NULL, NULL, "1 current, 5 written", "1 current, 5 failed",
      "1 superseded, 5 failed, 9 current", "1 superseded, 5 failed, 9 current"}},
};

static gboolean
write_all (const Fixture *fixture, const Walk *walk)
{
  g_autoptr (QfuRefStore) store = qfu_refstore_open (fixture, TRUE, NULL);

  return store != NULL && walk->write (store);
}

static pid_t
start_writer (const Fixture *fixture, const Walk *walk)
{
  pid_t child = fork ();

  if (child != 0)
    return child;
  if (ptrace (PTRACE_TRACEME, 0, NULL, NULL) != 0)
    _exit (77);
  raise (SIGSTOP);
  _exit (write_all (fixture, walk) ? 0 : 1);
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
run_writer (const Fixture *fixture, const Walk *walk, int at, gboolean behind)
{
  pid_t child = start_writer (fixture, walk);
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

/* Opens what is left, compares it with the outcomes, and uses it. Returns the number of entries. */
static guint
inspect (const Fixture *fixture, const Walk *walk)
{
  guint entries = fixture_entries (fixture);
  g_autoptr (QfuRefStore) store = fixture_open (fixture, FALSE);
  g_autofree char *states = fixture_states (store);

  g_assert_cmpuint (entries, <, MAX_ENTRIES);
  g_assert_nonnull (walk->outcomes[entries]);
  g_assert_cmpstr (states, ==, walk->outcomes[entries]);
  g_clear_pointer (&store, qfu_refstore_close);
  store = fixture_open (fixture, TRUE);
  fixture_stage (store, "c");
  g_assert_nonnull (qfu_refstore_latest (store, QFU_REF_PENDING));
  return entries;
}

static void
check_kills (const Walk *walk, int calls, gboolean behind, guint whole)
{
  guint before = 0;

  for (int at = 1; at <= calls; at++) {
    g_autoptr (Fixture) fixture = fixture_new ();
    guint entries;

    walk->prepare (fixture);
    g_assert_cmpint (run_writer (fixture, walk, at, behind), ==, at);
    entries = inspect (fixture, walk);
    g_assert_cmpuint (entries, >=, before);
    before = entries;
  }
  g_assert_cmpuint (before, ==, whole);
}

static void
test_kill (const Walk *walk, gboolean behind)
{
  g_autoptr (Fixture) whole = fixture_new ();
  guint first;
  guint last;
  int calls;

  walk->prepare (whole);
  first = fixture_entries (whole);
  calls = run_writer (whole, walk, 0, behind);
  if (calls < 0) {
    g_test_skip ("the kernel does not let this user trace");
    return;
  }
  last = inspect (whole, walk);
  g_assert_cmpuint (last, ==, first + (guint)walk->entries);
  /* the lock; for each entry what was left is removed, a file, its bytes, their way to the disk,
   * the name, and its way there */
  g_assert_cmpint (calls, ==, 1 + walk->entries * 6);
  check_kills (walk, calls, behind, last);
}

static void
test_before (gconstpointer data)
{
  test_kill (data, FALSE);
}

static void
test_behind (gconstpointer data)
{
  test_kill (data, TRUE);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (walks); i++) {
    g_autofree char *before = g_strdup_printf ("/refstore-crash/%s/before-the-call", walks[i].name);
    g_autofree char *behind = g_strdup_printf ("/refstore-crash/%s/behind-the-call", walks[i].name);

    g_test_add_data_func (before, &walks[i], test_before);
    g_test_add_data_func (behind, &walks[i], test_behind);
  }
  return g_test_run ();
}
