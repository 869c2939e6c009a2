/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse.h"

#include <string.h>

/* The rows of qfu-worker-table.h. A worker program is built with those of its own ops alone, tests
 * and fuzzers with all: QFU_ROWS_signature and so on are ROW or NO_ROW. What has no row here is not
 * linked. */
static const QfuParseOp ops[] = {
#define ROW(name, inputs, warm_up) {#name, inputs, qfu_parse_##name, warm_up},
#define NO_ROW(name, inputs, warm_up)
#define OP(NAME, name, program, inputs, memory, output, cpu, seconds, warm_up)                     \
  QFU_ROWS_##program (name, inputs, warm_up)
    QFU_WORKER_OPS (OP)};

const QfuParseOp *
qfu_parse_op (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ops); i++) {
    if (strcmp (ops[i].name, name) == 0)
      return &ops[i];
  }
  return NULL;
}
