/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/**
 * QfuDeviceFlags:
 * @QFU_DEVICE_UPDATABLE: fwupd would install firmware on it
 * @QFU_DEVICE_INTERNAL: it is part of the machine
 * @QFU_DEVICE_NEEDS_REBOOT: an update takes effect after a reboot
 * @QFU_DEVICE_REQUIRE_AC: an update needs mains power
 * @QFU_DEVICE_SUPPORTED: fwupd knows a release for it
 * @QFU_DEVICE_LOCKED: it has to be unlocked first
 * @QFU_DEVICE_NEEDS_SHUTDOWN: an update takes effect when the machine was switched off
 * @QFU_DEVICE_HIDDEN: fwupd would install firmware on it, but for a problem
 * @QFU_DEVICE_ALL_RELEASES: no release may be left out
 * @QFU_DEVICE_VERSION_CHECK: a release must say from which versions it may come
 * @QFU_DEVICE_KEYBOARD: of a USB qube: it is a keyboard
 * @QFU_DEVICE_ELSEWHERE: of a USB qube: it is attached to another qube
 * @QFU_DEVICE_BOOTLOADER: it waits for firmware and does nothing else
 * @QFU_DEVICE_EMULATED: there is no such device: fwupd plays a recording of one
 *
 * FLAGS of a DEVICE or USB_DEVICE frame. The numbers are part of the wire: never reuse one.
 */
typedef enum {
  QFU_DEVICE_UPDATABLE = 1 << 0,
  QFU_DEVICE_INTERNAL = 1 << 1,
  QFU_DEVICE_NEEDS_REBOOT = 1 << 2,
  QFU_DEVICE_REQUIRE_AC = 1 << 3,
  QFU_DEVICE_SUPPORTED = 1 << 4,
  QFU_DEVICE_LOCKED = 1 << 5,
  QFU_DEVICE_NEEDS_SHUTDOWN = 1 << 6,
  QFU_DEVICE_HIDDEN = 1 << 7,
  QFU_DEVICE_ALL_RELEASES = 1 << 8,
  QFU_DEVICE_VERSION_CHECK = 1 << 9,
  QFU_DEVICE_KEYBOARD = 1 << 10,
  QFU_DEVICE_ELSEWHERE = 1 << 11,
  QFU_DEVICE_BOOTLOADER = 1 << 12,
  QFU_DEVICE_EMULATED = 1 << 13,
} QfuDeviceFlags;

#define QFU_DEVICE_FLAGS_ALL 0x3fff
