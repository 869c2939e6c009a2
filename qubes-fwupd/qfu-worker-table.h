/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * Everything that a worker can do, a row an op:
 *
 *   OP (NAME, name, program, inputs, memory, output, cpu, seconds, warm_up)
 *
 * NAME, name: QFU_OP_NAME is its number, qfu_parse_name() its parser, "name" its first argument.
 * program: qfu-worker-PROGRAM of libexec runs it. A program links the libraries of its own ops and
 *   no other. `signature` is the one that is believed: it is alone, with GLib and GnuTLS;
 * `quote` is believed about other machines, and has tpm2-tss's unmarshalling besides;
 * `metadata` is the one whose memory and time count, with GLib and the decompressors; `archive` has
 * the libraries with a large surface; `parse` has everything else. inputs: how many it needs at
 * least. memory, output: MiB of address space (RLIMIT_AS), and of all frames that it may send. cpu,
 * seconds: of processor time (RLIMIT_CPU), and in all. warm_up: what is called before the
 * lock-down, for what a library loads once; or NULL.
 */
#define QFU_WORKER_OPS(OP)                                                                         \
  OP (JCAT, jcat, parse, 1, 256, 8, 10, 30, NULL)                                                  \
  OP (SIGNATURE, signature, signature, 3, 512, 1, 30, 60, qfu_parse_signature_warm_up)             \
  OP (CATALOG, catalog, metadata, 1, 256, 128, 60, 120, NULL)                                      \
  OP (CAB, cab, archive, 1, 1024, 257, 60, 120, NULL)                                              \
  OP (METAINFO, metainfo, metadata, 1, 256, 2, 10, 30, NULL)                                       \
  OP (ROM, rom, parse, 1, 512, 8, 20, 60, NULL)                                                    \
  OP (EVENTLOG, eventlog, parse, 1, 256, 64, 10, 30, NULL)                                         \
  OP (CBTABLE, cbtable, parse, 1, 256, 1, 10, 30, NULL)                                            \
  OP (PACK, pack, archive, 3, 1024, 257, 30, 60, NULL)                                             \
  OP (MANIFEST, manifest, parse, 1, 256, 4, 10, 30, NULL)                                          \
  OP (CORIM, corim, parse, 1, 256, 4, 10, 30, NULL)                                                \
  OP (LUKS, luks, parse, 1, 256, 1, 10, 30, NULL)                                                  \
  OP (AEM, aem, parse, 1, 128, 1, 5, 10, NULL)                                                     \
  OP (QUOTE, quote, quote, 3, 256, 1, 10, 30, qfu_parse_quote_warm_up)                             \
  OP (ENROLMENT, enrolment, quote, 4, 256, 1, 10, 30, qfu_parse_quote_warm_up)                     \
  OP (PCRFILE, pcrfile, parse, 1, 256, 1, 10, 30, NULL)                                            \
  OP (REFVALS, refvals, parse, 1, 256, 8, 10, 30, NULL)                                            \
  OP (IFD, ifd, parse, 1, 128, 1, 5, 10, NULL)

/* QFU_OP_JCAT and so on, in the order of the rows, and their number. */
typedef enum {
#define QFU_WORKER_OP_NUMBER(NAME, ...) QFU_OP_##NAME,
  QFU_WORKER_OPS (QFU_WORKER_OP_NUMBER)
#undef QFU_WORKER_OP_NUMBER
      QFU_N_OPS,
} QfuWorkerOp;

/**
 * QfuWorkerLimits:
 * @name: the op's name
 * @program: the program of libexec that runs it
 * @memory: RLIMIT_AS in bytes
 * @output: bytes of all its frames; a worker that says more is ended
 * @cpu: RLIMIT_CPU in seconds
 * @seconds: wall-clock time that the caller gives it
 */
typedef struct {
  const char *name;
  const char *program;
  guint64 memory;
  guint64 output;
  guint cpu;
  guint seconds;
} QfuWorkerLimits;

const QfuWorkerLimits *qfu_worker_limits (QfuWorkerOp op);
/* The op called @name; %FALSE when there is none. */
gboolean qfu_worker_op_from_name (const char *name, QfuWorkerOp *op) G_GNUC_WARN_UNUSED_RESULT;
