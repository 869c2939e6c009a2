/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-child.h"

#include "qfu-error.h"
#include "qfu-fd.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define FIRST_INPUT 3

static const QfuChildOp *
find_op (const char *name, const QfuChildOp *ops, gsize n_ops)
{
  for (gsize i = 0; i < n_ops; i++) {
    if (strcmp (ops[i].name, name) == 0)
      return &ops[i];
  }
  return NULL;
}

static gboolean
run_op (QfuWire *wire, const QfuChildOp *op, GError **error)
{
  g_autoptr (QfuMessage) arguments = qfu_wire_receive (wire, error);

  if (arguments == NULL)
    return FALSE;
  if (qfu_message_type (arguments) != QFU_FRAME_ARGUMENTS) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s before ARGUMENTS",
                 qfu_message_name (arguments));
    return FALSE;
  }
  return op->run (wire, arguments, error);
}

int
qfu_child_main (int argc, char **argv, const QfuChildOp *ops, gsize n_ops)
{
  const QfuChildOp *op = argc == 2 ? find_op (argv[1], ops, n_ops) : NULL;
  g_autoptr (GError) error = NULL;
  int output = dup (STDOUT_FILENO);

  if (op == NULL || output < 0) {
    g_printerr ("%s is started by qubes-fwupdmgr; see qubes-fwupdmgr(1)\n", argv[0]);
    return 1;
  }
  /* libraries may print; only frames may reach the caller */
  if (dup2 (STDERR_FILENO, STDOUT_FILENO) < 0 || signal (SIGPIPE, SIG_IGN) == SIG_ERR)
    return 1;
  g_autoptr (QfuWire) wire = qfu_wire_new (dup (STDIN_FILENO), output);
  gboolean sent = run_op (wire, op, &error) ? qfu_wire_send_end (wire, NULL)
                                            : qfu_wire_send_error (wire, error, NULL);
  return sent ? 0 : 1;
}

GBytes *
qfu_child_input (guint index, GError **error)
{
  int fd = FIRST_INPUT + (int)index;
  g_autoptr (GMappedFile) map = NULL;

  if (!qfu_fd_sealed (fd)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "input %u is no sealed memory", index);
    return NULL;
  }
  map = g_mapped_file_new_from_fd (fd, FALSE, error);
  return map == NULL ? NULL : g_mapped_file_get_bytes (map);
}
