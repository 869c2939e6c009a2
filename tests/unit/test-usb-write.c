/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What somebody has to do. The writing itself needs a daemon: tests/usbvm. */
#include "qfu-usb-kind.h"
#include "qfu-usb-write.h"
#include "testconfig.h"

static void
test_actions (void)
{
  static const struct {
    const char *id;
    QfuUsbAction action;
  } rows[] = {
      {FWUPD_REQUEST_ID_REMOVE_REPLUG, QFU_USB_ACTION_REPLUG},
      {FWUPD_REQUEST_ID_REPLUG_INSTALL, QFU_USB_ACTION_REPLUG},
      {FWUPD_REQUEST_ID_PRESS_UNLOCK, QFU_USB_ACTION_UNLOCK},
      {FWUPD_REQUEST_ID_INSERT_USB_CABLE, QFU_USB_ACTION_CABLE_IN},
      {FWUPD_REQUEST_ID_REMOVE_USB_CABLE, QFU_USB_ACTION_CABLE_OUT},
      {FWUPD_REQUEST_ID_REPLUG_POWER, QFU_USB_ACTION_POWER_CYCLE},
      {FWUPD_REQUEST_ID_DO_NOT_POWER_OFF, QFU_USB_ACTION_KEEP_POWER},
      {FWUPD_REQUEST_ID_RESTART_DAEMON, QFU_USB_ACTION_OTHER},
      {"org.freedesktop.fwupd.of-tomorrow", QFU_USB_ACTION_OTHER},
      {NULL, QFU_USB_ACTION_OTHER},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpuint (qfu_usb_write_action (rows[i].id), ==, rows[i].action);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/usb-write/actions", test_actions);
  return g_test_run ();
}
