/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-limits.h"

/**
 * QfuRequirementKind:
 * @QFU_REQUIREMENT_UNKNOWN: something that we do not understand: never holds
 * @QFU_REQUIREMENT_ID: VALUE names a program, such as org.freedesktop.fwupd; COMPARE its VERSION
 * @QFU_REQUIREMENT_FIRMWARE: COMPARE the device's present version with VERSION
 * @QFU_REQUIREMENT_VENDOR_ID: COMPARE one of the device's vendor ids with VERSION
 * @QFU_REQUIREMENT_HARDWARE: one of the GUIDs in VALUE, joined by `|`, is the machine's
 * @QFU_REQUIREMENT_NOT_HARDWARE: none of the GUIDs in VALUE is the machine's
 * @QFU_REQUIREMENT_CLIENT: the client has the features in VALUE, joined by `|`
 * @QFU_REQUIREMENT_PHASED: a hint for a slow roll-out, not a condition
 *
 * KIND of a REQUIREMENT frame. The numbers are part of the wire: never reuse one.
 */
typedef enum {
  QFU_REQUIREMENT_UNKNOWN = 1,
  QFU_REQUIREMENT_ID = 2,
  QFU_REQUIREMENT_FIRMWARE = 3,
  QFU_REQUIREMENT_VENDOR_ID = 4,
  QFU_REQUIREMENT_HARDWARE = 5,
  QFU_REQUIREMENT_NOT_HARDWARE = 6,
  QFU_REQUIREMENT_CLIENT = 7,
  QFU_REQUIREMENT_PHASED = 8,
  QFU_REQUIREMENT_LAST = QFU_REQUIREMENT_PHASED
} QfuRequirementKind;

/**
 * QfuComponentFlags:
 * @QFU_COMPONENT_BROKEN: something in it is wrong, as SUMMARY says; no requirement and no release
 * follows, so that nothing is offered for its devices
 *
 * FLAGS of a COMPONENT frame.
 */
typedef enum {
  QFU_COMPONENT_BROKEN = 1 << 0,
} QfuComponentFlags;
