/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-wire.h"

/**
 * QfuUsbOrder:
 * @id: the device, 40 lower-case hexadecimal digits
 * @size: bytes of the cabinet
 * @sha256: its digest
 * @flags: QFU_INSTALL_ALLOW_OLDER, QFU_INSTALL_ALLOW_REINSTALL
 *
 * A PUSH whose values were checked.
 */
typedef struct {
  char *id;
  guint64 size;
  QfuDigest sha256;
  guint flags;
} QfuUsbOrder;

/* @error: #QFU_ERROR_PROTOCOL for an unfit value, #QFU_ERROR_LIMIT for a size above
 * QFU_CAB_SIZE_MAX. */
QfuUsbOrder *qfu_usb_order_new (const QfuMessage *push, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_usb_order_free (QfuUsbOrder *order);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuUsbOrder, qfu_usb_order_free)

/**
 * qfu_usb_order_receive:
 * @wire: where DATA come from; its deadlines count
 * @error: #QFU_ERROR_MISMATCH, #QFU_ERROR_PROTOCOL, #QFU_ERROR_UNREACHABLE when the caller ends
 * before the last byte
 *
 * Returns: the cabinet in memory that nobody can change any more, or -1
 */
int qfu_usb_order_receive (const QfuUsbOrder *order,
                           QfuWire *wire,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
