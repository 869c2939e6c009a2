/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-finding.h"
#include "qfu-manifest.h"
#include "qfu-predict.h"

/**
 * QfuManifestQuestion:
 * @manifest: (nullable): what the vendor declares
 * @version: (nullable): of the release that it came with
 * @checksums: (array zero-terminated) (nullable): the release's checksums of the device,
 * `ALGORITHM:HEX`: values of PCR 0, one of which it has to have
 * @image: the vendor's image
 * @rom: what worker `rom` says of it
 * @composed: (nullable): what the chip will hold; %NULL: @image
 * @composed_rom: (nullable): what worker `rom` says of that
 * @prediction: (nullable): of the boot of @composed
 *
 * What is compared with what a vendor declares.
 */
typedef struct {
  const QfuManifest *manifest;
  const char *version;
  const char *const *checksums;
  const QfuUntrustedBlob *image;
  const QfuRom *rom;
  const QfuUntrustedBlob *composed;
  const QfuRom *composed_rom;
  const QfuPrediction *prediction;
} QfuManifestQuestion;

/**
 * qfu_manifest_check:
 * @error: only when nothing could be compared
 *
 * Compares the image and each object of it with the declared digests, which this process computes.
 * Then the forecast with the recipes. A recipe with steps is meant when these are what the forecast
 * says is measured, in the same order; when there is no such recipe, those without steps are. One
 * of the recipes that are meant has to agree in every PCR that is both declared and forecast.
 *
 * A manifest speaks of the vendor's image. When the chip keeps parts of its own, recipes count only
 * if all that the forecast says is measured is of the vendor's image.
 *
 * Returns: (transfer full) (element-type QfuFinding): what was found
 */
GPtrArray *qfu_manifest_check (const QfuManifestQuestion *question,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
