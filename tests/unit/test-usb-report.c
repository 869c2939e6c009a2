/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-usb-report.h"
#include "testconfig.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define ID "0123456789abcdef0123456789abcdef01234567"
#define GUID "b585990a-003e-5270-89d5-3705a17f9a43"

/* A device with a name of @name_length bytes, and a lot more to say when it is @large. */
static QfuMessage *
device (gboolean large, gsize name_length)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_USB_DEVICE);
  g_autofree char *text = g_strnfill (256, 'v');
  g_autofree char *name = g_strnfill (name_length, 'n');

  qfu_message_add_text (message, QFU_FIELD_ID, ID);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, 0);
  qfu_message_add_text (message, QFU_FIELD_NAME, name);
  qfu_message_add_text (message, QFU_FIELD_VENDOR, large ? text : NULL);
  for (guint i = 0; i < (large ? 32 : 1); i++)
    qfu_message_add_text (message, QFU_FIELD_GUID, GUID);
  for (guint i = 0; i < (large ? 8 : 0); i++) {
    qfu_message_add_text (message, QFU_FIELD_VENDOR_ID, text);
    qfu_message_add_text (message, QFU_FIELD_UPDATE_PROTOCOL, text + 128);
  }
  return message;
}

static void
test_devices (void)
{
  g_autoptr (QfuUsbReport) report = qfu_usb_report_new ("2.0.20", 1);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < QFU_USB_DEVICES_MAX; i++) {
    g_assert_true (qfu_usb_report_add (report, device (FALSE, 8), &error));
    g_assert_no_error (error);
  }
  g_assert_false (qfu_usb_report_add (report, device (FALSE, 8), &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

/* A report that one more device with a name of the returned length fills to the last byte. */
static QfuUsbReport *
nearly_full (gsize *name_length)
{
  QfuUsbReport *report = qfu_usb_report_new ("2.0.20", 1);
  g_autoptr (QfuMessage) nameless = device (FALSE, 0);
  g_autoptr (GBytes) bytes = qfu_message_encode (nameless);

  *name_length = G_MAXSIZE;
  while (*name_length > 256) {
    gsize rest = QFU_USB_LIST_MAX - qfu_usb_report_size (report);

    g_assert_true (qfu_usb_report_add (report, device (rest > 6000, 256), NULL));
    *name_length = QFU_USB_LIST_MAX - qfu_usb_report_size (report) - g_bytes_get_size (bytes);
  }
  return report;
}

static void
test_size_at (void)
{
  g_autoptr (GError) error = NULL;
  gsize length;
  g_autoptr (QfuUsbReport) report = nearly_full (&length);

  g_assert_cmpuint (length, <, 256);
  g_assert_true (qfu_usb_report_add (report, device (FALSE, length), &error));
  g_assert_no_error (error);
  g_assert_cmpuint (qfu_usb_report_size (report), ==, QFU_USB_LIST_MAX);
}

static void
test_size_past (void)
{
  g_autoptr (GError) error = NULL;
  gsize length;
  g_autoptr (QfuUsbReport) report = nearly_full (&length);

  g_assert_false (qfu_usb_report_add (report, device (FALSE, length + 1), &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

/* What is sent behind HELLO is QUBE, the devices in their order, END, and as long as was said. */
static void
test_send (void)
{
  g_autoptr (QfuUsbReport) report = qfu_usb_report_new ("2.0.20", 3);
  g_autoptr (QfuWire) writer = NULL;
  g_autoptr (QfuWire) reader = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuMessage) hello = qfu_message_new (QFU_FRAME_HELLO);
  static const QfuFrameType order[] = {QFU_FRAME_HELLO, QFU_FRAME_QUBE, QFU_FRAME_USB_DEVICE,
                                       QFU_FRAME_USB_DEVICE, QFU_FRAME_END};
  int fds[2];

  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  reader = qfu_wire_new (fds[0], -1);
  writer = qfu_wire_new (-1, fds[1]);
  g_assert_true (qfu_usb_report_add (report, device (FALSE, 4), NULL));
  g_assert_true (qfu_usb_report_add (report, device (TRUE, 5), NULL));
  qfu_message_add_number (hello, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION);
  g_assert_true (qfu_wire_send (writer, hello, &error));
  g_assert_true (qfu_usb_report_send (report, writer, &error));
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (order); i++) {
    g_autoptr (QfuMessage) message = qfu_wire_receive (reader, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (qfu_message_type (message), ==, order[i]);
    if (order[i] == QFU_FRAME_QUBE) {
      g_assert_cmpstr (qfu_message_text (message, QFU_FIELD_VERSION, 0), ==, "2.0.20");
      g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_KEYBOARDS, 0, 9, 9), ==, 3);
    }
  }
  g_assert_cmpuint (qfu_wire_bytes_read (reader), ==, qfu_usb_report_size (report));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/usb-report/devices", test_devices);
  g_test_add_func ("/usb-report/size-at", test_size_at);
  g_test_add_func ("/usb-report/size-past", test_size_past);
  g_test_add_func ("/usb-report/send", test_send);
  return g_test_run ();
}
