/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-wire.h"

/* The services of a USB qube. */
#define QFU_USB_SERVICE_DEVICES "qubes.FwupdDevices"
#define QFU_USB_SERVICE_INSTALL "qubes.FwupdInstall"

/**
 * QfuUsbCall:
 *
 * One call of one service in a USB qube: what its two conversations (qfu-usbqube.h, qfu-usbpush.h)
 * have in common. Freeing it kills the client; what runs in the VM sees its streams end.
 *
 * Trust: every frame is the VM's claim; no text of the VM is in an error.
 */
typedef struct _QfuUsbCall QfuUsbCall;

/**
 * qfu_usb_call_new:
 * @config: how VMs are reached; must outlive the call
 * @vm: its name
 * @service: one of QFU_USB_SERVICE_…
 * @maximum: bytes of all frames that the agent may send
 * @error: as from qfu_usb_argv(), or #QFU_ERROR_UNREACHABLE
 *
 * Starts the client, and waits for nothing.
 */
QfuUsbCall *qfu_usb_call_new (const QfuConfig *config,
                              const char *vm,
                              const char *service,
                              guint64 maximum,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_usb_call_free (QfuUsbCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuUsbCall, qfu_usb_call_free)

/* (transfer none): to send by; a peer that reads no more may have said why. */
QfuWire *qfu_usb_call_wire (QfuUsbCall *call);
/* Sends the first frame; succeeds as well when the peer reads nothing: the next frame or the end of
 * the stream tells why. */
gboolean qfu_usb_call_open (QfuUsbCall *call,
                            const QfuMessage *message,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_usb_call_next:
 * @call: a call
 * @deadline_us: monotonic time at which the whole frame must be here
 * @missed: what it means that it is not; for people
 * @error: #QFU_ERROR_LIMIT (@missed, or more bytes than the maximum), #QFU_ERROR_PROTOCOL,
 * #QFU_ERROR_NOT_FOUND (the VM has no such service), #QFU_ERROR_UNSUPPORTED (it has no fwupd),
 * #QFU_ERROR_UNREACHABLE, or what the agent's ERROR means
 *
 * Returns: (transfer full): the next frame, never an ERROR; or %NULL
 */
QfuMessage *qfu_usb_call_next (QfuUsbCall *call,
                               gint64 deadline_us,
                               const char *missed,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes HELLO; as qfu_usb_call_next(). */
gboolean
qfu_usb_call_greet (QfuUsbCall *call, gint64 deadline_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* After @end, an END: nothing may follow, and the client must end with status 0. */
gboolean qfu_usb_call_close (QfuUsbCall *call,
                             const QfuMessage *end,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* %TRUE when the agent itself has said that it ends, by an ERROR. */
gboolean qfu_usb_call_told (const QfuUsbCall *call);
