/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-wire.h"

#define QFU_USB_HELLO_MS 60000 /* dom0's first frame comes with the call, or nobody calls */

/**
 * QfuUsbTalk:
 * @wire: dom0, on standard input and output
 * @fwupd_error: number of fwupd's error plus 1 that goes with an ERROR, 0 for none
 *
 * A call of dom0 under way.
 */
typedef struct {
  QfuWire *wire;
  guint fwupd_error;
} QfuUsbTalk;

/* What a program of the agent does: @talk to the end, or @error. */
typedef gboolean (*QfuUsbService) (QfuUsbTalk *talk, GError **error);

/* Serves the caller on standard input and output with @service: what its main() returns. @argc and
 * @argv are looked at for words that do not belong there. */
int qfu_usb_talk_main (const char *name, int argc, char **argv, QfuUsbService service);

/* (transfer full): the caller's first frame, which must be of @type and say our PROTOCOL. */
QfuMessage *qfu_usb_talk_receive (QfuUsbTalk *talk,
                                  QfuFrameType type,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean qfu_usb_talk_send_hello (QfuUsbTalk *talk, GError **error) G_GNUC_WARN_UNUSED_RESULT;
