/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-usb-kind.h" /* FLAGS of the arguments of `install` */

/* Numbers that qubes-fwupdmgr and qfu-fwupd share; part of the wire: never reuse one. */

/* FLAGS of REMOTE */
#define QFU_REMOTE_ENABLED 1u
#define QFU_REMOTE_PASSWORD 2u /* it wants a user name and password */
#define QFU_REMOTE_FLAGS_ALL 3u
/* KIND of REMOTE */
typedef enum {
  QFU_REMOTE_KIND_UNKNOWN = 0,
  QFU_REMOTE_KIND_DOWNLOAD = 1,  /* metadata is fetched from its URL */
  QFU_REMOTE_KIND_LOCAL = 2,     /* metadata is a file of this machine */
  QFU_REMOTE_KIND_DIRECTORY = 3, /* a folder of cabs on this machine */
  QFU_REMOTE_KIND_LAST = QFU_REMOTE_KIND_DIRECTORY
} QfuRemoteKind;

/* NAME of the SETTING frames before the devices: the daemon's version, and a hardware id of the
 * machine each */
#define QFU_MACHINE_FWUPD "fwupd"
#define QFU_MACHINE_HARDWARE "hardware"

/* STATUS of HISTORY: how an update ended, as fwupd numbers it. */
typedef enum {
  QFU_UPDATE_UNKNOWN = 0,
  QFU_UPDATE_PENDING = 1,
  QFU_UPDATE_SUCCESS = 2,
  QFU_UPDATE_FAILED = 3,
  QFU_UPDATE_NEEDS_REBOOT = 4,
  QFU_UPDATE_FAILED_TRANSIENT = 5,
  QFU_UPDATE_LAST = QFU_UPDATE_FAILED_TRANSIENT
} QfuUpdateState;

/* LEVEL of ATTRIBUTE: the highest of fwupd's */
#define QFU_SECURITY_LEVEL_LAST 5u
/* FLAGS of ATTRIBUTE */
#define QFU_SECURITY_SUCCESS 1u      /* as it should be */
#define QFU_SECURITY_OBSOLETED 2u    /* another one says more */
#define QFU_SECURITY_MISSING_DATA 4u /* could not be found out */
#define QFU_SECURITY_RUNTIME 8u      /* of the running system, besides the level */
#define QFU_SECURITY_CONTACT_OEM 16u /* the vendor has to act */
#define QFU_SECURITY_CONFIG_FW 32u   /* a setting of the firmware would help */
#define QFU_SECURITY_CONFIG_OS 64u   /* a setting of the system would help */
#define QFU_SECURITY_FLAGS_ALL 127u
