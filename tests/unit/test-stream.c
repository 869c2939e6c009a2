/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-stream.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "testconfig.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define SIZE (3 * 1024 * 1024) /* more than a pipe takes */

/* A stream that reads what the test writes to @to. */
static QfuStream *
reading (int *to)
{
  int ends[2];

  g_assert_cmpint (pipe (ends), ==, 0);
  *to = ends[1];
  return qfu_stream_new (ends[0], -1);
}

static gpointer
send_parts (gpointer stream)
{
  g_autofree char *bytes = g_malloc (SIZE);
  struct iovec parts[] = {{bytes, 1}, {bytes + 1, 0}, {bytes + 1, SIZE - 2}, {bytes + SIZE - 1, 1}};

  for (gsize i = 0; i < SIZE; i++)
    bytes[i] = (char)(i % 251);
  g_assert_true (qfu_stream_write (stream, parts, G_N_ELEMENTS (parts), NULL));
  qfu_stream_close_write (stream);
  return NULL;
}

/* Whatever the kernel takes at once, all parts arrive in their order: read, and moved. */
static void
test_parts (void)
{
  for (gsize i = 0; i < 2; i++) {
    int ends[2];
    g_autofree guint8 *bytes = g_malloc (SIZE);
    g_auto (QfuFd) memory = memfd_create ("test", MFD_CLOEXEC);
    g_autoptr (QfuStream) from = NULL;
    g_autoptr (QfuStream) to = NULL;
    GThread *thread;
    gsize got;

    g_assert_cmpint (pipe (ends), ==, 0);
    from = qfu_stream_new (-1, ends[1]);
    to = qfu_stream_new (ends[0], -1);
    qfu_stream_set_deadlines (to, 0, 20000);
    thread = g_thread_new ("sender", send_parts, from);
    g_assert_true (i == 0 ? qfu_stream_read (to, bytes, SIZE, &got, NULL)
                          : qfu_stream_move (to, memory, SIZE, &got, NULL));
    g_assert_cmpuint (got, ==, SIZE);
    g_assert_cmpuint (qfu_stream_taken (to), ==, SIZE);
    g_thread_join (thread);
    if (i == 1)
      g_assert_cmpint (pread (memory, bytes, SIZE, 0), ==, SIZE);
    for (gsize n = 0; n < SIZE; n++)
      g_assert_true (bytes[n] == n % 251);
    g_assert_true (qfu_stream_read (to, bytes, 1, &got, NULL));
    g_assert_cmpuint (got, ==, 0);
  }
}

/* What was read ahead is not lost when the rest is moved, and counts only once it was taken. */
static void
test_ahead (void)
{
  g_auto (QfuFd) to = -1;
  g_auto (QfuFd) memory = memfd_create ("test", MFD_CLOEXEC);
  g_autoptr (QfuStream) stream = reading (&to);
  guint8 bytes[8] = {0};
  gsize got;

  qfu_stream_set_batching (stream);
  g_assert_cmpint (write (to, "abcde", 5), ==, 5);
  g_assert_true (qfu_stream_read (stream, bytes, 2, &got, NULL));
  g_assert_cmpuint (qfu_stream_taken (stream), ==, 2);
  g_assert_cmpint (write (to, "fgh", 3), ==, 3);
  qfu_fd_clear (&to);
  g_assert_true (qfu_stream_move (stream, memory, 9, &got, NULL));
  g_assert_cmpuint (got, ==, 6);
  g_assert_cmpint (pread (memory, bytes, sizeof bytes, 0), ==, 6);
  g_assert_cmpint (memcmp (bytes, "cdefgh", 6), ==, 0);
}

static void
test_batch (void)
{
  g_autofree guint8 *big = g_malloc0 (64 * 1024);
  struct iovec small = {big, 10};
  struct iovec large = {big, 64 * 1024};
  g_autoptr (QfuStream) stream = NULL;
  guint8 bytes[64];
  int ends[2];

  g_assert_cmpint (pipe2 (ends, O_NONBLOCK), ==, 0);
  g_auto (QfuFd) out = ends[0];
  stream = qfu_stream_new (-1, ends[1]);
  qfu_stream_set_batching (stream);
  g_assert_true (qfu_stream_write (stream, &small, 1, NULL));
  g_assert_cmpint (read (out, bytes, sizeof bytes), ==, -1);
  g_assert_true (qfu_stream_flush (stream, NULL));
  g_assert_cmpint (read (out, bytes, sizeof bytes), ==, 10);
  small.iov_len = 10;
  small.iov_base = big;
  g_assert_true (qfu_stream_write (stream, &small, 1, NULL));
  g_assert_true (qfu_stream_write (stream, &large, 1, NULL));
  for (gsize left = 10 + 64 * 1024; left > 0;) {
    gssize n = read (out, bytes, sizeof bytes);

    g_assert_cmpint (n, >, 0);
    left -= (gsize)n;
  }
}

static gpointer
drip (gpointer fd)
{
  while (write (GPOINTER_TO_INT (fd), "xxxxxxxx", 8) > 0)
    continue;
  return NULL;
}

/* A peer that always has something for us, and one that has nothing. */
static void
test_deadlines (void)
{
  g_auto (QfuFd) memory = memfd_create ("test", MFD_CLOEXEC);

  for (gsize i = 0; i < 4; i++) {
    int to;
    g_autoptr (QfuStream) stream = reading (&to);
    GThread *thread = i < 2 ? g_thread_new ("drip", drip, GINT_TO_POINTER (to)) : NULL;
    g_autoptr (GError) error = NULL;
    guint8 bytes[4096];
    gsize got;
    gboolean ok = TRUE;

    qfu_stream_set_deadlines (stream, i == 3 ? 50 : 0, i == 3 ? 0 : 50);
    while (ok)
      ok = i == 0 ? qfu_stream_move (stream, memory, sizeof bytes, &got, &error)
                  : qfu_stream_read (stream, bytes, sizeof bytes, &got, &error);
    g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
    g_clear_pointer (&stream, qfu_stream_free);
    if (thread != NULL)
      g_thread_join (thread);
    close (to);
  }
}

static void
test_nobody_reads (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuStream) stream = NULL;
  struct iovec part = {(char[]){"x"}, 1};
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
  close (ends[0]);
  stream = qfu_stream_new (-1, ends[1]);
  g_assert_false (qfu_stream_write (stream, &part, 1, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/stream/parts", test_parts);
  g_test_add_func ("/stream/ahead", test_ahead);
  g_test_add_func ("/stream/batch", test_batch);
  g_test_add_func ("/stream/deadlines", test_deadlines);
  g_test_add_func ("/stream/nobody-reads", test_nobody_reads);
  return g_test_run ();
}
