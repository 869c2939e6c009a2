/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* usage: folder-agent FOLDER: stands in for qubes.FwupdFetch. Answers a REQUEST with the file of
 * FOLDER that has the last part of the URL as its name.
 *
 * A file FOLDER/wait makes it wait after HELLO until that file is gone or dom0 hangs up, so that a
 * test has all the time it needs between two steps. It says so by making FOLDER/waiting. */
#include "qfu-wire.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#define POLL_MS 20

static gboolean
send_number (QfuWire *wire, QfuFrameType type, QfuField field, guint64 number)
{
  g_autoptr (QfuMessage) message = qfu_message_new (type);

  qfu_message_add_number (message, field, number);
  return qfu_wire_send (wire, message, NULL);
}

/* %FALSE when dom0 has hung up. */
static gboolean
wait_for_word (const char *folder)
{
  g_autofree char *wait = g_build_filename (folder, "wait", NULL);
  g_autofree char *waiting = g_build_filename (folder, "waiting", NULL);
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

  if (!g_file_test (wait, G_FILE_TEST_EXISTS))
    return TRUE;
  if (!g_file_set_contents (waiting, "", 0, NULL))
    return FALSE;
  while (g_file_test (wait, G_FILE_TEST_EXISTS)) {
    if (poll (&input, 1, POLL_MS) != 0)
      return FALSE;
  }
  return TRUE;
}

static gboolean
serve (QfuWire *wire, const char *folder)
{
  g_autoptr (QfuMessage) request = qfu_wire_receive (wire, NULL);
  const char *url = request == NULL ? NULL : qfu_message_text (request, QFU_FIELD_URL, 0);
  const char *slash = url == NULL ? NULL : strrchr (url, '/');
  g_autofree char *path = slash == NULL ? NULL : g_build_filename (folder, slash + 1, NULL);
  g_autofree char *contents = NULL;
  gsize size;

  if (path == NULL || !send_number (wire, QFU_FRAME_HELLO, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION) ||
      !wait_for_word (folder))
    return FALSE;
  if (!g_file_get_contents (path, &contents, &size, NULL))
    return send_number (wire, QFU_FRAME_ERROR, QFU_FIELD_CODE, 1);
  return send_number (wire, QFU_FRAME_SIZE, QFU_FIELD_SIZE, size) &&
         (size == 0 || qfu_wire_send_data (wire, contents, size, NULL)) &&
         send_number (wire, QFU_FRAME_END, QFU_FIELD_TOTAL, size);
}

int
main (int argc, char **argv)
{
  g_autoptr (QfuWire) wire = qfu_wire_new (STDIN_FILENO, STDOUT_FILENO);

  return argc == 2 && serve (wire, argv[1]) ? 0 : 1;
}
