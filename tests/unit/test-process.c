/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-process.h"

#include "qfu-error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"
#include "testconfig.h"

#define PATIENCE 60 /* seconds, far more than anything needs on a busy machine */

#define DEADLINE_MS 300

static QfuProcess *
start (const char *script)
{
  g_auto (GStrv) words = g_strsplit (script, " ", -1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  QfuProcessSpec spec = {.what = "the peer"};
  g_autoptr (QfuProcess) process = NULL;

  g_ptr_array_add (argv, (gpointer)peer_path ());
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (argv, words[i]);
  g_ptr_array_add (argv, NULL);
  spec.argv = (const char *const *)argv->pdata;
  process = qfu_process_spawn (&spec, NULL);
  g_assert_nonnull (process);
  qfu_wire_set_deadlines (qfu_process_wire (process), 0, PATIENCE * 1000);
  return g_steal_pointer (&process);
}

/* We are the subreaper of whatever the peers leave; what was killed ends, all else is a fault. */
static void
expect_no_children (void)
{
  int status;

  (void)alarm (PATIENCE);
  while (waitpid (-1, &status, 0) >= 0)
    continue;
  g_assert_cmpint (errno, ==, ECHILD);
  (void)alarm (0);
}

/* Takes frames until END or an error; returns how many there were. */
static guint
drain (QfuProcess *process, GError **error)
{
  for (guint count = 0;; count++) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (process, &message, error) || message == NULL)
      return count;
  }
}

static void
test_good (void)
{
  g_autoptr (GError) error = NULL;

  {
    g_autoptr (QfuProcess) process = start ("hello data:100000 end:100000");

    g_assert_cmpuint (drain (process, &error), ==, 3);
    g_assert_no_error (error);
  }
  expect_no_children ();
}

static void
test_bad_ends (void)
{
  static const struct {
    const char *script;
    QfuError code;
    const char *text;
  } cases[] = {
      {"hello", QFU_ERROR_INTERNAL, "status 0"},
      {"hello exit:3", QFU_ERROR_INTERNAL, "status 3"},
      {"hello signal:9", QFU_ERROR_INTERNAL, "signal 9"},
      {"hello signal:15", QFU_ERROR_INTERNAL, "signal 15"},
      {"hello header:5,100 raw:cut", QFU_ERROR_INTERNAL, "status 0"},
      {"hello end:0 exit:1", QFU_ERROR_INTERNAL, "status 1"},
      {"hello end:0 raw:x", QFU_ERROR_PROTOCOL, "after the end"},
      {"hello end:0 hello", QFU_ERROR_PROTOCOL, "after the end"},
      {"hello error:7", QFU_ERROR_FORMAT, "format"},
      {"hello error:8", QFU_ERROR_PROTOCOL, "not its to send (mismatch)"},
      {"hello error:11", QFU_ERROR_PROTOCOL, "not its to send (nothing-to-do)"},
      {"hello error:999", QFU_ERROR_INTERNAL, "internal"},
      {"header:5,65537", QFU_ERROR_PROTOCOL, "too long"},
      {"header:5,4294967295 hang", QFU_ERROR_PROTOCOL, "too long"},
      {"header:99,0", QFU_ERROR_PROTOCOL, "unknown type"},
      {"endless:empty", QFU_ERROR_PROTOCOL, "without bytes"},
      {"raw:Permission-denied", QFU_ERROR_PROTOCOL, "unknown type"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    {
      g_autoptr (QfuProcess) process = start (cases[i].script);
      (void)drain (process, &error);
    }
    g_test_message ("%s: %s", cases[i].script, error == NULL ? "no error" : error->message);
    g_assert_error (error, QFU_ERROR, (int)cases[i].code);
    g_assert_nonnull (strstr (error->message, cases[i].text));
    g_assert_nonnull (strstr (error->message, "the peer"));
    expect_no_children ();
  }
}

/* Each of these would hold us for ever. */
static void
test_deadlines (void)
{
  static const char *const scripts[] = {
      "hang",
      "hello header:5,100 raw:half hang",
      "hello end:0 hang",
      "hello end:0 close hang",
      "hello close hang",
      "hello child:1 end:0", /* its child keeps the output open */
      "endless:progress",
      "endless:drip",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++) {
    g_autoptr (GError) error = NULL;
    gint64 begin = g_get_monotonic_time ();

    {
      g_autoptr (QfuProcess) process = start (scripts[i]);

      qfu_wire_set_deadlines (qfu_process_wire (process), 0, DEADLINE_MS);
      (void)drain (process, &error);
    }
    g_test_message ("%s: %s", scripts[i], error == NULL ? "no error" : error->message);
    g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
    g_assert_cmpint (g_get_monotonic_time () - begin, <, PATIENCE * G_USEC_PER_SEC);
    expect_no_children ();
  }
}

/* A grandchild that holds nothing of ours goes with the group, also after a good end. */
static void
test_group (void)
{
  g_autoptr (GError) error = NULL;

  {
    g_autoptr (QfuProcess) process = start ("hello child:0 end:0");

    (void)drain (process, &error);
    g_assert_no_error (error);
  }
  expect_no_children ();
}

static void
test_collect (void)
{
  static const struct {
    const char *script;
    guint64 size;
    QfuError code; /* 0: good */
  } cases[] = {
      {"data:100000 end:0", 100000, 0},         {"end:0", 0, 0},
      {"data:9 end:0", 10, QFU_ERROR_PROTOCOL}, {"data:11 end:0", 10, QFU_ERROR_LIMIT},
      {"hello", 10, QFU_ERROR_PROTOCOL},        {"data:9 signal:9", 10, QFU_ERROR_INTERNAL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuProcess) process = start (cases[i].script);
    g_autoptr (QfuUntrustedBlob) blob = qfu_process_collect (process, cases[i].size, &error);

    if (cases[i].code == 0) {
      g_assert_no_error (error);
      g_assert_cmpuint (qfu_untrusted_blob_size (blob), ==, cases[i].size);
    } else {
      g_assert_null (blob);
      g_assert_error (error, QFU_ERROR, (int)cases[i].code);
    }
  }
  expect_no_children ();
}

/* Field 6 of its stat is the session, field 7 the terminal: a client of ssh must not find one to
 * ask for a password. */
static void
test_session (void)
{
  static const char *const argv[] = {
      "/bin/sh", "-c",
      "read -r pid name state parent group session terminal rest "
      "</proc/self/stat && test $pid.$group.0 = $session.$session.$terminal",
      NULL};
  const QfuProcessSpec spec = {.argv = argv, .what = "sh"};
  g_autoptr (QfuProcess) process = qfu_process_spawn (&spec, NULL);
  int status;

  g_assert_nonnull (process);
  qfu_wire_set_deadlines (qfu_process_wire (process), 0, PATIENCE * 1000);
  g_assert_true (qfu_process_finish (process, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

static void
test_start (void)
{
  static const char *const argv[] = {"/nonexistent/program", NULL};
  QfuProcessSpec spec = {.argv = argv, .what = "nobody"};
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_process_spawn (&spec, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  g_assert_nonnull (strstr (error->message, "nobody"));
}

static void
test_inputs (void)
{
  static const char *const argv[] = {"/bin/cat", "/dev/fd/3", "/dev/fd/4", NULL};
  QfuProcessSpec spec = {.argv = argv, .what = "cat", .n_inputs = 2};
  g_autoptr (QfuBlobBuilder) one = qfu_blob_builder_new (99, NULL);
  g_autoptr (QfuBlobBuilder) two = qfu_blob_builder_new (99, NULL);
  g_autoptr (QfuUntrustedBlob) a = NULL;
  g_autoptr (QfuUntrustedBlob) b = NULL;
  g_autoptr (GError) error = NULL;

  /* together they are one empty END frame */
  g_assert_true (qfu_blob_builder_append (one, "\6\0\1", 3, NULL));
  g_assert_true (qfu_blob_builder_append (two, "\0\0\0\0\0", 5, NULL));
  a = qfu_blob_builder_finish (g_steal_pointer (&one), NULL);
  spec.inputs[0] = a;
  b = qfu_blob_builder_finish (g_steal_pointer (&two), NULL);
  spec.inputs[1] = b;
  {
    g_autoptr (QfuProcess) process = qfu_process_spawn (&spec, NULL);

    g_assert_cmpuint (drain (process, &error), ==, 0);
    g_assert_no_error (error);
  }
  expect_no_children ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1), ==, 0);
  g_test_add_func ("/process/good", test_good);
  g_test_add_func ("/process/bad-ends", test_bad_ends);
  g_test_add_func ("/process/deadlines", test_deadlines);
  g_test_add_func ("/process/group", test_group);
  g_test_add_func ("/process/collect", test_collect);
  g_test_add_func ("/process/start", test_start);
  g_test_add_func ("/process/session", test_session);
  g_test_add_func ("/process/inputs", test_inputs);
  return g_test_run ();
}
