/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/**
 * QfuUsbAction:
 * @QFU_USB_ACTION_REPLUG: take the device out and plug it in again
 * @QFU_USB_ACTION_UNLOCK: press the key or combination of keys that unlocks it
 * @QFU_USB_ACTION_CABLE_IN: plug in its cable
 * @QFU_USB_ACTION_CABLE_OUT: take out its cable
 * @QFU_USB_ACTION_POWER_CYCLE: switch it off and on again
 * @QFU_USB_ACTION_KEEP_POWER: do not switch it off
 * @QFU_USB_ACTION_OTHER: something else that its manual tells
 *
 * KIND of an ACTION: what somebody has to do at a device so that the update goes on. The numbers
 * travel: never reuse one.
 */
typedef enum {
  QFU_USB_ACTION_REPLUG = 1,
  QFU_USB_ACTION_UNLOCK = 2,
  QFU_USB_ACTION_CABLE_IN = 3,
  QFU_USB_ACTION_CABLE_OUT = 4,
  QFU_USB_ACTION_POWER_CYCLE = 5,
  QFU_USB_ACTION_KEEP_POWER = 6,
  QFU_USB_ACTION_OTHER = 7,
  QFU_USB_ACTION_LAST = QFU_USB_ACTION_OTHER
} QfuUsbAction;

/* FLAGS of a PUSH, and of the arguments of qfu-fwupd's `install`. The numbers travel. */
#define QFU_INSTALL_ALLOW_OLDER 1u
#define QFU_INSTALL_ALLOW_REINSTALL 2u
#define QFU_INSTALL_ALL 3u
