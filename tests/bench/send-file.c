/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: send-file FILE: answers one REQUEST as the agent of the UpdateVM does, but from a file, so
 * that the wire alone is measured. */

#include "qfu-wire.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
send_number (QfuWire *wire, QfuFrameType type, QfuField field, guint64 number, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (type);

  qfu_message_add_number (message, field, number);
  return qfu_wire_send (wire, message, error);
}

static gboolean
send_file (QfuWire *wire, int fd, guint64 size, GError **error)
{
  g_autoptr (QfuMessage) request = qfu_wire_receive (wire, error);
  static guint8 buffer[QFU_WIRE_DATA_MAX];
  gssize n;

  if (request == NULL ||
      !send_number (wire, QFU_FRAME_HELLO, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION, error) ||
      !send_number (wire, QFU_FRAME_SIZE, QFU_FIELD_SIZE, size, error))
    return FALSE;
  while ((n = read (fd, buffer, sizeof buffer)) > 0) {
    if (!qfu_wire_send_data (wire, buffer, (gsize)n, error))
      return FALSE;
  }
  return send_number (wire, QFU_FRAME_END, QFU_FIELD_TOTAL, size, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (QfuWire) wire = qfu_wire_new (STDIN_FILENO, STDOUT_FILENO);
  g_autoptr (GError) error = NULL;
  struct stat info;
  int fd = argc == 2 ? open (argv[1], O_RDONLY | O_CLOEXEC) : -1;

  if (fd < 0 || fstat (fd, &info) != 0)
    return 2;
  qfu_wire_set_deadlines (wire, 60000, 600000);
  if (send_file (wire, fd, (guint64)info.st_size, &error))
    return 0;
  fprintf (stderr, "send-file: %s\n", error->message);
  return 1;
}
