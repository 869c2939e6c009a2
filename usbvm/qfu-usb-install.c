/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* qubes.FwupdInstall: takes a cabinet from dom0 and has the fwupd of this VM install it.
 * schemas/wire.md. */
#include "qfu-fd.h"
#include "qfu-usb-sysfs.h"
#include "qfu-usb-write.h"

#define IDLE_MS 60000      /* that dom0 may take for a frame of DATA */
#define TRANSFER_MS 900000 /* for all of it */

static gboolean
serve (QfuUsbTalk *talk, GError **error)
{
  g_autoptr (QfuMessage) push = qfu_usb_talk_receive (talk, QFU_FRAME_PUSH, error);
  g_autoptr (QfuUsbOrder) order = push == NULL ? NULL : qfu_usb_order_new (push, error);
  g_autoptr (FwupdClient) client = order == NULL ? NULL : qfu_usb_fwupd_connect (talk, NULL, error);
  g_auto (QfuFd) cab = -1;

  if (client == NULL || !qfu_usb_write_check (talk, client, QFU_USB_SYSFS, order, error))
    return FALSE;
  qfu_wire_set_deadlines (talk->wire, IDLE_MS, TRANSFER_MS);
  if (!qfu_usb_talk_send_hello (talk, error))
    return FALSE;
  cab = qfu_usb_order_receive (order, talk->wire, error);
  /* from here on nothing is read */
  return cab >= 0 && qfu_usb_write (talk, client, order, cab, error) &&
         qfu_wire_send_end (talk->wire, error);
}

int
main (int argc, char **argv)
{
  return qfu_usb_talk_main ("qubes.FwupdInstall", argc, argv, serve);
}
