/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-capture.h"

#include "qfu-error.h"
#include "qfu-process.h"

#define PIECE 4096

static gboolean
collect (QfuWire *wire, QfuBlobBuilder *builder, GError **error)
{
  guint8 piece[PIECE];
  gsize got = sizeof piece;

  while (got == sizeof piece) {
    if (!qfu_wire_receive_bytes (wire, piece, sizeof piece, &got, error) ||
        !qfu_blob_builder_append (builder, piece, got, error))
      return FALSE;
  }
  return TRUE;
}

QfuUntrustedBlob *
qfu_capture (const char *const *argv, const char *what, guint64 max, guint seconds, GError **error)
{
  const QfuProcessSpec spec = {.argv = argv, .what = what};
  g_autoptr (QfuProcess) process = qfu_process_spawn (&spec, error);
  g_autoptr (QfuBlobBuilder) builder = process == NULL ? NULL : qfu_blob_builder_new (max, error);
  int status;

  if (builder == NULL)
    return NULL;
  qfu_wire_close_write (qfu_process_wire (process));
  qfu_wire_set_deadlines (qfu_process_wire (process), 0, seconds * 1000);
  if (!collect (qfu_process_wire (process), builder, error)) {
    g_prefix_error (error, "%s: ", what);
    return NULL;
  }
  if (!qfu_process_finish (process, &status, error))
    return NULL;
  if (status != 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_IO, "%s ended with status %d", what, status);
    return NULL;
  }
  return qfu_blob_builder_finish (g_steal_pointer (&builder), error);
}
