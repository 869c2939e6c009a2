/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-cab.h"
#include "qfu-options.h"
#include "qfu-rebuild.h"

/**
 * QfuCargo:
 *
 * What fwupd is handed to install. There are two ways to come by it, and each demands the type that
 * says why the cab may be trusted.
 */
typedef struct _QfuCargo QfuCargo;

/**
 * qfu_cargo_of_verified:
 * @cab: (transfer full): a cab that signed metadata name by its SHA-256
 * @release: what they say of it; has to outlive the cargo
 * @firmware_keys: (transfer none): folder of the authorities whose signature on what is in it
 * counts
 */
QfuCargo *
qfu_cargo_of_verified (QfuVerifiedCab *cab, const QfuRelease *release, const char *firmware_keys);
/* @cab: (transfer full): a cab of which only what was signed is left. */
QfuCargo *qfu_cargo_of_rebuilt (QfuRebuiltCab *cab);
void qfu_cargo_free (QfuCargo *cargo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuCargo, qfu_cargo_free)

/* (transfer none): the bytes for fwupd. */
const QfuUntrustedBlob *qfu_cargo_cab (const QfuCargo *cargo);
/* (transfer none) (nullable): the cab that metadata vouch for; %NULL: none does. */
const QfuVerifiedCab *qfu_cargo_verified (const QfuCargo *cargo);
/* (transfer none) (nullable): as for qfu_cargo_of_verified(). */
const char *qfu_cargo_firmware_keys (const QfuCargo *cargo);
/* (transfer none): the version that it brings. */
const char *qfu_cargo_version (const QfuCargo *cargo);

/**
 * qfu_cargo_payload:
 * @config: where the worker is that unpacks it, unless it was unpacked
 *
 * Returns: (transfer none): the firmware image, with the SHA-256 that a signature covers
 */
const QfuUntrustedBlob *qfu_cargo_payload (QfuCargo *cargo,
                                           const QfuConfig *config,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none) (nullable): what was checked on its own; %NULL: metadata vouch for the cab. */
const QfuCabContent *qfu_cargo_content (const QfuCargo *cargo);
/* (transfer none): what signed metadata, or the signed metainfo, say of it. */
const QfuComponentRelease *qfu_cargo_release (const QfuCargo *cargo);
/* (transfer none): the firmware that the release is of. */
const QfuComponent *qfu_cargo_component (const QfuCargo *cargo);
/* (transfer none) (nullable): the image with what speaks of it; only of a cab that metadata vouch
 * for. */
const QfuVerifiedRom *
qfu_cargo_rom (QfuCargo *cargo, const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_cargo_ask:
 * @device: what it is for, as fwupd names it
 * @person: whether a person alone may answer: neither -y nor a script
 * @error: #QFU_ERROR_REFUSED for everything but yes
 *
 * Asks whether to install it. What no metadata vouches for is always asked of a person alone.
 */
gboolean qfu_cargo_ask (const QfuCargo *cargo,
                        const QfuOptions *options,
                        const char *device,
                        gboolean person,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
