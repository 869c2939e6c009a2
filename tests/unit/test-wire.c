/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-wire.h"

#include "qfu-error.h"
#include "testconfig.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* A wire that reads what the test writes to @to. */
static QfuWire *
reading (int *to)
{
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  *to = fds[1];
  return qfu_wire_new (fds[0], -1);
}

static void
expect_code (QfuWire *wire, QfuError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuMessage) message = qfu_wire_receive (wire, &error);

  g_assert_null (message);
  g_assert_error (error, QFU_ERROR, (int)code);
}

static void
put (int fd, const void *data, gsize size)
{
  g_assert_cmpint (write (fd, data, size), ==, (gssize)size);
}

static gpointer
send_all (gpointer wire)
{
  g_autoptr (QfuMessage) hello = qfu_message_new (QFU_FRAME_HELLO);
  g_autoptr (GError) problem = g_error_new (QFU_ERROR, QFU_ERROR_FORMAT, "not so");
  g_autofree char *data = g_strnfill (200000, 'd');

  qfu_message_add_number (hello, QFU_FIELD_PROTOCOL, 1);
  g_assert_true (qfu_wire_send (wire, hello, NULL));
  g_assert_true (qfu_wire_send_data (wire, data, 200000, NULL));
  g_assert_true (qfu_wire_send_error (wire, problem, NULL));
  g_assert_true (qfu_wire_send_end (wire, NULL));
  qfu_wire_close_write (wire);
  return NULL;
}

static void
test_round_trip (void)
{
  static const QfuFrameType order[] = {QFU_FRAME_HELLO, QFU_FRAME_DATA, QFU_FRAME_DATA,
                                       QFU_FRAME_DATA,  QFU_FRAME_DATA, QFU_FRAME_ERROR,
                                       QFU_FRAME_END};
  int to;
  g_autoptr (QfuWire) wire = reading (&to);
  g_autoptr (QfuWire) sender = qfu_wire_new (-1, to);
  GThread *thread = g_thread_new ("sender", send_all, sender);
  gsize bytes = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (order); i++) {
    g_autoptr (QfuMessage) message = qfu_wire_receive (wire, NULL);
    gsize size;

    g_assert_nonnull (message);
    g_assert_cmpint (qfu_message_type (message), ==, order[i]);
    (void)qfu_message_data (message, &size);
    bytes += size;
    if (order[i] == QFU_FRAME_ERROR) {
      g_assert_cmpuint (qfu_message_number_or (message, QFU_FIELD_CODE, 0, 99, 0), ==,
                        QFU_ERROR_FORMAT);
      g_assert_cmpstr (qfu_message_text (message, QFU_FIELD_DETAIL, 0), ==, "not so");
    }
  }
  g_assert_cmpuint (bytes, ==, 200000);
  g_assert_true (qfu_wire_expect_eof (wire, NULL));
  g_assert_cmpuint (qfu_wire_bytes_read (wire), >, 200000);
  g_thread_join (thread);
}

static void
test_endings (void)
{
  static const guint8 frame[] = {2, 0, 1, 0, 16, 0, 0, 0, 1, 0, 0, 0,
                                 8, 0, 0, 0, 1,  0, 0, 0, 0, 0, 0, 0};

  for (gsize cut = 0; cut < sizeof frame; cut++) {
    int to;
    g_autoptr (QfuWire) wire = reading (&to);

    put (to, frame, cut);
    close (to);
    expect_code (wire, QFU_ERROR_UNREACHABLE);
  }
}

static void
test_trailing (void)
{
  int to;
  g_autoptr (QfuWire) wire = reading (&to);
  g_autoptr (GError) error = NULL;

  put (to, "x", 1);
  g_assert_false (qfu_wire_expect_eof (wire, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  close (to);
}

static void
test_garbage (void)
{
  static const guint8 endless[] = {5, 0, 1, 0, 1, 0, 1, 0};
  static const guint8 empty[] = {5, 0, 1, 0, 0, 0, 0, 0};
  static const char text[] = "HTTP/1.1 200 OK\r\n";
  const struct {
    const void *data;
    gsize size;
  } cases[] = {{endless, sizeof endless}, {empty, sizeof empty}, {text, sizeof text}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    int to;
    g_autoptr (QfuWire) wire = reading (&to);

    put (to, cases[i].data, cases[i].size);
    expect_code (wire, QFU_ERROR_PROTOCOL);
    close (to);
  }
}

static void
test_deadlines (void)
{
  int to;
  g_autoptr (QfuWire) wire = reading (&to);
  gint64 start = g_get_monotonic_time ();

  qfu_wire_set_deadlines (wire, 50, 0);
  expect_code (wire, QFU_ERROR_LIMIT);
  put (to, "\5", 1);
  expect_code (wire, QFU_ERROR_LIMIT); /* in the middle of a header */
  qfu_wire_set_deadlines (wire, 0, 50);
  expect_code (wire, QFU_ERROR_LIMIT);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 150 * 1000);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
  put (to, "\5\0\1\0\1\0\0\0x", 9); /* it is there, but too late */
  expect_code (wire, QFU_ERROR_LIMIT);
  close (to);
}

/* Nobody reads: a write that is larger than the pipe must end in time too. */
static void
test_write_deadline (void)
{
  g_autofree char *data = g_strnfill (1 << 20, 'd');
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  g_autoptr (QfuWire) wire = qfu_wire_new (-1, fds[1]);
  qfu_wire_set_deadlines (wire, 50, 0);
  g_assert_false (qfu_wire_send_data (wire, data, 1 << 20, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  close (fds[0]);
  g_clear_error (&error);
  g_assert_false (qfu_wire_send_end (wire, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
}

/* A frame that the sender's own fields make too long. */
static void
test_too_long (void)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_ARGUMENTS);
  g_autofree char *value = g_strnfill (4096, 'v');
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuWire) wire = qfu_wire_new (-1, -1);

  for (guint i = 0; i < 16; i++)
    qfu_message_add_text (message, QFU_FIELD_VALUE, value);
  g_assert_false (qfu_wire_send (wire, message, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

/* Gathered frames wait for others or for the end, and arrive as they were sent. */
static void
test_batching (void)
{
  static const gsize sizes[] = {10, 1000, 30000, 40000, 1};
  g_autofree char *data = g_strnfill (40000, 'd');
  int fds[2];
  struct pollfd pfd;

  g_assert_cmpint (pipe (fds), ==, 0);
  g_assert_cmpint (fcntl (fds[1], F_SETPIPE_SZ, 1 << 20), >=, 1 << 20);
  g_autoptr (QfuWire) wire = qfu_wire_new (fds[0], -1);
  g_autoptr (QfuWire) sender = qfu_wire_new (-1, fds[1]);
  qfu_wire_set_batching (sender);
  qfu_wire_set_batching (wire);
  pfd = (struct pollfd){fds[0], POLLIN, 0};
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_assert_true (qfu_wire_send_data (sender, data, sizes[i], NULL));
    g_assert_cmpint (poll (&pfd, 1, 0), ==, i < 3 ? 0 : 1);
  }
  g_assert_true (qfu_wire_send_end (sender, NULL));
  qfu_wire_close_write (sender);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (QfuMessage) message = qfu_wire_receive (wire, NULL);
    gsize size;

    g_assert_nonnull (message);
    g_assert_cmpmem (qfu_message_data (message, &size), sizes[i], data, sizes[i]);
    g_assert_cmpuint (size, ==, sizes[i]);
  }
  g_autoptr (QfuMessage) end = qfu_wire_receive (wire, NULL);
  g_assert_cmpint (qfu_message_type (end), ==, QFU_FRAME_END);
  g_assert_true (qfu_wire_expect_eof (wire, NULL));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/wire/round-trip", test_round_trip);
  g_test_add_func ("/wire/endings", test_endings);
  g_test_add_func ("/wire/trailing", test_trailing);
  g_test_add_func ("/wire/garbage", test_garbage);
  g_test_add_func ("/wire/deadlines", test_deadlines);
  g_test_add_func ("/wire/write-deadline", test_write_deadline);
  g_test_add_func ("/wire/too-long", test_too_long);
  g_test_add_func ("/wire/batching", test_batching);
  return g_test_run ();
}
