/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usb-talk.h"

#include "qfu-error.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define GOODBYE_MS 5000 /* for the last frame */

/* To the log of this VM; dom0 drops it. */
static void
note (const char *name, const char *what)
{
  g_autofree char *line = g_strndup (what, 300);

  for (char *p = line; *p != '\0'; p++) {
    if (*p < 0x20 || *p >= 0x7f)
      *p = '?';
  }
  (void)fprintf (stderr, "%s: %s\n", name, line);
}

QfuMessage *
qfu_usb_talk_receive (QfuUsbTalk *talk, QfuFrameType type, GError **error)
{
  g_autoptr (QfuMessage) message = NULL;
  guint64 protocol;

  qfu_wire_set_deadlines (talk->wire, 0, QFU_USB_HELLO_MS);
  message = qfu_wire_receive (talk->wire, error);
  qfu_wire_set_deadlines (talk->wire, 0, 0);
  if (message == NULL)
    return NULL;
  if (qfu_message_type (message) != type) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "%s instead of %s",
                 qfu_message_name (message), qfu_wire_frame_spec (type)->name);
    return NULL;
  }
  if (!qfu_message_number (message, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION, QFU_WIRE_VERSION,
                           &protocol, error))
    return NULL;
  return g_steal_pointer (&message);
}

gboolean
qfu_usb_talk_send_hello (QfuUsbTalk *talk, GError **error)
{
  g_autoptr (QfuMessage) hello = qfu_message_new (QFU_FRAME_HELLO);

  qfu_message_add_number (hello, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION);
  return qfu_wire_send (talk->wire, hello, error);
}

/* Codes only: no text of this VM goes to dom0. */
static gboolean
send_problem (QfuUsbTalk *talk, const GError *problem)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_ERROR);
  int code = problem->domain == QFU_ERROR ? problem->code : QFU_ERROR_INTERNAL;

  /* the problem may have been a deadline of this wire */
  qfu_wire_set_deadlines (talk->wire, 0, GOODBYE_MS);
  qfu_message_add_number (message, QFU_FIELD_CODE, (guint64)code);
  if (talk->fwupd_error > 0)
    qfu_message_add_number (message, QFU_FIELD_STATUS, talk->fwupd_error);
  return qfu_wire_send (talk->wire, message, NULL);
}

int
qfu_usb_talk_main (const char *name, int argc, char **argv, QfuUsbService service)
{
  g_autoptr (QfuWire) wire = NULL;
  g_autoptr (GError) error = NULL;
  QfuUsbTalk talk = {0};

  if (argc != 1) {
    note (name, "a caller has no arguments to give");
    return 2;
  }
  (void)signal (SIGPIPE, SIG_IGN);
  /* what libraries have to say must not come between frames */
  g_log_writer_default_set_use_stderr (TRUE);
  wire = qfu_wire_new (STDIN_FILENO, STDOUT_FILENO);
  talk.wire = wire;
  if (service (&talk, &error))
    return 0;
  note (name, error->message);
  if (!send_problem (&talk, error))
    note (name, "the caller cannot be told");
  return 1;
}
