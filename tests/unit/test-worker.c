/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "liar.h"
#include "qfu-error.h"
#include "qfu-worker.h"
#include "testconfig.h"

#include <string.h>

static GError *
start_and_read (const QfuConfig *config)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("garbage", 7);
  const QfuUntrustedBlob *const inputs[] = {blob};
  g_autoptr (QfuProcess) worker = NULL;
  g_autoptr (QfuMessage) message = NULL;
  GError *error = NULL;

  worker = qfu_worker_start (config, QFU_OP_JCAT, NULL, inputs, 1, &error);
  if (worker != NULL)
    g_assert_false (qfu_process_next (worker, &message, &error));
  g_assert_nonnull (error);
  return error;
}

static void
test_start (void)
{
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, G_STRINGIFY (TEST_WORKER_UID));
  g_autoptr (GError) garbage = start_and_read (config);
  g_autoptr (GError) absent = NULL;

  g_assert_error (garbage, QFU_ERROR, QFU_ERROR_FORMAT);
  g_assert_true (g_str_has_prefix (garbage->message, "the worker for jcat: "));
  g_free (config->programs);
  config->programs = g_strdup (directory);
  absent = start_and_read (config);
  g_assert_error (absent, QFU_ERROR, QFU_ERROR_UNREACHABLE);
  test_directory_remove (directory);
}

static void
add_data (GPtrArray *frames, gsize size)
{
  g_autofree char *bytes = g_strnfill (size, 'x');
  QfuMessage *message = qfu_message_new (QFU_FRAME_DATA);

  qfu_message_set_data (message, bytes, size);
  g_ptr_array_add (frames, message);
}

/* Reads what a worker says that sends @size bytes of frames, END among them; %NULL: all was taken.
 */
static GError *
listen_to (guint64 size)
{
  g_autofree char *directory = test_directory ();
  g_autoptr (QfuConfig) config = test_config (directory, G_STRINGIFY (TEST_WORKER_UID));
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  g_autoptr (QfuProcess) worker = NULL;
  gboolean more = TRUE;
  GError *error = NULL;

  for (size -= QFU_WIRE_HEADER_SIZE; size > QFU_WIRE_HEADER_SIZE;) {
    gsize part = MIN (size - QFU_WIRE_HEADER_SIZE, QFU_WIRE_DATA_MAX / 2);

    add_data (frames, part);
    size -= part + QFU_WIRE_HEADER_SIZE;
  }
  g_assert_cmpuint (size, ==, 0);
  liar_install (config, directory, frames, TRUE);
  worker = qfu_worker_start (config, QFU_OP_SIGNATURE, NULL, NULL, 0, &error);
  while (worker != NULL && more && error == NULL) {
    g_autoptr (QfuMessage) message = NULL;

    more = qfu_process_next (worker, &message, &error) && message != NULL;
  }
  test_directory_remove (directory);
  return error;
}

/* Whatever the frames are, dom0 holds no more of them than the op's row says. */
static void
test_output (void)
{
  guint64 output = qfu_worker_limits (QFU_OP_SIGNATURE)->output;
  g_autoptr (GError) at = listen_to (output);
  g_autoptr (GError) past = listen_to (output + 1);

  g_assert_no_error (at);
  g_assert_error (past, QFU_ERROR, QFU_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/worker/start", test_start);
  g_test_add_func ("/worker/output", test_output);
  return g_test_run ();
}
