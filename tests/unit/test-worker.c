/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-worker.h"
#include "testconfig.h"

#include <string.h>

static void
test_names (void)
{
  QfuWorkerOp op;

  for (guint i = 0; i <= QFU_OP_LAST; i++) {
    const QfuWorkerLimits *limits = qfu_worker_limits ((QfuWorkerOp)i);

    g_assert_true (qfu_worker_op_from_name (limits->name, &op));
    g_assert_cmpuint (op, ==, i);
    g_assert_cmpuint (limits->memory, >, 0);
    g_assert_cmpuint (limits->cpu, >, 0);
    g_assert_cmpuint (limits->seconds, >=, limits->cpu);
  }
  g_assert_false (qfu_worker_op_from_name ("no-such-op", &op));
}

static GError *
start_and_read (const QfuConfig *config)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("garbage", 7);
  const QfuUntrustedBlob *const inputs[] = {blob};
  g_autoptr (QfuProcess) worker = NULL;
  g_autoptr (QfuMessage) message = NULL;
  GError *error = NULL;

  worker = qfu_worker_start (config, QFU_OP_JCAT, NULL, inputs, 1, &error);
  if (worker != NULL)
    g_assert_false (qfu_process_next (worker, &message, &error));
  g_assert_nonnull (error);
  return error;
}

static void
test_start (void)
{
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, G_STRINGIFY (TEST_WORKER_UID));
  g_autoptr (GError) garbage = start_and_read (config);
  g_autoptr (GError) absent = NULL;

  g_assert_error (garbage, QFU_ERROR, QFU_ERROR_FORMAT);
  g_assert_true (g_str_has_prefix (garbage->message, "the worker for jcat: "));
  g_free (config->programs);
  config->programs = g_strdup (directory);
  absent = start_and_read (config);
  g_assert_error (absent, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  test_directory_remove (directory);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/names", test_names);
  g_test_add_func ("/worker/start", test_start);
  return g_test_run ();
}
