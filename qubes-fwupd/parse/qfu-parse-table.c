/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse.h"

#include <string.h>

/* Everything that qfu-worker can parse; a row here, a file in this directory and a row of limits in
 * qfu-worker.c make an op. */
static const QfuParseOp ops[] = {
    {"jcat", 1, qfu_parse_jcat, NULL},         {"signature", 3, qfu_parse_signature, NULL},
    {"catalog", 1, qfu_parse_catalog, NULL},   {"cab", 1, qfu_parse_cab, NULL},
    {"metainfo", 1, qfu_parse_metainfo, NULL}, {"rom", 1, qfu_parse_rom, NULL},
    {"eventlog", 1, qfu_parse_eventlog, NULL}, {"pack", 3, qfu_parse_pack, NULL},
};

const QfuParseOp *
qfu_parse_op (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ops); i++) {
    if (strcmp (ops[i].name, name) == 0)
      return &ops[i];
  }
  return NULL;
}

const QfuParseOp *
qfu_parse_op_nth (gsize index)
{
  return index < G_N_ELEMENTS (ops) ? &ops[index] : NULL;
}
