/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qubes.FwupdDevices: tells dom0 which devices the fwupd of this VM has. schemas/wire.md. */
#include "qfu-error.h"
#include "qfu-usb-devices.h"
#include "qfu-usb-fwupd.h"
#include "qfu-usb-report.h"
#include "qfu-usb-sysfs.h"

#include <glib-unix.h>
#include <unistd.h>

#define LIST_SECONDS 120 /* dom0 waits no longer either */

/* A caller that goes waits for no answer, and none may say more. */
typedef struct {
  GCancellable *cancellable;
  gboolean more;
} Caller;

static gboolean
on_input (int fd, GIOCondition condition, gpointer user_data)
{
  Caller *caller = user_data;
  char byte;

  caller->more = (condition & G_IO_IN) != 0 && read (fd, &byte, 1) > 0;
  g_cancellable_cancel (caller->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
on_late (gpointer user_data)
{
  Caller *caller = user_data;

  g_cancellable_cancel (caller->cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
report_devices (QfuUsbReport *report, GPtrArray *picked, GPtrArray *nodes, GError **error)
{
  for (guint i = 0; i < picked->len; i++) {
    FwupdDevice *device = g_ptr_array_index (picked, i);

    if (!qfu_usb_report_add (report, qfu_usb_device_message (device, picked, nodes), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
answer (QfuUsbTalk *talk, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) nodes = qfu_usb_sysfs_read (QFU_USB_SYSFS, error);
  g_autoptr (FwupdClient) client =
      nodes == NULL ? NULL : qfu_usb_fwupd_connect (talk, cancellable, error);
  g_autoptr (GPtrArray) devices =
      client == NULL ? NULL : qfu_usb_fwupd_devices (talk, client, cancellable, error);
  g_autoptr (GPtrArray) picked = NULL;
  g_autoptr (QfuUsbReport) report = NULL;
  g_autofree char *version = NULL;

  if (devices == NULL)
    return FALSE;
  picked = qfu_usb_devices_pick (devices);
  version = qfu_usb_version (fwupd_client_get_daemon_version (client));
  report =
      qfu_usb_report_new (version == NULL ? "unknown" : version, qfu_usb_sysfs_keyboards (nodes));
  return report_devices (report, picked, nodes, error) &&
         qfu_usb_report_send (report, talk->wire, error);
}

static gboolean
serve (QfuUsbTalk *talk, GError **error)
{
  g_autoptr (QfuMessage) request = qfu_usb_talk_receive (talk, QFU_FRAME_LIST, error);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Caller caller = {cancellable, FALSE};
  gboolean ok;

  if (request == NULL || !qfu_usb_talk_send_hello (talk, error))
    return FALSE;
  qfu_wire_set_deadlines (talk->wire, 0, LIST_SECONDS * 1000);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, &caller);
  g_timeout_add_seconds (LIST_SECONDS, on_late, &caller);
  ok = answer (talk, cancellable, error);
  if (!ok && caller.more)
    (*error)->code = QFU_ERROR_PROTOCOL;
  return ok;
}

int
main (int argc, char **argv)
{
  return qfu_usb_talk_main ("qubes.FwupdDevices", argc, argv, serve);
}
