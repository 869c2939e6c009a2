/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-process.h"
#include "qfu-worker-table.h"

/**
 * qfu_worker_start:
 * @config: where the worker lies and whom it becomes
 * @op: what to parse
 * @arguments: (nullable): an ARGUMENTS message, sent before anything else; %NULL sends an empty one
 * @inputs: (array length=n_inputs): the bytes to parse
 * @n_inputs: how many
 *
 * Starts the program of @op, which locks itself down. Read its claims with qfu_process_next().
 */
QfuProcess *qfu_worker_start (const QfuConfig *config,
                              QfuWorkerOp op,
                              const QfuMessage *arguments,
                              const QfuUntrustedBlob *const *inputs,
                              gsize n_inputs,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
