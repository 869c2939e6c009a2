/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-wire.h"

#include "qfu-error.h"
#include "qfu-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#define READ_AHEAD (16 * 1024) /* bytes of small frames that are read at once */
#define BATCH_SIZE (32 * 1024) /* bytes of frames that are written at once */

struct _QfuWire {
  QfuFd read_fd;
  QfuFd write_fd;
  gint64 idle_us;  /* 0: no limit */
  gint64 total_us; /* monotonic time at which everything ends, 0: no limit */
  guint64 bytes_read;
  GByteArray *batch; /* %NULL unless there are many small frames */
  guint8 *ahead;     /* what was read and not taken: READ_AHEAD bytes, with @batch */
  gsize ahead_start;
  gsize ahead_end;
};

QfuWire *
qfu_wire_new (int read_fd, int write_fd)
{
  QfuWire *wire = g_new0 (QfuWire, 1);

  wire->read_fd = read_fd;
  wire->write_fd = write_fd;
  return wire;
}

void
qfu_wire_free (QfuWire *wire)
{
  if (wire == NULL)
    return;
  qfu_fd_clear (&wire->read_fd);
  qfu_fd_clear (&wire->write_fd);
  g_clear_pointer (&wire->batch, g_byte_array_unref);
  g_free (wire->ahead);
  g_free (wire);
}

void
qfu_wire_set_batching (QfuWire *wire)
{
  if (wire->batch != NULL)
    return;
  wire->batch = g_byte_array_sized_new (BATCH_SIZE);
  wire->ahead = g_malloc (READ_AHEAD);
}

/* Where deadlines count, a read or write must never wait inside the kernel. */
static void
wire_set_nonblocking (int fd)
{
  int flags = fd < 0 ? -1 : fcntl (fd, F_GETFL);

  if (flags >= 0 && (flags & O_NONBLOCK) == 0)
    (void)fcntl (fd, F_SETFL, flags | O_NONBLOCK);
}

void
qfu_wire_set_deadlines (QfuWire *wire, guint idle_ms, guint total_ms)
{
  if (idle_ms > 0 || total_ms > 0) {
    wire_set_nonblocking (wire->read_fd);
    wire_set_nonblocking (wire->write_fd);
  }
  wire->idle_us = (gint64)idle_ms * 1000;
  wire->total_us = total_ms == 0 ? 0 : g_get_monotonic_time () + (gint64)total_ms * 1000;
}

guint64
qfu_wire_bytes_read (const QfuWire *wire)
{
  return wire->bytes_read;
}

void
qfu_wire_close_write (QfuWire *wire)
{
  qfu_fd_clear (&wire->write_fd);
}

/* When the next wait must end, or G_MAXINT64. */
static gint64
wire_deadline (const QfuWire *wire)
{
  gint64 deadline = wire->total_us == 0 ? G_MAXINT64 : wire->total_us;

  if (wire->idle_us > 0)
    deadline = MIN (deadline, g_get_monotonic_time () + wire->idle_us);
  return deadline;
}

gboolean
qfu_wire_wait (const QfuWire *wire, int fd, short events, GError **error)
{
  gint64 deadline = wire_deadline (wire);

  for (;;) {
    struct pollfd pfd = {fd, events, 0};
    gint64 left_us = deadline - g_get_monotonic_time ();
    int timeout = deadline == G_MAXINT64 ? -1 : (int)CLAMP ((left_us + 999) / 1000, 0, G_MAXINT);
    int ready = poll (&pfd, 1, timeout);

    /* a peer that always has something ready must not outlive the deadline either */
    if (ready > 0 && left_us > 0)
      return TRUE;
    if (ready >= 0) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "no answer in time");
      return FALSE;
    }
    if (errno != EINTR)
      return qfu_error_errno (error, errno, "waiting for a peer");
  }
}

/* Reads up to @size bytes from the peer; stores 0 at the end of the stream. */
static gboolean
wire_read_fd (QfuWire *wire, guint8 *buffer, gsize size, gsize *got, GError **error)
{
  for (;;) {
    gssize n;

    if (!qfu_wire_wait (wire, wire->read_fd, POLLIN, error))
      return FALSE;
    n = read (wire->read_fd, buffer, size);
    if (n >= 0) {
      *got = (gsize)n;
      wire->bytes_read += (guint64)n;
      return TRUE;
    }
    if (errno != EINTR && errno != EAGAIN)
      return qfu_error_errno (error, errno, "reading from a peer");
  }
}

/* The same, through the read-ahead: a call for a few bytes takes as many as there are. */
static gboolean
wire_read_some (QfuWire *wire, guint8 *buffer, gsize size, gsize *got, GError **error)
{
  gsize left = wire->ahead_end - wire->ahead_start;

  if (left == 0 && (wire->ahead == NULL || size >= READ_AHEAD))
    return wire_read_fd (wire, buffer, size, got, error);
  if (left == 0) {
    if (!wire_read_fd (wire, wire->ahead, READ_AHEAD, &left, error))
      return FALSE;
    wire->ahead_start = 0;
    wire->ahead_end = left;
  }
  *got = MIN (size, left);
  memcpy (buffer, wire->ahead + wire->ahead_start, *got);
  wire->ahead_start += *got;
  return TRUE;
}

/* Reads exactly @size bytes; stores in @got how many came before the end of the stream. */
static gboolean
wire_read (QfuWire *wire, guint8 *buffer, gsize size, gsize *got, GError **error)
{
  *got = 0;
  while (*got < size) {
    gsize n;

    if (!wire_read_some (wire, buffer + *got, size - *got, &n, error))
      return FALSE;
    if (n == 0)
      break;
    *got += n;
  }
  return TRUE;
}

static gboolean
wire_write (QfuWire *wire, const guint8 *data, gsize size, GError **error)
{
  while (size > 0) {
    gssize n;

    if (!qfu_wire_wait (wire, wire->write_fd, POLLOUT, error))
      return FALSE;
    n = write (wire->write_fd, data, size);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (n < 0 && errno == EPIPE) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, "the peer stopped reading");
      return FALSE;
    }
    if (n < 0)
      return qfu_error_errno (error, errno, "writing to a peer");
    data += n;
    size -= (gsize)n;
  }
  return TRUE;
}

static gboolean
wire_flush (QfuWire *wire, GError **error)
{
  gboolean ok =
      wire->batch == NULL || wire_write (wire, wire->batch->data, wire->batch->len, error);

  if (wire->batch != NULL)
    g_byte_array_set_size (wire->batch, 0);
  return ok;
}

/* Writes, or gathers what is to be written. */
static gboolean
wire_put (QfuWire *wire, const guint8 *data, gsize size, GError **error)
{
  if (wire->batch == NULL)
    return wire_write (wire, data, size, error);
  if (size > BATCH_SIZE - wire->batch->len && !wire_flush (wire, error))
    return FALSE;
  if (size > BATCH_SIZE)
    return wire_write (wire, data, size, error);
  g_byte_array_append (wire->batch, data, (guint)size);
  return TRUE;
}

gboolean
qfu_wire_send (QfuWire *wire, const QfuMessage *message, GError **error)
{
  g_autoptr (GBytes) frame = qfu_message_encode (message);
  gsize size;
  const guint8 *data = g_bytes_get_data (frame, &size);

  if (size > QFU_WIRE_HEADER_SIZE + QFU_WIRE_PAYLOAD_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "%s would be %zu bytes long",
                 qfu_message_name (message), size);
    return FALSE;
  }
  return wire_put (wire, data, size, error);
}

gboolean
qfu_wire_send_data (QfuWire *wire, const void *data, gsize size, GError **error)
{
  const guint8 *bytes = data;

  while (size > 0) {
    gsize part = MIN (size, QFU_WIRE_DATA_MAX);
    guint8 header[QFU_WIRE_HEADER_SIZE] = {QFU_FRAME_DATA, 0, QFU_WIRE_VERSION, 0};
    guint32 length = GUINT32_TO_LE ((guint32)part);

    memcpy (header + 4, &length, sizeof length);
    if (!wire_put (wire, header, sizeof header, error) || !wire_put (wire, bytes, part, error))
      return FALSE;
    bytes += part;
    size -= part;
  }
  return TRUE;
}

gboolean
qfu_wire_send_error (QfuWire *wire, const GError *problem, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_ERROR);
  gboolean ours = problem->domain == QFU_ERROR;

  qfu_message_add_number (message, QFU_FIELD_CODE,
                          ours ? (guint64)problem->code : QFU_ERROR_INTERNAL);
  qfu_message_add_text (message, QFU_FIELD_DETAIL, problem->message);
  return qfu_wire_send (wire, message, error) && wire_flush (wire, error);
}

gboolean
qfu_wire_send_end (QfuWire *wire, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_END);

  return qfu_wire_send (wire, message, error) && wire_flush (wire, error);
}

QfuMessage *
qfu_wire_receive (QfuWire *wire, GError **error)
{
  guint8 header[QFU_WIRE_HEADER_SIZE];
  QfuFrameType type;
  gsize length;
  gsize got;

  if (!wire_read (wire, header, sizeof header, &got, error))
    return NULL;
  if (got == 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, "the peer ended the connection");
    return NULL;
  }
  if (got == sizeof header) {
    if (!qfu_message_decode_header (header, &type, &length, error))
      return NULL;
    g_autofree guint8 *payload = g_malloc (length + 1);
    if (!wire_read (wire, payload, length, &got, error))
      return NULL;
    if (got == length)
      return qfu_message_decode (type, payload, length, error);
  }
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
                       "the connection was cut in the middle of a frame");
  return NULL;
}

gboolean
qfu_wire_expect_eof (QfuWire *wire, GError **error)
{
  guint8 byte;
  gsize got;

  if (!wire_read_some (wire, &byte, 1, &got, error))
    return FALSE;
  if (got > 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "the peer sent more after the end");
    return FALSE;
  }
  return TRUE;
}
