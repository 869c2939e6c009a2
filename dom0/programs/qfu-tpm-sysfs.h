/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-pcr.h"

/* PCRs as the kernel shows them in sysfs: the way to those of a TPM 1.2, and of any TPM without its
 * device. */

#define QFU_TPM_SYSFS "sysfs:" /* before the folder of a TPM in a TCTI of ours */
#define QFU_TPM_DEVICE "/dev/tpmrm0"

/**
 * qfu_tpm_sysfs_where:
 * @tcti: (nullable): as configured; empty: automatic
 * @device: the kernel's device with a resource manager, QFU_TPM_DEVICE
 *
 * Returns: (transfer full): @tcti, or what an empty one stands for: @device where it may be opened,
 * else the folder of the first TPM
 */
char *qfu_tpm_sysfs_where (const char *tcti, const char *device);

/**
 * qfu_tpm_sysfs_read:
 * @folder: such as /sys/class/tpm/tpm0
 * @values: (out): every PCR that is there
 * @error: #QFU_ERROR_UNREACHABLE when there is none, #QFU_ERROR_FORMAT when one is no digest
 *
 * Reads pcr-ALGORITHM/NUMBER, and `pcrs` or `device/pcrs` of a TPM 1.2.
 *
 * Trust: the kernel.
 */
gboolean qfu_tpm_sysfs_read (const char *folder,
                             QfuPcrSet *values,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
