/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-process.h"

/**
 * QfuWorkerOp:
 *
 * What qfu-worker can parse. Every row has a name (its first argument) and limits for the process
 * that runs it.
 */
typedef enum {
  QFU_OP_JCAT,
  QFU_OP_SIGNATURE,
  QFU_OP_CATALOG,
  QFU_OP_CAB,
  QFU_OP_METAINFO,
  QFU_OP_ROM,
  QFU_OP_EVENTLOG,
  QFU_OP_PACK,
  QFU_OP_LAST = QFU_OP_PACK
} QfuWorkerOp;

/**
 * QfuWorkerLimits:
 * @name: the op's name
 * @memory: RLIMIT_AS in bytes
 * @output: bytes of all its frames; a worker that says more is ended
 * @cpu: RLIMIT_CPU in seconds
 * @seconds: wall-clock time that the caller gives it
 */
typedef struct {
  const char *name;
  guint64 memory;
  guint64 output;
  guint cpu;
  guint seconds;
} QfuWorkerLimits;

const QfuWorkerLimits *qfu_worker_limits (QfuWorkerOp op);
/* The op called @name; %FALSE when there is none. */
gboolean qfu_worker_op_from_name (const char *name, QfuWorkerOp *op) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_worker_start:
 * @config: where the worker lies and whom it becomes
 * @op: what to parse
 * @arguments: (nullable): an ARGUMENTS message, sent before anything else; %NULL sends an empty one
 * @inputs: (array length=n_inputs): the bytes to parse
 * @n_inputs: how many
 *
 * Starts a locked-down worker. Read its claims with qfu_process_next().
 */
QfuProcess *qfu_worker_start (const QfuConfig *config,
                              QfuWorkerOp op,
                              const QfuMessage *arguments,
                              const QfuUntrustedBlob *const *inputs,
                              gsize n_inputs,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
