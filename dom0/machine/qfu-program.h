/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-process.h"

/**
 * qfu_program_start:
 * @name: qfu-fwupd, qfu-chip, qfu-cbmem or qfu-tpm
 * @op: what it shall do
 * @id: (nullable): the ID of its ARGUMENTS
 * @flags: their FLAGS
 * @inputs: (array length=n_inputs): blobs that it inherits
 *
 * Starts a small program of ours that links one large library, or reaches what nobody else may. Its
 * environment holds the system bus's address and our configuration's path, nothing else.
 */
QfuProcess *qfu_program_start (const QfuConfig *config,
                               const char *name,
                               const char *op,
                               const char *id,
                               guint64 flags,
                               const QfuUntrustedBlob *const *inputs,
                               gsize n_inputs,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
