/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Numbers that qubes-fwupdmgr and qfu-chip share; part of the wire: never reuse one. */

/* FLAGS of the arguments of `recover`: say what a recovery would do, and write nothing */
#define QFU_CHIP_LOOK 1u
/* wait for another program that is at the chip */
#define QFU_CHIP_WAIT 2u
