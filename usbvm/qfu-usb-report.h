/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-wire.h"

/**
 * QfuUsbReport:
 *
 * The list of devices as it is sent: QUBE, USB_DEVICE frames and END, which keeps within what dom0
 * takes. It is gathered first, so that dom0 sees either all of it or an ERROR.
 */
typedef struct _QfuUsbReport QfuUsbReport;

/* @fwupd_version: of the VM's fwupd; @keyboards: how many the VM has and has not given away. */
QfuUsbReport *qfu_usb_report_new (const char *fwupd_version, guint keyboards);
void qfu_usb_report_free (QfuUsbReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuUsbReport, qfu_usb_report_free)

/* @device: (transfer full): a USB_DEVICE; @error: #QFU_ERROR_LIMIT when dom0 would not take the
 * list with it. */
gboolean qfu_usb_report_add (QfuUsbReport *report,
                             QfuMessage *device,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Bytes of the whole answer, with HELLO and END. */
gsize qfu_usb_report_size (const QfuUsbReport *report);
gboolean qfu_usb_report_send (const QfuUsbReport *report,
                              QfuWire *wire,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
