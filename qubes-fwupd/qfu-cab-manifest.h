/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cab-check.h"
#include "qfu-cab.h"
#include "qfu-manifest.h"

/**
 * QfuVendorManifest:
 *
 * What the vendor declares of the payload of a cab: read from members that have a good signature of
 * their own, made by the certificate that signed the payload. When it comes in both forms, they say
 * the same. Made by the functions below only.
 */
typedef struct _QfuVendorManifest QfuVendorManifest;

void qfu_vendor_manifest_free (QfuVendorManifest *manifest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuVendorManifest, qfu_vendor_manifest_free)

/* (transfer none): what it says. */
const QfuManifest *qfu_vendor_manifest_content (const QfuVendorManifest *manifest);
/* (transfer none): SHA-256 of the file; of the JSON when there are both forms. */
const QfuDigest *qfu_vendor_manifest_sha256 (const QfuVendorManifest *manifest);

/**
 * qfu_cab_manifest_find:
 * @items: (element-type QfuCabItem): the files in a cab, whose signatures were looked at
 * @payload: what they are about
 * @manifests: (out) (array fixed-size=2): those that are there, by form; they get their role
 * @error: #QFU_ERROR_SIGNATURE when one has no good signature, #QFU_ERROR_MISMATCH when another
 * certificate made it than that of @payload
 *
 * Looks for manifests that count.
 */
gboolean qfu_cab_manifest_find (const GPtrArray *items,
                                const QfuCabItem *payload,
                                const QfuCabItem **manifests,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_cab_manifest:
 * @config: where the worker is
 * @content: what belongs together in a cab
 * @manifest: (out) (nullable): what the vendor declares; %NULL: nothing
 * @error: #QFU_ERROR_MISMATCH when the two forms differ, and what the workers report
 *
 * Reads the manifest of a cab that was checked on its own.
 */
gboolean qfu_cab_manifest (const QfuConfig *config,
                           const QfuCabContent *content,
                           QfuVendorManifest **manifest,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_cab_manifest_of_rom:
 * @config: where the worker is
 * @keys_dir: folder with the certificates of the accepted authorities
 * @rom: what a cab brought that metadata name
 * @now: the time to judge by, seconds since 1970
 * @manifest: (out) (nullable): what the vendor declares; %NULL: nothing
 * @error: #QFU_ERROR_SIGNATURE when a manifest or the payload has no good signature in the cab's
 * jcat file, #QFU_ERROR_MISMATCH when they are of different certificates or the two forms differ
 *
 * The same for a cab that signed metadata name. These vouch for every byte of it, but say nothing
 * of a manifest: only the vendor can.
 */
gboolean qfu_cab_manifest_of_rom (const QfuConfig *config,
                                  const char *keys_dir,
                                  const QfuVerifiedRom *rom,
                                  gint64 now,
                                  QfuVendorManifest **manifest,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
