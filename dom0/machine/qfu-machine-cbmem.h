/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"

/**
 * QfuCbmemArea:
 * @name: what it is, for people
 * @bytes: all of it
 *
 * An area that coreboot keeps in memory.
 *
 * Trust: whoever wrote it before the kernel ran, and anybody with the kernel's rights since.
 */
typedef struct {
  const char *name;
  QfuUntrustedBlob *bytes;
} QfuCbmemArea;

/**
 * qfu_machine_cbmem:
 * @error: #QFU_ERROR_NOT_FOUND when coreboot left nothing here, #QFU_ERROR_UNREACHABLE when the
 * kernel lets nobody look, both saying what helps; other codes when what is there is spoilt
 *
 * Takes coreboot's logs of the TPM and its console from the coreboot bus of sysfs, or from memory
 * where there is no such bus.
 *
 * Returns: (transfer full) (element-type QfuCbmemArea): at least one area; the array frees them
 */
GPtrArray *qfu_machine_cbmem (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
