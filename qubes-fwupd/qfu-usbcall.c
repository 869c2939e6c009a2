/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usbcall.h"

#include "qfu-agentexit.h"
#include "qfu-error.h"
#include "qfu-process.h"
#include "qfu-usbroute.h"
#include "qfu-usbword.h"

#define EXIT_MS 5000 /* until a client that has closed its output must be gone */

struct _QfuUsbCall {
  const QfuConfig *config;
  char *vm;
  const char *service;
  guint64 maximum;
  QfuProcess *process;
  gboolean told;
};

QfuUsbCall *
qfu_usb_call_new (
    const QfuConfig *config, const char *vm, const char *service, guint64 maximum, GError **error)
{
  g_autoptr (QfuUsbCall) call = g_new0 (QfuUsbCall, 1);
  g_auto (GStrv) environment = g_get_environ ();
  g_auto (GStrv) argv = qfu_usb_argv (config, vm, service, error);

  if (argv == NULL)
    return NULL;
  QfuProcessSpec spec = {
      .argv = (const char *const *)argv, .envp = (const char *const *)environment, .what = argv[0]};
  call->process = qfu_process_spawn (&spec, error);
  if (call->process == NULL)
    return NULL;
  call->config = config;
  call->vm = g_strdup (vm);
  call->service = service;
  call->maximum = maximum;
  return g_steal_pointer (&call);
}

void
qfu_usb_call_free (QfuUsbCall *call)
{
  if (call == NULL)
    return;
  qfu_process_free (call->process);
  g_free (call->vm);
  g_free (call);
}

QfuWire *
qfu_usb_call_wire (QfuUsbCall *call)
{
  return qfu_process_wire (call->process);
}

gboolean
qfu_usb_call_told (const QfuUsbCall *call)
{
  return call->told;
}

gboolean
qfu_usb_call_open (QfuUsbCall *call, const QfuMessage *message, GError **error)
{
  QfuWire *wire = qfu_process_wire (call->process);
  g_autoptr (GError) local = NULL;

  qfu_wire_set_deadlines (wire, 0, call->config->connect_seconds * 1000);
  if (qfu_wire_send (wire, message, &local) ||
      g_error_matches (local, QFU_ERROR, QFU_ERROR_UNREACHABLE))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* The client went away: its exit status says why. */
static gboolean
explain_exit (QfuUsbCall *call, GError **error)
{
  int status;

  qfu_wire_set_deadlines (qfu_process_wire (call->process), 0, EXIT_MS);
  if (!qfu_process_finish (call->process, &status, NULL))
    return qfu_error_set (error, QFU_ERROR_UNREACHABLE, "the agent went silent without an end");
  return qfu_agentexit_explain (call->config, call->vm, call->service, status, error);
}

/* What a receive that failed with @problem means. */
static gboolean
explain (QfuUsbCall *call, const char *missed, GError *problem, GError **error)
{
  g_autoptr (GError) owned = problem;

  if (g_error_matches (owned, QFU_ERROR, QFU_ERROR_UNREACHABLE))
    return explain_exit (call, error);
  if (g_error_matches (owned, QFU_ERROR, QFU_ERROR_LIMIT))
    return qfu_error_set (error, QFU_ERROR_LIMIT, missed);
  g_propagate_error (error, g_steal_pointer (&owned));
  return FALSE;
}

/* Whether a payload of @length bytes may still come. */
static gboolean
fits (QfuUsbCall *call, gsize length, GError **error)
{
  guint64 have = qfu_wire_bytes_read (qfu_process_wire (call->process));

  if (have <= call->maximum && length <= call->maximum - have)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT,
               "the agent says more than the allowed %" G_GUINT64_FORMAT " bytes", call->maximum);
  return FALSE;
}

QfuMessage *
qfu_usb_call_next (QfuUsbCall *call, gint64 deadline_us, const char *missed, GError **error)
{
  QfuWire *wire = qfu_process_wire (call->process);
  gint64 left_us = deadline_us - g_get_monotonic_time ();
  g_autoptr (QfuMessage) message = NULL;
  GError *local = NULL;
  QfuFrameType type;
  gsize length;

  qfu_wire_set_deadlines (wire, 0, (guint)CLAMP (left_us / 1000, 1, G_MAXINT));
  if (qfu_wire_receive_header (wire, &type, &length, &local)) {
    if (!fits (call, length, error))
      return NULL;
    message = qfu_wire_receive_payload (wire, type, length, &local);
  }
  if (message == NULL) {
    (void)explain (call, missed, local, error);
    return NULL;
  }
  if (type != QFU_FRAME_ERROR)
    return g_steal_pointer (&message);
  call->told = TRUE;
  qfu_usb_word_set (message, error);
  return NULL;
}

gboolean
qfu_usb_call_greet (QfuUsbCall *call, gint64 deadline_us, GError **error)
{
  g_autoptr (QfuMessage) message =
      qfu_usb_call_next (call, deadline_us, "the agent did not answer in time", error);
  guint64 protocol;

  if (message == NULL)
    return FALSE;
  if (qfu_message_type (message) != QFU_FRAME_HELLO)
    return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent does not begin with HELLO");
  return qfu_message_number (message, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION, QFU_WIRE_VERSION,
                             &protocol, error);
}

gboolean
qfu_usb_call_close (QfuUsbCall *call, const QfuMessage *end, GError **error)
{
  g_autoptr (GError) local = NULL;
  int status;

  if (qfu_message_count (end, QFU_FIELD_TOTAL) > 0)
    return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent counts what it has not sent");
  qfu_wire_set_deadlines (qfu_process_wire (call->process), 0, EXIT_MS);
  if (!qfu_process_finish (call->process, &status, &local)) {
    if (g_error_matches (local, QFU_ERROR, QFU_ERROR_LIMIT))
      return qfu_error_set (error, QFU_ERROR_LIMIT, "the agent does not end behind its END");
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (status != 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "the agent ended with status %d", status);
    return FALSE;
  }
  return TRUE;
}
