/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-recovery-kind.h"

static const char *const names[] = {
    [QFU_RECOVERY_NOTHING] = "nothing",
    [QFU_RECOVERY_FINISHED] = "finished",
    [QFU_RECOVERY_RESTORED] = "restored",
};

const char *
qfu_recovery_kind_name (QfuRecoveryKind kind)
{
  return (gsize)kind < G_N_ELEMENTS (names) ? names[kind] : NULL;
}
