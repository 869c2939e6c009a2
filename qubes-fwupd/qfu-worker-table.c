/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-worker-table.h"

#include "qfu-limits.h"

#include <string.h>

static const QfuWorkerLimits limits[QFU_N_OPS] = {
#define ROW(NAME, name, program, inputs, memory, output, cpu, seconds, warm_up)                    \
  {#name, "qfu-worker-" #program, (memory)*QFU_MIB, (output)*QFU_MIB, cpu, seconds},
    QFU_WORKER_OPS (ROW)
#undef ROW
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
