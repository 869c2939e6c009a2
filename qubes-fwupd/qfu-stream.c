/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-stream.h"

#include "qfu-error.h"
#include "qfu-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#define PIPE_SIZE (1024 * 1024) /* bytes; what an unprivileged process may ask for */
#define READ_AHEAD (16 * 1024)  /* bytes of small pieces that are read at once */
#define BATCH_SIZE (32 * 1024)  /* bytes that are gathered before they are written */
#define COPY_SIZE (64 * 1024)   /* bytes at once where splice() cannot be used */

struct _QfuStream {
  QfuFd read_fd;
  QfuFd write_fd;
  gboolean nonblocking;
  gint64 idle_us;  /* 0: no limit */
  gint64 total_us; /* monotonic time at which everything ends, 0: no limit */
  guint64 taken;
  GByteArray *batch; /* %NULL unless there are many small pieces */
  guint8 *ahead;     /* what was read and not taken: READ_AHEAD bytes, with @batch */
  gsize ahead_start;
  gsize ahead_end;
};

/* Both ends then wait for each other less often. What is no pipe, or may not grow, stays. */
static void
widen (int fd)
{
  if (fd >= 0)
    (void)fcntl (fd, F_SETPIPE_SZ, PIPE_SIZE);
}

QfuStream *
qfu_stream_new (int read_fd, int write_fd)
{
  QfuStream *stream = g_new0 (QfuStream, 1);

  stream->read_fd = read_fd;
  stream->write_fd = write_fd;
  widen (read_fd);
  widen (write_fd);
  return stream;
}

void
qfu_stream_free (QfuStream *stream)
{
  if (stream == NULL)
    return;
  qfu_fd_clear (&stream->read_fd);
  qfu_fd_clear (&stream->write_fd);
  g_clear_pointer (&stream->batch, g_byte_array_unref);
  g_free (stream->ahead);
  g_free (stream);
}

void
qfu_stream_set_batching (QfuStream *stream)
{
  if (stream->batch != NULL)
    return;
  stream->batch = g_byte_array_sized_new (BATCH_SIZE);
  stream->ahead = g_malloc (READ_AHEAD);
}

/* Where deadlines count, a read or write must never wait inside the kernel. */
static void
set_nonblocking (int fd)
{
  int flags = fd < 0 ? -1 : fcntl (fd, F_GETFL);

  if (flags >= 0 && (flags & O_NONBLOCK) == 0)
    (void)fcntl (fd, F_SETFL, flags | O_NONBLOCK);
}

void
qfu_stream_set_deadlines (QfuStream *stream, guint idle_ms, guint total_ms)
{
  if (!stream->nonblocking && (idle_ms > 0 || total_ms > 0)) {
    stream->nonblocking = TRUE;
    set_nonblocking (stream->read_fd);
    set_nonblocking (stream->write_fd);
  }
  stream->idle_us = (gint64)idle_ms * 1000;
  stream->total_us = total_ms == 0 ? 0 : g_get_monotonic_time () + (gint64)total_ms * 1000;
}

guint64
qfu_stream_taken (const QfuStream *stream)
{
  return stream->taken;
}

void
qfu_stream_close_write (QfuStream *stream)
{
  qfu_fd_clear (&stream->write_fd);
}

/* When the next wait must end, or G_MAXINT64. */
static gint64
next_deadline (const QfuStream *stream)
{
  gint64 deadline = stream->total_us == 0 ? G_MAXINT64 : stream->total_us;

  if (stream->idle_us > 0)
    deadline = MIN (deadline, g_get_monotonic_time () + stream->idle_us);
  return deadline;
}

static gboolean
fail_late (GError **error)
{
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "no answer in time");
  return FALSE;
}

gboolean
qfu_stream_wait (const QfuStream *stream, int fd, short events, GError **error)
{
  gint64 deadline = next_deadline (stream);

  for (;;) {
    struct pollfd pfd = {fd, events, 0};
    gint64 left_us = deadline - g_get_monotonic_time ();
    int timeout = deadline == G_MAXINT64 ? -1 : (int)CLAMP ((left_us + 999) / 1000, 0, G_MAXINT);
    int ready = poll (&pfd, 1, timeout);

    /* a peer that always has something ready must not outlive the deadline either */
    if (ready > 0 && left_us > 0)
      return TRUE;
    if (ready >= 0)
      return fail_late (error);
    if (errno != EINTR)
      return qfu_error_errno (error, errno, "waiting for a peer");
  }
}

/* Before each call: a peer that always has something ready is never waited for. */
static gboolean
in_time (const QfuStream *stream, GError **error)
{
  return stream->total_us == 0 || g_get_monotonic_time () < stream->total_us || fail_late (error);
}

/* Whether a call that did not go through may be made again; waits until it is worth it. */
static gboolean
again (const QfuStream *stream, int fd, short events, int saved_errno, GError **error)
{
  if (saved_errno == EAGAIN)
    return qfu_stream_wait (stream, fd, events, error);
  return saved_errno == EINTR || qfu_error_errno (error, saved_errno, "talking to a peer");
}

/* Reads up to @size bytes from the peer; stores 0 at the end of the stream. */
static gboolean
read_fd (QfuStream *stream, guint8 *buffer, gsize size, gsize *got, GError **error)
{
  while (in_time (stream, error)) {
    gssize n = read (stream->read_fd, buffer, size);

    if (n >= 0) {
      *got = (gsize)n;
      return TRUE;
    }
    if (!again (stream, stream->read_fd, POLLIN, errno, error))
      break;
  }
  return FALSE;
}

/* The same, through the read-ahead: a call for a few bytes takes as many as there are. */
static gboolean
read_some (QfuStream *stream, guint8 *buffer, gsize size, gsize *got, GError **error)
{
  gsize left = stream->ahead_end - stream->ahead_start;

  if (left == 0 && (stream->ahead == NULL || size >= READ_AHEAD))
    return read_fd (stream, buffer, size, got, error);
  if (left == 0) {
    if (!read_fd (stream, stream->ahead, READ_AHEAD, &left, error))
      return FALSE;
    stream->ahead_start = 0;
    stream->ahead_end = left;
  }
  *got = MIN (size, left);
  memcpy (buffer, stream->ahead + stream->ahead_start, *got);
  stream->ahead_start += *got;
  return TRUE;
}

gboolean
qfu_stream_read (QfuStream *stream, guint8 *buffer, gsize size, gsize *got, GError **error)
{
  *got = 0;
  while (*got < size) {
    gsize n;

    if (!read_some (stream, buffer + *got, size - *got, &n, error))
      return FALSE;
    if (n == 0)
      break;
    *got += n;
    stream->taken += n;
  }
  return TRUE;
}

/* Moves up to @size bytes to @fd through a buffer; stores 0 at the end of the stream. */
static gboolean
copy_some (QfuStream *stream, int fd, gsize size, gsize *got, GError **error)
{
  guint8 buffer[COPY_SIZE];

  if (!read_some (stream, buffer, MIN (size, sizeof buffer), got, error))
    return FALSE;
  for (gsize done = 0; done < *got;) {
    gssize n = write (fd, buffer + done, *got - done);

    if (n < 0 && errno != EINTR)
      return qfu_error_errno (error, errno, "writing what a peer sent");
    done += (gsize)MAX (n, 0);
  }
  return TRUE;
}

/* The same without a buffer where the kernel can. */
static gboolean
move_some (QfuStream *stream, int fd, gsize size, gsize *got, GError **error)
{
  unsigned flags = stream->nonblocking ? SPLICE_F_NONBLOCK : 0;

  if (stream->ahead_end > stream->ahead_start)
    return copy_some (stream, fd, size, got, error);
  while (in_time (stream, error)) {
    gssize n = splice (stream->read_fd, NULL, fd, NULL, size, flags);

    if (n >= 0) {
      *got = (gsize)n;
      return TRUE;
    }
    if (errno == EINVAL) /* not from a pipe */
      return copy_some (stream, fd, size, got, error);
    if (!again (stream, stream->read_fd, POLLIN, errno, error))
      break;
  }
  return FALSE;
}

gboolean
qfu_stream_move (QfuStream *stream, int fd, gsize size, gsize *got, GError **error)
{
  *got = 0;
  while (*got < size) {
    gsize n;

    if (!move_some (stream, fd, size - *got, &n, error))
      return FALSE;
    if (n == 0)
      break;
    *got += n;
    stream->taken += n;
  }
  return TRUE;
}

/* Takes @n bytes from the front of @parts. */
static void
advance (struct iovec **parts, gsize *n_parts, gsize n)
{
  while (*n_parts > 0 && n >= (*parts)->iov_len) {
    n -= (*parts)->iov_len;
    (*parts)++;
    (*n_parts)--;
  }
  if (n > 0) {
    (*parts)->iov_base = (guint8 *)(*parts)->iov_base + n;
    (*parts)->iov_len -= n;
  }
}

static gboolean
write_fd (QfuStream *stream, struct iovec *parts, gsize n_parts, GError **error)
{
  while (n_parts > 0) {
    gssize n;

    if (!in_time (stream, error))
      return FALSE;
    n = writev (stream->write_fd, parts, (int)n_parts);
    if (n >= 0) {
      advance (&parts, &n_parts, (gsize)n);
      continue;
    }
    if (errno == EPIPE) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, "the peer stopped reading");
      return FALSE;
    }
    if (!again (stream, stream->write_fd, POLLOUT, errno, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
qfu_stream_flush (QfuStream *stream, GError **error)
{
  struct iovec part;

  if (stream->batch == NULL || stream->batch->len == 0)
    return TRUE;
  part = (struct iovec){stream->batch->data, stream->batch->len};
  g_byte_array_set_size (stream->batch, 0);
  return write_fd (stream, &part, 1, error);
}

gboolean
qfu_stream_write (QfuStream *stream, struct iovec *parts, gsize n_parts, GError **error)
{
  gsize size = 0;

  if (stream->batch == NULL)
    return write_fd (stream, parts, n_parts, error);
  for (gsize i = 0; i < n_parts; i++)
    size += parts[i].iov_len;
  if (size > BATCH_SIZE - stream->batch->len && !qfu_stream_flush (stream, error))
    return FALSE;
  if (size > BATCH_SIZE)
    return write_fd (stream, parts, n_parts, error);
  for (gsize i = 0; i < n_parts; i++)
    g_byte_array_append (stream->batch, parts[i].iov_base, (guint)parts[i].iov_len);
  return TRUE;
}
