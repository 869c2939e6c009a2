/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-hasher.h"
#include "qfu-limits.h"
#include "qfu-usb-kind.h"
#include "qfu-usb-order.h"
#include "testconfig.h"

#include <sys/mman.h>
#include <sys/stat.h>

#define ID "0123456789abcdef0123456789abcdef01234567"
#define CAB_SIZE 100000 /* more than a frame of DATA, and less than a pipe takes */

static QfuMessage *
push (const char *id, guint64 size, const void *sha256, gsize sha256_size, guint64 flags)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_PUSH);

  qfu_message_add_number (message, QFU_FIELD_PROTOCOL, QFU_WIRE_VERSION);
  qfu_message_add_text (message, QFU_FIELD_ID, id);
  qfu_message_add_number (message, QFU_FIELD_SIZE, size);
  qfu_message_add_bytes (message, QFU_FIELD_SHA256, sha256, sha256_size);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, flags);
  return message;
}

static void
check_size (guint64 size, gboolean ok)
{
  guint8 sha256[QFU_SHA256_SIZE] = {1};
  g_autoptr (QfuMessage) message = push (ID, size, sha256, sizeof sha256, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUsbOrder) order = qfu_usb_order_new (message, &error);

  if (!ok) {
    g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
    return;
  }
  g_assert_no_error (error);
  g_assert_cmpuint (order->size, ==, size);
}

static void
test_size (void)
{
  check_size (1, TRUE);
  check_size (QFU_CAB_SIZE_MAX, TRUE);
  check_size (QFU_CAB_SIZE_MAX + 1, FALSE);
  check_size (G_MAXUINT64, FALSE);
}

static void
test_values (void)
{
  guint8 sha256[QFU_SHA256_SIZE] = {1, 2};
  g_autoptr (QfuMessage) message = push (ID, 7, sha256, sizeof sha256, QFU_INSTALL_ALL);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUsbOrder) order = qfu_usb_order_new (message, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (order->id, ==, ID);
  g_assert_cmpuint (order->flags, ==, QFU_INSTALL_ALL);
  g_assert_cmpmem (order->sha256.data, order->sha256.size, sha256, sizeof sha256);
}

static void
test_unfit (void)
{
  guint8 sha256[QFU_SHA256_SIZE] = {1};
  static const struct {
    const char *id;
    guint64 size;
    gsize sha256_size;
    guint64 flags;
  } rows[] = {
      {ID, 0, QFU_SHA256_SIZE, 0},
      {ID, 7, QFU_SHA256_SIZE - 1, 0},
      {ID, 7, QFU_SHA256_SIZE, QFU_INSTALL_ALL + 1},
      {ID "0", 7, QFU_SHA256_SIZE, 0},
      {"", 7, QFU_SHA256_SIZE, 0},
      {"0123456789ABCDEF0123456789abcdef01234567", 7, QFU_SHA256_SIZE, 0},
      {"-123456789abcdef0123456789abcdef01234567", 7, QFU_SHA256_SIZE, 0},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (QfuMessage) message =
        push (rows[i].id, rows[i].size, sha256, rows[i].sha256_size, rows[i].flags);
    g_autoptr (GError) error = NULL;

    g_assert_null (qfu_usb_order_new (message, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  }
}

/* Sends what @tamper made of a cabinet to one that awaits it. Returns what came of it. */
static int
receive (void (*send) (QfuWire *wire, const guint8 *cab), GError **error)
{
  g_autofree guint8 *cab = g_malloc (CAB_SIZE);
  g_autoptr (QfuMessage) message = NULL;
  g_autoptr (QfuUsbOrder) order = NULL;
  g_autoptr (QfuWire) reader = NULL;
  g_autoptr (QfuWire) writer = NULL;
  QfuDigest digest;
  int fds[2];

  for (gsize i = 0; i < CAB_SIZE; i++)
    cab[i] = (guint8)(i * 7 / 3);
  qfu_digest_compute (QFU_HASH_SHA256, cab, CAB_SIZE, &digest);
  message = push (ID, CAB_SIZE, digest.data, digest.size, 0);
  order = qfu_usb_order_new (message, NULL);
  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  reader = qfu_wire_new (fds[0], -1);
  writer = qfu_wire_new (-1, fds[1]);
  send (writer, cab);
  qfu_wire_close_write (writer);
  return qfu_usb_order_receive (order, reader, error);
}

static void
send_all (QfuWire *wire, const guint8 *cab)
{
  g_assert_true (qfu_wire_send_data (wire, cab, CAB_SIZE, NULL));
}

static void
test_received (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (QfuFd) fd = receive (send_all, &error);
  struct stat info;

  g_assert_no_error (error);
  g_assert_cmpint (fstat (fd, &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, CAB_SIZE);
  g_assert_true (qfu_fd_sealed (fd));
}

static void
send_short (QfuWire *wire, const guint8 *cab)
{
  g_assert_true (qfu_wire_send_data (wire, cab, CAB_SIZE - 1, NULL));
}

static void
send_other (QfuWire *wire, const guint8 *cab)
{
  g_assert_true (qfu_wire_send_data (wire, cab + 1, CAB_SIZE - 1, NULL));
  g_assert_true (qfu_wire_send_data (wire, cab, 1, NULL));
}

static void
send_more (QfuWire *wire, const guint8 *cab)
{
  g_assert_true (qfu_wire_send_data (wire, cab, CAB_SIZE - 1, NULL));
  g_assert_true (qfu_wire_send_data (wire, cab, 2, NULL));
}

static void
send_end (QfuWire *wire, const guint8 *cab)
{
  g_assert_true (qfu_wire_send_data (wire, cab, CAB_SIZE - 1, NULL));
  g_assert_true (qfu_wire_send_end (wire, NULL));
}

static void
test_not_received (void)
{
  static const struct {
    void (*send) (QfuWire *wire, const guint8 *cab);
    QfuError code;
  } rows[] = {
      {send_short, QFU_ERROR_UNREACHABLE},
      {send_other, QFU_ERROR_MISMATCH},
      {send_more, QFU_ERROR_PROTOCOL},
      {send_end, QFU_ERROR_PROTOCOL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_cmpint (receive (rows[i].send, &error), ==, -1);
    g_assert_error (error, QFU_ERROR, (int)rows[i].code);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/usb-order/size", test_size);
  g_test_add_func ("/usb-order/values", test_values);
  g_test_add_func ("/usb-order/unfit", test_unfit);
  g_test_add_func ("/usb-order/received", test_received);
  g_test_add_func ("/usb-order/not-received", test_not_received);
  return g_test_run ();
}
