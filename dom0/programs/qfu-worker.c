/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qfu-worker-PROGRAM OP N_INPUTS UID:GID: the only processes in dom0 that parse foreign bytes. Each
 * maps its inputs, gives up everything that could do harm, and only then reads its arguments and
 * the first byte of an input. The programs differ in their ops (qfu-worker-table.h) alone. */
#include "parse/qfu-parse.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-process.h"
#include "qfu-sandbox.h"
#include "qfu-wire.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define FIRST_INPUT_FD 3

typedef struct {
  const QfuParseOp *op;
  const QfuWorkerLimits *limits;
  gsize n_inputs;
  QfuParseInput inputs[QFU_PROCESS_INPUTS_MAX];
} Work;

static gboolean
read_command_line (Work *work, int argc, char **argv, GError **error)
{
  QfuWorkerOp op;
  guint64 n_inputs;

  if (argc != 4 || !qfu_worker_op_from_name (argv[1], &op) ||
      !g_ascii_string_to_unsigned (argv[2], 10, 0, QFU_PROCESS_INPUTS_MAX, &n_inputs, NULL)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE,
                         "usage: qfu-worker-PROGRAM OP N_INPUTS UID:GID");
    return FALSE;
  }
  work->limits = qfu_worker_limits (op);
  work->op = qfu_parse_op (argv[1]);
  work->n_inputs = (gsize)n_inputs;
  if (work->op == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED, "%s is an op of %s", argv[1],
                 work->limits->program);
    return FALSE;
  }
  if (work->n_inputs < work->op->min_inputs) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s needs %zu inputs", argv[1],
                 work->op->min_inputs);
    return FALSE;
  }
  return TRUE;
}

static gboolean
map_input (int fd, QfuParseInput *input, GError **error)
{
  struct stat st;
  void *map;

  if (!qfu_fd_sealed (fd)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_SANDBOX, "input %d is not sealed memory",
                 fd - FIRST_INPUT_FD);
    return FALSE;
  }
  if (fstat (fd, &st) != 0)
    return qfu_error_errno (error, errno, "input %d", fd - FIRST_INPUT_FD);
  input->size = (gsize)st.st_size;
  if (input->size == 0)
    return TRUE;
  /* private: kernels before 6.7 refuse shared mappings of sealed memory */
  map = mmap (NULL, input->size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (map == MAP_FAILED)
    return qfu_error_errno (error, errno, "mapping input %d", fd - FIRST_INPUT_FD);
  input->data = map;
  return TRUE;
}

static gboolean
prepare (Work *work, int argc, char **argv, GError **error)
{
  QfuSandboxSpec spec;

  if (!read_command_line (work, argc, argv, error) ||
      !qfu_sandbox_spec_init (&spec, argv[3], work->limits->memory, work->limits->cpu, error))
    return FALSE;
  for (gsize i = 0; i < work->n_inputs; i++) {
    if (!map_input (FIRST_INPUT_FD + (int)i, &work->inputs[i], error))
      return FALSE;
  }
  if (work->op->warm_up != NULL)
    work->op->warm_up ();
  return qfu_sandbox_lock (&spec, error);
}

static gboolean
emit (gpointer user, const QfuMessage *message, GError **error)
{
  return qfu_wire_send (user, message, error);
}

static gboolean
emit_data (gpointer user, const guint8 *data, gsize size, GError **error)
{
  return qfu_wire_send_data (user, data, size, error);
}

static gboolean
run (QfuWire *wire, int argc, char **argv, GError **error)
{
  Work work = {0};
  QfuParseSink sink = {emit, emit_data, wire};
  g_autoptr (QfuMessage) arguments = NULL;

  if (!prepare (&work, argc, argv, error))
    return FALSE;
  arguments = qfu_wire_receive (wire, error);
  if (arguments == NULL)
    return FALSE;
  if (qfu_message_type (arguments) != QFU_FRAME_ARGUMENTS) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s instead of ARGUMENTS",
                 qfu_message_name (arguments));
    return FALSE;
  }
  qfu_wire_set_batching (wire);
  return work.op->parse (arguments, work.inputs, work.n_inputs, &sink, error) &&
         qfu_wire_send_end (wire, error);
}

int
main (int argc, char **argv)
{
  QfuWire *wire = qfu_wire_new (STDIN_FILENO, STDOUT_FILENO);
  g_autoptr (GError) problem = NULL;

  if (run (wire, argc, argv, &problem))
    _exit (0); /* no exit handlers of libraries: they would run on what an input left behind */
  if (!qfu_wire_send_error (wire, problem, NULL))
    _exit (2);
  _exit (1);
}
