/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <sys/uio.h>

/**
 * QfuStream:
 *
 * Bytes from and to a peer over two descriptors, under deadlines: what frames travel on.
 */
typedef struct _QfuStream QfuStream;

/* @read_fd, @write_fd: (transfer full): or -1. Pipes among them are widened. */
QfuStream *qfu_stream_new (int read_fd, int write_fd);
void qfu_stream_free (QfuStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuStream, qfu_stream_free)

/* Milliseconds that may pass without a byte, and that all later calls together may take; 0: any
 * number. A missed deadline is a #QFU_ERROR_LIMIT. With a limit the descriptors are made
 * non-blocking. */
void qfu_stream_set_deadlines (QfuStream *stream, guint idle_ms, guint total_ms);
/* Many small pieces are on their way: gather what is written until qfu_stream_flush(), and read
 * ahead. */
void qfu_stream_set_batching (QfuStream *stream);
/* Waits for @events (poll(2)) on any descriptor under the deadlines of @stream. */
gboolean qfu_stream_wait (const QfuStream *stream, int fd, short events, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Bytes that were handed out so far. */
guint64 qfu_stream_taken (const QfuStream *stream);

/* Reads exactly @size bytes; stores in @got how many came before the end of the stream. */
gboolean qfu_stream_read (QfuStream *stream, guint8 *buffer, gsize size, gsize *got, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The same to the file at @fd; from a pipe the bytes go there without passing through this process.
 */
gboolean qfu_stream_move (QfuStream *stream, int fd, gsize size, gsize *got, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Writes all of @parts, which it changes. #QFU_ERROR_UNREACHABLE when nobody reads any more. */
gboolean qfu_stream_write (QfuStream *stream, struct iovec *parts, gsize n_parts, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Writes what was gathered. */
gboolean qfu_stream_flush (QfuStream *stream, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Closes the writing side, so that the peer sees the end. */
void qfu_stream_close_write (QfuStream *stream);
