/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cab-manifest.h"
#include "qfu-cargo.h"
#include "qfu-manifest-check.h"
#include "qfu-plan.h"

#include <json-glib/json-glib.h>

/**
 * QfuVendor:
 *
 * What a vendor declares of the boot of an image: a manifest, a version, and checksums of the
 * device.
 */
typedef struct _QfuVendor QfuVendor;

/* (transfer full): what comes with a cab that is to be installed. @error: as of qfu_cab_manifest()
 * and qfu_cab_manifest_of_rom(). */
QfuVendor *qfu_vendor_of_cargo (QfuCargo *cargo,
                                const QfuConfig *config,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full): what comes with a cab that was checked on its own; @content must live as long.
 */
QfuVendor *qfu_vendor_of_content (const QfuCabContent *content,
                                  const QfuConfig *config,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full): what the manifest at @path says, for whom that names it. */
QfuVendor *qfu_vendor_of_file (const char *path,
                               const QfuConfig *config,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_vendor_free (QfuVendor *vendor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuVendor, qfu_vendor_free)

/* (transfer none) (nullable): SHA-256 of the manifest; %NULL: there is none. */
const QfuDigest *qfu_vendor_manifest_digest (const QfuVendor *vendor);

/* (transfer full) (element-type QfuFinding): how @plan and @prediction (nullable) compare. */
GPtrArray *
qfu_vendor_compare (const QfuVendor *vendor, const QfuPlan *plan, const QfuPrediction *prediction);

/* Says @findings. */
void qfu_vendor_say (const QfuOptions *options, const GPtrArray *findings);
/* Adds the member `declared`: null when @findings is %NULL, else an object of `manifest`, the
 * SHA-256 or null, and `findings`, a list of {object, status, message}. */
void qfu_vendor_json (JsonBuilder *builder, const QfuDigest *manifest, const GPtrArray *findings);
