/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "liar.h"

#include "qfu-worker-table.h"

#include <glib/gstdio.h>

static void
append (GByteArray *out, const QfuMessage *message)
{
  g_autoptr (GBytes) frame = qfu_message_encode (message);

  g_byte_array_append (out, g_bytes_get_data (frame, NULL), (guint)g_bytes_get_size (frame));
}

void
liar_install (QfuConfig *config, const char *directory, const GPtrArray *messages, gboolean end)
{
  g_autoptr (GByteArray) frames = g_byte_array_new ();
  g_autoptr (QfuMessage) last = qfu_message_new (QFU_FRAME_END);
  g_autofree char *data = g_build_filename (directory, "frames", NULL);
  g_autofree char *quoted = g_shell_quote (data);
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\nexec /bin/cat %s\n", quoted);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < messages->len; i++)
    append (frames, g_ptr_array_index (messages, i));
  if (end)
    append (frames, last);
  g_file_set_contents (data, (const char *)frames->data, frames->len, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < QFU_N_OPS; i++) {
    g_autofree char *program =
        g_build_filename (directory, qfu_worker_limits ((QfuWorkerOp)i)->program, NULL);

    g_file_set_contents (program, script, -1, &error);
    g_assert_no_error (error);
    g_assert_cmpint (g_chmod (program, 0755), ==, 0);
  }
  g_free (config->programs);
  config->programs = g_strdup (directory);
}
