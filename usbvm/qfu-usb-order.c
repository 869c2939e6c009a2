/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-usb-order.h"

#include "qfu-device.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-hasher.h"
#include "qfu-limits.h"
#include "qfu-usb-kind.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static gboolean
order_read (QfuUsbOrder *order, const QfuMessage *push, GError **error)
{
  gsize size;
  const guint8 *sha256 = qfu_message_bytes (push, QFU_FIELD_SHA256, 0, &size);
  guint64 flags;

  if (!qfu_message_number (push, QFU_FIELD_SIZE, 1, G_MAXUINT64, &order->size, error) ||
      !qfu_message_number (push, QFU_FIELD_FLAGS, 0, QFU_INSTALL_ALL, &flags, error))
    return FALSE;
  if (order->size > QFU_CAB_SIZE_MAX)
    return qfu_error_set (error, QFU_ERROR_LIMIT, "a cabinet of that size is none");
  if (!qfu_digest_set (&order->sha256, QFU_HASH_SHA256, sha256, size))
    return qfu_error_set (error, QFU_ERROR_PROTOCOL, "PUSH with a short SHA256");
  if (!qfu_device_id_ok (qfu_message_text (push, QFU_FIELD_ID, 0)))
    return qfu_error_set (error, QFU_ERROR_PROTOCOL, "PUSH with an unfit ID");
  order->id = g_strdup (qfu_message_text (push, QFU_FIELD_ID, 0));
  order->flags = (guint)flags;
  return TRUE;
}

QfuUsbOrder *
qfu_usb_order_new (const QfuMessage *push, GError **error)
{
  g_autoptr (QfuUsbOrder) order = g_new0 (QfuUsbOrder, 1);

  return order_read (order, push, error) ? g_steal_pointer (&order) : NULL;
}

void
qfu_usb_order_free (QfuUsbOrder *order)
{
  if (order == NULL)
    return;
  g_free (order->id);
  g_free (order);
}

static gboolean
receive_data (const QfuUsbOrder *order, QfuWire *wire, int fd, GError **error)
{
  guint64 left = order->size;

  while (left > 0) {
    QfuFrameType type;
    gsize length;

    if (!qfu_wire_receive_header (wire, &type, &length, error))
      return FALSE;
    if (type != QFU_FRAME_DATA || length > left)
      return qfu_error_set (error, QFU_ERROR_PROTOCOL, "not the DATA that PUSH announced");
    if (!qfu_wire_receive_to (wire, fd, length, error))
      return FALSE;
    left -= length;
  }
  return TRUE;
}

static gboolean
check_digest (const QfuUsbOrder *order, int fd, GError **error)
{
  QfuDigest digest;

  if (lseek (fd, 0, SEEK_SET) != 0)
    return qfu_error_errno (error, errno, "going back in a cabinet");
  if (!qfu_digest_compute_fd (QFU_HASH_SHA256, fd, order->size, &digest, error))
    return FALSE;
  if (!qfu_digest_equal (&digest, &order->sha256))
    return qfu_error_set (error, QFU_ERROR_MISMATCH, "DATA is not what PUSH announced");
  return TRUE;
}

int
qfu_usb_order_receive (const QfuUsbOrder *order, QfuWire *wire, GError **error)
{
  g_auto (QfuFd) fd = memfd_create ("firmware", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd < 0) {
    (void)qfu_error_errno (error, errno, "no memory for a cabinet");
    return -1;
  }
  if (!receive_data (order, wire, fd, error))
    return -1;
  if (fcntl (fd, F_ADD_SEALS, QFU_FD_SEALS) != 0) {
    (void)qfu_error_errno (error, errno, "sealing a cabinet");
    return -1;
  }
  return check_digest (order, fd, error) ? qfu_fd_steal (&fd) : -1;
}
