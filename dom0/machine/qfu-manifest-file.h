/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-manifest-check.h"

/**
 * qfu_manifest_file_read:
 * @path: a manifest; CoRIM when its name ends with `.corim` or `.cbor`, else JSON
 * @sha256: (out) (optional): of the file
 *
 * Trust: the person who named it; no signature is looked at.
 *
 * Returns: (transfer full): what it declares
 */
QfuManifest *qfu_manifest_file_read (const QfuConfig *config,
                                     const char *path,
                                     QfuDigest *sha256,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
