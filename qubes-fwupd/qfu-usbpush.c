/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usbpush.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-usbcall.h"
#include "qfu-usbword.h"

#define SILENCE_SECONDS 10 /* at least: an agent gives a sign of life every 5 */

typedef struct {
  const QfuConfig *config;
  const QfuUsbPush *push;
  const QfuUsbWatch *watch;
  QfuUsbCall *call;
  gint64 end_us; /* monotonic time at which the waiting is over */
  gboolean committed;
  gboolean sent; /* all of the cab */
} Push;

static gint64
silence_end (const Push *push)
{
  gint64 seconds = MAX (push->config->idle_seconds, SILENCE_SECONDS);

  return MIN (push->end_us, g_get_monotonic_time () + seconds * G_USEC_PER_SEC);
}

static gboolean
begin (Push *push, GError **error)
{
  const QfuUntrustedBlob *blob = qfu_verified_cab_blob (push->push->cab);
  const QfuDigest *sha256 = qfu_untrusted_blob_sha256 (blob);
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_PUSH);
  gint64 hello = g_get_monotonic_time () + (gint64)push->config->connect_seconds * G_USEC_PER_SEC;

  qfu_message_add_number (message, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION);
  qfu_message_add_text (message, QFU_FIELD_ID, push->push->device->id);
  qfu_message_add_number (message, QFU_FIELD_SIZE, qfu_untrusted_blob_size (blob));
  qfu_message_add_bytes (message, QFU_FIELD_SHA256, sha256->data, sha256->size);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, push->push->flags);
  return qfu_usb_call_open (push->call, message, error) &&
         qfu_usb_call_greet (push->call, MIN (hello, push->end_us), error);
}

/* Sends a part of the cab. An agent that takes no more of it may say why. */
static gboolean
send_part (Push *push, guint64 offset, guint64 length, GError **error)
{
  const QfuUntrustedBlob *blob = qfu_verified_cab_blob (push->push->cab);
  QfuWire *wire = qfu_usb_call_wire (push->call);
  gint64 left_us = push->end_us - g_get_monotonic_time ();
  guint idle_ms = MAX (push->config->idle_seconds, SILENCE_SECONDS) * 1000;
  g_autoptr (GError) local = NULL;

  qfu_wire_set_deadlines (wire, idle_ms, (guint)CLAMP (left_us / 1000, 1, G_MAXINT));
  push->sent = qfu_untrusted_blob_send (blob, wire, offset, length, &local);
  if (push->sent || g_error_matches (local, QFU_ERROR, QFU_ERROR_UNREACHABLE))
    return TRUE;
  if (g_error_matches (local, QFU_ERROR, QFU_ERROR_LIMIT))
    return qfu_error_set (error, QFU_ERROR_LIMIT, "the agent does not take the archive in time");
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* The last bytes are the ones that let the VM begin. */
static gboolean
send_cab (Push *push, GError **error)
{
  guint64 size = qfu_untrusted_blob_size (qfu_verified_cab_blob (push->push->cab));
  guint64 last = MIN (size, QFU_WIRE_DATA_MAX);

  push->sent = TRUE;
  if (size > last && !send_part (push, 0, size - last, error))
    return FALSE;
  if (!push->sent)
    return TRUE;
  push->committed = TRUE;
  if (push->watch->committed != NULL)
    push->watch->committed (push->watch->user);
  return send_part (push, size - last, last, error);
}

static gboolean
take_progress (Push *push, const QfuMessage *message, GError **error)
{
  guint64 status = qfu_message_number_or (message, QFU_FIELD_STATUS, 0, G_MAXUINT64, 0);
  guint64 percent;
  guint64 total;

  if (!qfu_message_number (message, QFU_FIELD_DONE, 0, 100, &percent, error) ||
      !qfu_message_number (message, QFU_FIELD_TOTAL, 100, 100, &total, error))
    return FALSE;
  if (push->watch->progress != NULL)
    push->watch->progress ((guint)percent, qfu_usb_word_doing (status), push->watch->user);
  return TRUE;
}

static gboolean
take_action (Push *push, const QfuMessage *message, GError **error)
{
  guint64 action;

  if (!qfu_message_number (message, QFU_FIELD_KIND, 1, QFU_USB_ACTION_LAST, &action, error))
    return FALSE;
  if (push->watch->action != NULL)
    push->watch->action ((QfuUsbAction)action, push->watch->user);
  return TRUE;
}

static gboolean
take_end (Push *push, const QfuMessage *message, GError **error)
{
  if (!push->sent)
    return qfu_error_set (error, QFU_ERROR_PROTOCOL,
                          "the agent is done before it has the whole archive");
  return qfu_usb_call_close (push->call, message, error);
}

/* Everything behind HELLO, until END. */
static gboolean
follow (Push *push, GError **error)
{
  for (;;) {
    gint64 deadline = silence_end (push);
    g_autoptr (QfuMessage) message = qfu_usb_call_next (
        push->call, deadline,
        deadline < push->end_us ? "the agent gives no sign of life any more"
                                : "the update is not done within [Usb] InstallSeconds=",
        error);

    if (message == NULL)
      return FALSE;
    switch ((guint)qfu_message_type (message)) {
    case QFU_FRAME_PROGRESS:
      if (!take_progress (push, message, error))
        return FALSE;
      break;
    case QFU_FRAME_ACTION:
      if (!take_action (push, message, error))
        return FALSE;
      break;
    case QFU_FRAME_END:
      return take_end (push, message, error);
    default:
      return qfu_error_set (error, QFU_ERROR_PROTOCOL, "the agent sends a frame out of turn");
    }
  }
}

/* What a failure behind the last byte means for the device. When nobody has said how it ended, the
 * VM may go on writing; when it ended in the middle, the device holds neither firmware. */
static const char *
aftermath (gboolean told, int code)
{
  if (!told)
    return "; the write may still go on: leave the device plugged in and the VM running for some "
           "minutes, then ask with get-devices which version it has";
  if (code == QFU_ERROR_IO || code == QFU_ERROR_UNREACHABLE)
    return "; the device may hold a part of the firmware: leave it plugged in, look at it with "
           "get-devices and update it again";
  return "";
}

gboolean
qfu_usb_push (const QfuConfig *config,
              const QfuUsbPush *what,
              const QfuUsbWatch *watch,
              GError **error)
{
  Push push = {.config = config, .push = what, .watch = watch};
  g_autoptr (QfuUsbCall) call = NULL;
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (what->device->domain != NULL, FALSE);
  push.end_us = g_get_monotonic_time () + (gint64)config->usb_install_seconds * G_USEC_PER_SEC;
  push.call = call = qfu_usb_call_new (config, what->device->domain, QFU_USB_SERVICE_INSTALL,
                                       QFU_USB_ANSWER_MAX, error);
  if (call == NULL)
    return FALSE;
  if (begin (&push, &local) && send_cab (&push, &local) && follow (&push, &local))
    return TRUE;
  g_set_error (error, QFU_ERROR, local->code, "%s%s", local->message,
               push.committed && push.sent ? aftermath (qfu_usb_call_told (call), local->code)
                                           : "");
  return FALSE;
}
