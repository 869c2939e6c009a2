/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-rom.h"

/* What coreboot starts, and where that takes what it extends PCRs with. */

#define QFU_PAYLOAD_PCRS 10 /* 0-9; later ones are the running system's */

typedef enum {
  QFU_PAYLOAD_OTHER = 0,
  QFU_PAYLOAD_SEABIOS,
  QFU_PAYLOAD_LINUX,
  QFU_PAYLOAD_GRUB,
  QFU_PAYLOAD_EDK2,
  QFU_PAYLOAD_HEADS,
  QFU_PAYLOAD_N_KINDS
} QfuPayloadKind;

/**
 * QfuTailSource:
 * @QFU_TAIL_OUTSIDE: constants, disks and devices: stays as long as the payload is of this kind
 * @QFU_TAIL_TABLES: tables that tell the firmware's version, but for constants: stays only while
 * nothing that is measured changes
 * @QFU_TAIL_PAYLOAD: the payload's own code, or what its build decides: stays while its bytes stay
 * @QFU_TAIL_FILES: files of the image that coreboot does not measure: stays while the image stays
 */
typedef enum {
  QFU_TAIL_OUTSIDE = 0,
  QFU_TAIL_TABLES,
  QFU_TAIL_PAYLOAD,
  QFU_TAIL_FILES,
} QfuTailSource;

/* The kind of @rom's payload, as its settings tell. */
QfuPayloadKind qfu_payload_kind (const QfuRom *rom);
/* (transfer none): for messages. */
const char *qfu_payload_name (QfuPayloadKind kind);
/* Where a payload of @kind takes what it extends @pcr with. */
QfuTailSource qfu_payload_source (QfuPayloadKind kind, guint pcr);
