/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usb-report.h"

#include "qfu-error.h"
#include "qfu-limits.h"

struct _QfuUsbReport {
  GPtrArray *frames; /* QUBE, then the devices */
  gsize size;
};

static gsize
frame_size (const QfuMessage *message)
{
  g_autoptr (GBytes) bytes = qfu_message_encode (message);

  return g_bytes_get_size (bytes);
}

/* HELLO and END, which are not kept: the one goes first, qfu_wire_send_end() writes the other. */
static gsize
frame_sizes_around (void)
{
  g_autoptr (QfuMessage) hello = qfu_message_new (QFU_FRAME_HELLO);
  g_autoptr (QfuMessage) end = qfu_message_new (QFU_FRAME_END);

  qfu_message_add_number (hello, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION);
  return frame_size (hello) + frame_size (end);
}

QfuUsbReport *
qfu_usb_report_new (const char *fwupd_version, guint keyboards)
{
  QfuUsbReport *report = g_new0 (QfuUsbReport, 1);
  QfuMessage *qube = qfu_message_new (QFU_FRAME_QUBE);

  qfu_message_add_text (qube, QFU_FIELD_VERSION, fwupd_version);
  qfu_message_add_number (qube, QFU_FIELD_KEYBOARDS, keyboards);
  report->frames = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  report->size = frame_sizes_around () + frame_size (qube);
  g_ptr_array_add (report->frames, qube);
  return report;
}

void
qfu_usb_report_free (QfuUsbReport *report)
{
  if (report == NULL)
    return;
  g_ptr_array_unref (report->frames);
  g_free (report);
}

gboolean
qfu_usb_report_add (QfuUsbReport *report, QfuMessage *device, GError **error)
{
  g_autoptr (QfuMessage) frame = device;
  gsize size = frame_size (frame);

  if (report->frames->len > QFU_USB_DEVICES_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "more devices than dom0 takes");
  if (size > QFU_USB_LIST_MAX - report->size)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "devices that say more than dom0 takes");
  report->size += size;
  g_ptr_array_add (report->frames, g_steal_pointer (&frame));
  return TRUE;
}

gsize
qfu_usb_report_size (const QfuUsbReport *report)
{
  return report->size;
}

gboolean
qfu_usb_report_send (const QfuUsbReport *report, QfuWire *wire, GError **error)
{
  for (guint i = 0; i < report->frames->len; i++) {
    if (!qfu_wire_send (wire, g_ptr_array_index (report->frames, i), error))
      return FALSE;
  }
  return qfu_wire_send_end (wire, error);
}
