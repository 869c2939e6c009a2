/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-config.h"
#include "qfu-ifd.h"
#include "qfu-message.h"

/* What workers say of an Intel flash descriptor. They hand over its registers; here these are
 * compared with the image, so that nothing but the arithmetic on them is left to believe. */

/* Whether the image begins with a descriptor: a worker cannot pass over it. */
gboolean qfu_descriptor_here (const QfuUntrustedBlob *image);

/**
 * qfu_descriptor_take:
 * @message: DESCRIPTOR from a worker
 * @image: what a chip begins with, or all of it
 * @error: #QFU_ERROR_PROTOCOL for registers that the image does not hold, in these places
 */
gboolean qfu_descriptor_take (const QfuMessage *message,
                              const QfuUntrustedBlob *image,
                              QfuIfd *out,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_descriptor_read:
 * @config: configuration
 * @head: the first QFU_IFD_SIZE bytes of a chip
 * @size: of the chip in bytes
 * @error: #QFU_ERROR_FORMAT for a descriptor that contradicts itself
 *
 * Runs worker `ifd`.
 *
 * Returns: (transfer full) (element-type QfuIfdRegion): the descriptor's regions, none where there
 * is no descriptor
 */
GArray *qfu_descriptor_read (const QfuConfig *config,
                             const QfuUntrustedBlob *head,
                             guint64 size,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
