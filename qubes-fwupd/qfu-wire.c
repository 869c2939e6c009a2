/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-wire.h"

#include "qfu-error.h"
#include "qfu-stream.h"

#define FRAMES_AT_ONCE 16 /* DATA frames in one write */

struct _QfuWire {
  QfuStream *stream;
};

QfuWire *
qfu_wire_new (int read_fd, int write_fd)
{
  QfuWire *wire = g_new0 (QfuWire, 1);

  wire->stream = qfu_stream_new (read_fd, write_fd);
  return wire;
}

void
qfu_wire_free (QfuWire *wire)
{
  if (wire == NULL)
    return;
  qfu_stream_free (wire->stream);
  g_free (wire);
}

void
qfu_wire_set_batching (QfuWire *wire)
{
  qfu_stream_set_batching (wire->stream);
}

void
qfu_wire_set_deadlines (QfuWire *wire, guint idle_ms, guint total_ms)
{
  qfu_stream_set_deadlines (wire->stream, idle_ms, total_ms);
}

gboolean
qfu_wire_wait (const QfuWire *wire, int fd, short events, GError **error)
{
  return qfu_stream_wait (wire->stream, fd, events, error);
}

guint64
qfu_wire_bytes_read (const QfuWire *wire)
{
  return qfu_stream_taken (wire->stream);
}

void
qfu_wire_close_write (QfuWire *wire)
{
  qfu_stream_close_write (wire->stream);
}

gboolean
qfu_wire_send (QfuWire *wire, const QfuMessage *message, GError **error)
{
  g_autoptr (GBytes) frame = qfu_message_encode (message);
  gsize size;
  const guint8 *data = g_bytes_get_data (frame, &size);
  struct iovec part = {(void *)data, size};

  if (size > QFU_WIRE_HEADER_SIZE + QFU_WIRE_PAYLOAD_MAX) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_LIMIT, "%s would be %zu bytes long",
                 qfu_message_name (message), size);
    return FALSE;
  }
  return qfu_stream_write (wire->stream, &part, 1, error);
}

gboolean
qfu_wire_send_data (QfuWire *wire, const void *data, gsize size, GError **error)
{
  guint8 headers[FRAMES_AT_ONCE][QFU_WIRE_HEADER_SIZE];
  struct iovec parts[2 * FRAMES_AT_ONCE];
  const guint8 *bytes = data;

  while (size > 0) {
    gsize n = 0;

    for (; n < FRAMES_AT_ONCE && size > 0; n++) {
      gsize part = MIN (size, QFU_WIRE_DATA_MAX);

      qfu_message_encode_header (headers[n], QFU_FRAME_DATA, part);
      parts[2 * n] = (struct iovec){headers[n], sizeof headers[n]};
      parts[2 * n + 1] = (struct iovec){(void *)bytes, part};
      bytes += part;
      size -= part;
    }
    if (!qfu_stream_write (wire->stream, parts, 2 * n, error))
      return FALSE;
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
  return qfu_wire_send (wire, message, error) && qfu_stream_flush (wire->stream, error);
}

gboolean
qfu_wire_send_end (QfuWire *wire, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_END);

  return qfu_wire_send (wire, message, error) && qfu_stream_flush (wire->stream, error);
}

static gboolean
fail_cut (GError **error)
{
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
                       "the connection was cut in the middle of a frame");
  return FALSE;
}

gboolean
qfu_wire_receive_header (QfuWire *wire, QfuFrameType *type, gsize *length, GError **error)
{
  guint8 header[QFU_WIRE_HEADER_SIZE];
  gsize got;

  if (!qfu_stream_read (wire->stream, header, sizeof header, &got, error))
    return FALSE;
  if (got == 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, "the peer ended the connection");
    return FALSE;
  }
  if (got < sizeof header)
    return fail_cut (error);
  return qfu_message_decode_header (header, type, length, error);
}

QfuMessage *
qfu_wire_receive_payload (QfuWire *wire, QfuFrameType type, gsize length, GError **error)
{
  g_autofree guint8 *payload = g_malloc (length);
  gsize got;

  if (!qfu_stream_read (wire->stream, payload, length, &got, error) ||
      (got != length && !fail_cut (error)))
    return NULL;
  if (type == QFU_FRAME_DATA)
    return qfu_message_new_data (g_steal_pointer (&payload), length);
  return qfu_message_decode (type, payload, length, error);
}

gboolean
qfu_wire_receive_to (QfuWire *wire, int fd, gsize length, GError **error)
{
  gsize got;

  return qfu_stream_move (wire->stream, fd, length, &got, error) &&
         (got == length || fail_cut (error));
}

QfuMessage *
qfu_wire_receive (QfuWire *wire, GError **error)
{
  QfuFrameType type;
  gsize length;

  if (!qfu_wire_receive_header (wire, &type, &length, error))
    return NULL;
  return qfu_wire_receive_payload (wire, type, length, error);
}

gboolean
qfu_wire_receive_bytes (QfuWire *wire, guint8 *buffer, gsize size, gsize *got, GError **error)
{
  return qfu_stream_read (wire->stream, buffer, size, got, error);
}

gboolean
qfu_wire_expect_eof (QfuWire *wire, GError **error)
{
  guint8 byte;
  gsize got;

  if (!qfu_stream_read (wire->stream, &byte, 1, &got, error))
    return FALSE;
  if (got > 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "the peer sent more after the end");
    return FALSE;
  }
  return TRUE;
}
