/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-blob.h"
#include "qfu-cab-members.h"
#include "qfu-catalog.h"

/**
 * QfuVerifiedCab:
 *
 * A cab whose size and SHA-256 are those that signed metadata state. Made by qfu_cab_verify() only.
 */
typedef struct _QfuVerifiedCab QfuVerifiedCab;

/**
 * qfu_cab_verify:
 * @blob: (transfer full): the bytes that were fetched; still the caller's when %NULL is returned
 * @release: what they have to be
 * @error: #QFU_ERROR_MISMATCH saying what was expected and what came
 *
 * Compares size and SHA-256; no parser runs.
 *
 * Returns: (transfer full): the cab, or %NULL
 */
QfuVerifiedCab *qfu_cab_verify (QfuUntrustedBlob *blob,
                                const QfuRelease *release,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_verified_cab_free (QfuVerifiedCab *cab);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuVerifiedCab, qfu_verified_cab_free)

/* (transfer none): the bytes, for a cache, fwupd or a worker. */
const QfuUntrustedBlob *qfu_verified_cab_blob (const QfuVerifiedCab *cab);

/**
 * QfuVerifiedRom:
 *
 * A payload whose SHA-256 is the one that signed metadata state for the content. Made by
 * qfu_cab_extract_rom() only.
 */
typedef struct _QfuVerifiedRom QfuVerifiedRom;

/**
 * qfu_cab_extract_rom:
 * @config: where the worker is
 * @cab: a cab
 * @release: the release that it was verified against
 * @error: #QFU_ERROR_NOT_FOUND when the metadata states no SHA-256 of the content;
 * #QFU_ERROR_MISMATCH when no member has it, or as from qfu_cab_agree(); and what the worker
 * reports
 *
 * Has a worker unpack @cab, asks whether its metainfo is of @release (qfu_cab_agree()), and takes
 * the member that is the signed content, whatever its name.
 *
 * Returns: (transfer full): the image, or %NULL
 */
QfuVerifiedRom *qfu_cab_extract_rom (const QfuConfig *config,
                                     const QfuVerifiedCab *cab,
                                     const QfuRelease *release,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_verified_rom_free (QfuVerifiedRom *rom);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuVerifiedRom, qfu_verified_rom_free)

/* (transfer none): its name in the cab. */
const char *qfu_verified_rom_name (const QfuVerifiedRom *rom);
/* (transfer none) (element-type QfuCabMember): what else of the cab speaks of the image: jcat files
 * and manifests. The cab's SHA-256 covers them, their own signatures are still to be checked. */
GPtrArray *qfu_verified_rom_papers (const QfuVerifiedRom *rom);
/* (transfer none): the image; signed, but still for workers only. */
const QfuUntrustedBlob *qfu_verified_rom_blob (const QfuVerifiedRom *rom);
