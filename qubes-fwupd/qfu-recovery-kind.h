/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * QfuRecoveryKind:
 * @QFU_RECOVERY_NOTHING: no write is unfinished
 * @QFU_RECOVERY_FINISHED: the chip holds the new contents
 * @QFU_RECOVERY_RESTORED: the chip holds the old contents
 *
 * How a recovery of the chip ended.
 */
typedef enum {
  QFU_RECOVERY_NOTHING = 1,
  QFU_RECOVERY_FINISHED,
  QFU_RECOVERY_RESTORED
} QfuRecoveryKind;

/* Returns: "nothing", "finished" or "restored"; %NULL for anything else. */
const char *qfu_recovery_kind_name (QfuRecoveryKind kind);
