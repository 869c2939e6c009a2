/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"
#include "qfu-pcr.h"

/* What this machine holds, read by the small programs of libexec. */

/* (transfer full): the whole chip, by qfu-chip. Trust: what a chip holds is anybody's. */
QfuUntrustedBlob *qfu_machine_chip (const QfuConfig *config,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * qfu_machine_check_writable:
 * @before: what the chip holds
 * @after: what it shall hold
 * @error: #QFU_ERROR_UNSUPPORTED when something keeps blocks in which they differ from being
 * written: what, and what helps
 *
 * Asks chip, chipset and kernel, by qfu-chip. Nothing is written.
 */
gboolean qfu_machine_check_writable (const QfuConfig *config,
                                     const QfuUntrustedBlob *before,
                                     const QfuUntrustedBlob *after,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads all PCRs of all banks, by qfu-tpm. */
gboolean qfu_machine_pcrs (const QfuConfig *config,
                           QfuPcrSet *pcrs,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
