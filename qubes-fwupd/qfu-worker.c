/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-worker.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-worker-user.h"

static gboolean
send_arguments (QfuProcess *process, const QfuMessage *arguments, GError **error)
{
  g_autoptr (QfuMessage) none = qfu_message_new (QFU_FRAME_ARGUMENTS);

  return qfu_wire_send (qfu_process_wire (process), arguments != NULL ? arguments : none, error);
}

QfuProcess *
qfu_worker_start (const QfuConfig *config,
                  QfuWorkerOp op,
                  const QfuMessage *arguments,
                  const QfuUntrustedBlob *const *inputs,
                  gsize n_inputs,
                  GError **error)
{
  const QfuWorkerLimits *limits = qfu_worker_limits (op);
  g_autofree char *program = qfu_config_program (config, limits->program);
  g_autofree char *what = g_strdup_printf ("the worker for %s", limits->name);
  g_autofree char *count = g_strdup_printf ("%zu", n_inputs);
  const char *user = qfu_worker_user (config->worker_user, error);
  const char *const argv[] = {program, limits->name, count, user, NULL};
  QfuProcessSpec spec = {
      .argv = argv, .n_inputs = n_inputs, .output_max = limits->output, .what = what};
  g_autoptr (QfuProcess) process = NULL;

  g_assert (n_inputs <= QFU_PROCESS_INPUTS_MAX);
  if (user == NULL)
    return NULL;
  for (gsize i = 0; i < n_inputs; i++)
    spec.inputs[i] = inputs[i];
  process = qfu_process_spawn (&spec, error);
  if (process == NULL)
    return NULL;
  qfu_wire_set_deadlines (qfu_process_wire (process), 0, limits->seconds * 1000);
  /* a worker that fails before it reads has already said why on its side of the wire */
  if (!send_arguments (process, arguments, error) &&
      (error == NULL || !g_error_matches (*error, QFU_ERROR, QFU_ERROR_UNREACHABLE)))
    return NULL;
  g_clear_error (error);
  return g_steal_pointer (&process);
}
