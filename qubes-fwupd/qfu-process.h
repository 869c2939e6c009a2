/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"
#include "qfu-wire.h"

#define QFU_PROCESS_INPUTS_MAX 4 /* descriptors 3, 4, 5, 6 of the child */

/**
 * QfuProcessSpec:
 * @argv: (array zero-terminated): the program's path and arguments; no shell is involved
 * @envp: (array zero-terminated) (nullable): its environment; %NULL: empty
 * @inputs: blobs that the child inherits as descriptors 3, 4, …
 * @n_inputs: how many, at most QFU_PROCESS_INPUTS_MAX
 * @keep_stderr: whether the child may write to our standard error (programs of ours that parse
 * nothing untrusted); otherwise what it writes there is dropped
 * @output_max: bytes of all frames that qfu_process_next() takes from it; 0: any number
 * @what: what to call it in messages, such as "the worker for jcat"
 * @own_words: whether the child's errors are shown as they are, because it parses nothing untrusted
 * and says what they are about; otherwise @what stands before them
 */
typedef struct {
  const char *const *argv;
  const char *const *envp;
  const QfuUntrustedBlob *inputs[QFU_PROCESS_INPUTS_MAX];
  gsize n_inputs;
  gboolean keep_stderr;
  guint64 output_max;
  const char *what;
  gboolean own_words;
} QfuProcessSpec;

/**
 * QfuProcess:
 *
 * A child that speaks frames on its standard streams: a program of ours, a qrexec client, or any
 * command that reaches an agent. It leads a session without a terminal, dies with us, and is killed
 * with its process group when the object is freed.
 *
 * Trust: everything that it sends is a claim.
 */
typedef struct _QfuProcess QfuProcess;

QfuProcess *qfu_process_spawn (const QfuProcessSpec *spec,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_process_free (QfuProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuProcess, qfu_process_free)

/* (transfer none): frames to and from the child. */
QfuWire *qfu_process_wire (QfuProcess *process);

/**
 * qfu_process_next:
 * @process: a program of ours
 * @message: (out) (transfer full): the next frame, or %NULL after END
 * @error: the peer's ERROR as a #GError, or whatever broke the protocol
 *
 * Receives one frame. At END it checks that nothing follows, waits for the child, and demands exit
 * status 0.
 */
gboolean qfu_process_next (QfuProcess *process,
                           QfuMessage **message,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_process_collect:
 * @process: a process that sends DATA frames next
 * @size: bytes that the peer announced, checked by the caller against a maximum of its own
 *
 * Returns: (transfer full): a blob of exactly @size bytes from DATA frames
 */
QfuUntrustedBlob *
qfu_process_collect (QfuProcess *process, guint64 size, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_process_finish:
 *
 * Expects the end of the stream and waits for the child, whose exit status is stored in @status
 * (128 + signal when killed by one).
 */
gboolean
qfu_process_finish (QfuProcess *process, int *status, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The error that an ERROR frame of @what carries; its text alone when @what is %NULL. Only for
 * programs that run beside us. */
void qfu_process_set_peer_error (const QfuMessage *message, const char *what, GError **error);
