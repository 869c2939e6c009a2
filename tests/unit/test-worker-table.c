/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-worker-table.h"
#include "testconfig.h"

static void
test_names (void)
{
  QfuWorkerOp op;

  for (guint i = 0; i < QFU_N_OPS; i++) {
    const QfuWorkerLimits *limits = qfu_worker_limits ((QfuWorkerOp)i);

    g_assert_true (qfu_worker_op_from_name (limits->name, &op));
    g_assert_cmpuint (op, ==, i);
    g_assert_true (g_str_has_prefix (limits->program, "qfu-worker-"));
    g_assert_cmpuint (limits->memory, >, 0);
    g_assert_cmpuint (limits->output, >, 0);
    g_assert_cmpuint (limits->output, <, limits->memory);
    g_assert_cmpuint (limits->cpu, >, 0);
    g_assert_cmpuint (limits->seconds, >=, limits->cpu);
  }
  g_assert_false (qfu_worker_op_from_name ("no-such-op", &op));
}

/* Whoever is believed shares a process with nobody. */
static void
test_signature_alone (void)
{
  const char *program = qfu_worker_limits (QFU_OP_SIGNATURE)->program;

  g_assert_cmpstr (program, ==, "qfu-worker-signature");
  for (guint i = 0; i < QFU_N_OPS; i++) {
    if (i != QFU_OP_SIGNATURE)
      g_assert_cmpstr (qfu_worker_limits ((QfuWorkerOp)i)->program, !=, program);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/worker-table/names", test_names);
  g_test_add_func ("/worker-table/signature-alone", test_signature_alone);
  return g_test_run ();
}
