/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fuzz target for what the agent of a USB qube reads of dom0: the payload of a PUSH, its length
 * before it, and the frames behind it. */
#include "fuzz.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"
#include "usbvm/qfu-usb-order.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* (transfer full): a file that holds these bytes. */
static int
file_of (const guint8 *data, gsize size)
{
  int fd = memfd_create ("fuzz", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize)size);
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  return fd;
}

static void
receive (const QfuUsbOrder *order, const guint8 *data, gsize size)
{
  g_autoptr (QfuWire) wire = qfu_wire_new (file_of (data, size), -1);
  g_autoptr (GError) error = NULL;
  g_auto (QfuFd) cab = qfu_usb_order_receive (order, wire, &error);
  struct stat info;

  if (cab < 0) {
    g_assert_true (error->domain == QFU_ERROR);
    return;
  }
  g_assert_no_error (error);
  g_assert_true (qfu_fd_sealed (cab));
  g_assert_cmpint (fstat (cab, &info), ==, 0);
  g_assert_cmpuint ((guint64)info.st_size, ==, order->size);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuMessage) message = NULL;
  g_autoptr (QfuUsbOrder) order = NULL;
  g_autofree guint8 *exact = NULL;
  gsize length = size < 2 ? 0 : (gsize)data[0] | (gsize)data[1] << 8;

  if (size < 2 || length > size - 2)
    return 0;
  exact = g_memdup2 (data + 2, length);
  message = qfu_message_decode (QFU_FRAME_PUSH, exact, length, &error);
  order = message == NULL ? NULL : qfu_usb_order_new (message, &error);
  if (order == NULL) {
    g_assert_true (error->domain == QFU_ERROR);
    return 0;
  }
  g_assert_no_error (error);
  g_assert_cmpuint (order->size, <=, QFU_CAB_SIZE_MAX);
  g_assert_cmpuint (strlen (order->id), ==, 40);
  receive (order, data + 2 + length, size - 2 - length);
  return 0;
}
