/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Numbers that qubes-fwupdmgr and qfu-fwupd share; part of the wire: never reuse one. */

/* FLAGS of REMOTE */
#define QFU_REMOTE_ENABLED 1u
/* KIND of REMOTE: metadata is fetched from its URL (the others are folders on this machine) */
#define QFU_REMOTE_KIND_DOWNLOAD 1u

/* FLAGS of the arguments of `install` */
#define QFU_INSTALL_ALLOW_OLDER 1u
#define QFU_INSTALL_ALLOW_REINSTALL 2u

/* NAME of the SETTING frames before the devices: the daemon's version, and a hardware id of the
 * machine each */
#define QFU_MACHINE_FWUPD "fwupd"
#define QFU_MACHINE_HARDWARE "hardware"
