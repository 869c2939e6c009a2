/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-message.h"

/**
 * QfuWire:
 *
 * Frames over a pair of file descriptors: qrexec's standard streams and the pipes of our own
 * programs alike. The format is in schemas/wire.md.
 */
typedef struct _QfuWire QfuWire;

/**
 * qfu_wire_new:
 * @read_fd: (transfer full): descriptor to read frames from, or -1
 * @write_fd: (transfer full): descriptor to write frames to, or -1
 */
QfuWire *qfu_wire_new (int read_fd, int write_fd);
void qfu_wire_free (QfuWire *wire);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuWire, qfu_wire_free)

/**
 * qfu_wire_set_deadlines:
 * @idle_ms: milliseconds that may pass without a byte, 0 for no limit
 * @total_ms: milliseconds from this call that all later reads and writes together may take, 0 for
 * no limit
 *
 * A missed deadline is a #QFU_ERROR_LIMIT. With a limit the descriptors are made non-blocking; this
 * can be called again for the next phase of a call.
 */
void qfu_wire_set_deadlines (QfuWire *wire, guint idle_ms, guint total_ms);

/* Waits for @events (poll(2)) on any descriptor under the deadlines of @wire. */
gboolean
qfu_wire_wait (const QfuWire *wire, int fd, short events, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Bytes of all frames that were received so far, headers included. */
guint64 qfu_wire_bytes_read (const QfuWire *wire);

/**
 * qfu_wire_set_batching:
 * @wire: a wire for many small frames in a row, for each of which a system call costs more than
 * what it says
 *
 * From here on frames that are sent are gathered and written together, at the latest by
 * qfu_wire_send_end() or qfu_wire_send_error(); and what is read is read ahead.
 */
void qfu_wire_set_batching (QfuWire *wire);

gboolean
qfu_wire_send (QfuWire *wire, const QfuMessage *message, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Sends @size bytes as as many DATA frames as it takes. */
gboolean qfu_wire_send_data (QfuWire *wire, const void *data, gsize size, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Sends ERROR with the code of @problem (and its text: only programs that run in dom0 do that). */
gboolean qfu_wire_send_error (QfuWire *wire,
                              const GError *problem,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean qfu_wire_send_end (QfuWire *wire, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_wire_receive:
 * @error: #QFU_ERROR_PROTOCOL, #QFU_ERROR_LIMIT (deadline), #QFU_ERROR_IO; #QFU_ERROR_UNREACHABLE
 * when the peer closed the wire, between two frames or within one
 *
 * Waits for one whole frame.
 *
 * Trust: the peer may be anybody.
 *
 * Returns: (transfer full): a decoded message, or %NULL
 */
QfuMessage *qfu_wire_receive (QfuWire *wire, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_wire_receive_header:
 * @type: (out): what comes
 * @length: (out): bytes of its payload, which must be taken next; of DATA at least one
 *
 * The first half of qfu_wire_receive(), for whoever wants the bytes of DATA elsewhere than in a
 * message.
 */
gboolean qfu_wire_receive_header (QfuWire *wire, QfuFrameType *type, gsize *length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The second half: the message. */
QfuMessage *qfu_wire_receive_payload (QfuWire *wire,
                                      QfuFrameType type,
                                      gsize length,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The second half of DATA: writes the payload to @fd, unread. */
gboolean
qfu_wire_receive_to (QfuWire *wire, int fd, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Bytes of a peer that speaks no frames: exactly @size of them, or those that come before its end,
 * which @got counts. */
gboolean qfu_wire_receive_bytes (QfuWire *wire,
                                 guint8 *buffer,
                                 gsize size,
                                 gsize *got,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Succeeds only if the peer has closed the wire and sent nothing more; a byte more is a
 * #QFU_ERROR_PROTOCOL. */
gboolean qfu_wire_expect_eof (QfuWire *wire, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Closes the writing side, so that the peer sees the end. */
void qfu_wire_close_write (QfuWire *wire);
