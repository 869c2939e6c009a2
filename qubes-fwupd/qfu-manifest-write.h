/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-manifest.h"

/**
 * qfu_manifest_write:
 * @manifest: what to declare
 * @form: how to write it
 *
 * Writes what qfu_manifest_read() reads. The same manifest gives the same bytes.
 *
 * Returns: (transfer full): the file
 */
GBytes *qfu_manifest_write (const QfuManifest *manifest, QfuManifestForm form);
