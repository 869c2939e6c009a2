/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-finding.h"
#include "qfu-manifest.h"
#include "qfu-predict.h"
#include "qfu-replay.h"

/**
 * qfu_manifest_of_image:
 * @image: a firmware image
 * @rom: what worker `rom` says of it
 * @version: (nullable): of the firmware
 * @error: #QFU_ERROR_LIMIT when it has more objects than a manifest takes
 *
 * Declares what coreboot may measure of an image: the flash map, the area of the bootblock, and the
 * files of every CBFS, each with its SHA-256 and with the digest that the image extends with.
 *
 * Returns: (transfer full): a manifest without recipes
 */
QfuManifest *qfu_manifest_of_image (const QfuUntrustedBlob *image,
                                    const QfuRom *rom,
                                    const char *version,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_manifest_learn_recipe:
 * @manifest: of @image
 * @name: of the recipe to be
 * @image: the image
 * @rom: what worker `rom` says of it
 * @prediction: of a boot of @image
 * @replay: the reference boot that this was made from
 * @findings: (element-type QfuFinding): gets what is not declared, and why
 * @error: #QFU_ERROR_USAGE when there is a recipe of that name, #QFU_ERROR_LIMIT
 *
 * Declares the way that a reference boot took: what is measured, in its order, and the values of
 * the PCRs that hold nothing but that and separators. What a payload measured there besides is the
 * reference machine's own.
 */
gboolean qfu_manifest_learn_recipe (QfuManifest *manifest,
                                    const char *name,
                                    const QfuUntrustedBlob *image,
                                    const QfuRom *rom,
                                    const QfuPrediction *prediction,
                                    const QfuReplay *replay,
                                    GPtrArray *findings,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
