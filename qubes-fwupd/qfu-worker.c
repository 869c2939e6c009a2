/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-worker.h"

#include "qfu-error.h"
#include "qfu-limits.h"

#include <string.h>

static const QfuWorkerLimits limits[QFU_OP_LAST + 1] = {
    [QFU_OP_JCAT] = {"jcat", 256 * QFU_MIB, 8 * QFU_MIB, 10, 30},
    [QFU_OP_SIGNATURE] = {"signature", 512 * QFU_MIB, 1 * QFU_MIB, 30, 60},
    [QFU_OP_CATALOG] = {"catalog", 1024 * QFU_MIB, 128 * QFU_MIB, 60, 120},
    [QFU_OP_CAB] = {"cab", 1024 * QFU_MIB, 257 * QFU_MIB, 60, 120},
    [QFU_OP_METAINFO] = {"metainfo", 256 * QFU_MIB, 2 * QFU_MIB, 10, 30},
    [QFU_OP_ROM] = {"rom", 512 * QFU_MIB, 8 * QFU_MIB, 20, 60},
    [QFU_OP_EVENTLOG] = {"eventlog", 256 * QFU_MIB, 64 * QFU_MIB, 10, 30},
    [QFU_OP_PACK] = {"pack", 1024 * QFU_MIB, 257 * QFU_MIB, 30, 60},
};

const QfuWorkerLimits *
qfu_worker_limits (QfuWorkerOp op)
{
  return &limits[op];
}

gboolean
qfu_worker_op_from_name (const char *name, QfuWorkerOp *op)
{
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++) {
    if (strcmp (limits[i].name, name) == 0) {
      *op = (QfuWorkerOp)i;
      return TRUE;
    }
  }
  return FALSE;
}

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
  g_autofree char *program = qfu_config_program (config, "qfu-worker");
  g_autofree char *what = g_strdup_printf ("the worker for %s", limits[op].name);
  g_autofree char *count = g_strdup_printf ("%zu", n_inputs);
  const char *const argv[] = {program, limits[op].name, count, config->worker_user, NULL};
  QfuProcessSpec spec = {
      .argv = argv, .n_inputs = n_inputs, .output_max = limits[op].output, .what = what};
  g_autoptr (QfuProcess) process = NULL;

  g_assert (n_inputs <= QFU_PROCESS_INPUTS_MAX);
  for (gsize i = 0; i < n_inputs; i++)
    spec.inputs[i] = inputs[i];
  process = qfu_process_spawn (&spec, error);
  if (process == NULL)
    return NULL;
  qfu_wire_set_deadlines (qfu_process_wire (process), 0, limits[op].seconds * 1000);
  /* a worker that fails before it reads has already said why on its side of the wire */
  if (!send_arguments (process, arguments, error) &&
      (error == NULL || !g_error_matches (*error, QFU_ERROR, QFU_ERROR_UNREACHABLE)))
    return NULL;
  g_clear_error (error);
  return g_steal_pointer (&process);
}
