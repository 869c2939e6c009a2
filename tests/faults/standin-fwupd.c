/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stands in for qfu-fwupd, so that a run takes milliseconds. It keeps what it is given in the
 * folder `fwupd` beside the configuration: the remote `lab`, one device, and the metadata as fwupd
 * would.
 *
 * A file `wait` there makes the op `metadata` wait until it is killed; it says so by `waiting`. */
#include "qfu-child.h"
#include "qfu-device.h"
#include "qfu-error.h"
#include "qfu-fwupd-flags.h"

#include <string.h>
#include <unistd.h>

#define DEVICE_GUID "b8df02ef-e47d-5ff7-9e2b-2a5ee8c57a0b"

static char *
kept (const char *name)
{
  g_autofree char *folder = g_path_get_dirname (g_getenv ("QFU_CONFIG"));

  return g_build_filename (folder, "fwupd", name, NULL);
}

static gboolean
run_remotes (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_REMOTE);

  qfu_message_add_text (message, QFU_FIELD_ID, "lab");
  qfu_message_add_text (message, QFU_FIELD_NAME, "Lab");
  qfu_message_add_text (message, QFU_FIELD_URL, "https://mirror.example.org/firmware.xml.gz");
  qfu_message_add_number (message, QFU_FIELD_KIND, QFU_REMOTE_KIND_DOWNLOAD);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, QFU_REMOTE_ENABLED);
  return qfu_wire_send (wire, message, error);
}

static gboolean
run_devices (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  g_autoptr (QfuMessage) setting = qfu_message_new (QFU_FRAME_SETTING);
  g_autoptr (QfuMessage) message = qfu_message_new (QFU_FRAME_DEVICE);

  qfu_message_add_text (setting, QFU_FIELD_NAME, QFU_MACHINE_FWUPD);
  qfu_message_add_text (setting, QFU_FIELD_VALUE, "2.0.20");
  qfu_message_add_text (message, QFU_FIELD_ID, "0123456789abcdef0123456789abcdef01234567");
  qfu_message_add_text (message, QFU_FIELD_NAME, "Board");
  qfu_message_add_text (message, QFU_FIELD_PLUGIN, "test");
  qfu_message_add_text (message, QFU_FIELD_VERSION, "1.0.0");
  qfu_message_add_text (message, QFU_FIELD_VERSION_FORMAT, "triplet");
  qfu_message_add_text (message, QFU_FIELD_GUID, DEVICE_GUID);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, QFU_DEVICE_UPDATABLE);
  return qfu_wire_send (wire, setting, error) && qfu_wire_send (wire, message, error);
}

static void
wait_to_be_killed (void)
{
  g_autofree char *wait = kept ("wait");
  g_autofree char *waiting = kept ("waiting");

  if (!g_file_test (wait, G_FILE_TEST_EXISTS))
    return;
  if (g_file_set_contents (waiting, "", 0, NULL))
    (void)pause ();
}

static gboolean
run_metadata (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  g_autoptr (GBytes) metadata = qfu_child_input (0, error);
  g_autofree char *path = kept ("metadata");
  g_autofree char *before = NULL;
  gsize size;
  gsize size_before;
  const char *data;

  if (metadata == NULL)
    return FALSE;
  wait_to_be_killed ();
  data = g_bytes_get_data (metadata, &size);
  if (g_file_get_contents (path, &before, &size_before, NULL) && size == size_before &&
      memcmp (data, before, size) == 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOTHING, "the same metadata");
    return FALSE;
  }
  return g_file_set_contents (path, data, (gssize)size, error);
}

/* Like fwupd, it takes a cab from whoever asks; the caller is who must have verified it. */
static gboolean
run_install (QfuWire *wire, const QfuMessage *arguments, GError **error)
{
  g_autoptr (GBytes) cab = qfu_child_input (0, error);
  g_autofree char *path = kept ("installed");

  return cab != NULL && g_file_set_contents (path, g_bytes_get_data (cab, NULL),
                                             (gssize)g_bytes_get_size (cab), error);
}

int
main (int argc, char **argv)
{
  static const QfuChildOp ops[] = {{"remotes", run_remotes},
                                   {"devices", run_devices},
                                   {"metadata", run_metadata},
                                   {"install", run_install}};

  return qfu_child_main (argc, argv, ops, G_N_ELEMENTS (ops));
}
