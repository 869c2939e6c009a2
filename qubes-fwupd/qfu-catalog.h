/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-index.h"
#include "qfu-requirement.h"

/**
 * QfuCatalog:
 *
 * The components of signed metadata that are for given devices.
 *
 * Trust: rests on the #QfuIndex: the metadata was signed; what a worker made of it is in range, and
 * for no device that was not asked for.
 */
typedef struct _QfuCatalog QfuCatalog;

/**
 * QfuRelease:
 *
 * One firmware version in a catalog, which owns it. What fetches, checks or unpacks a cab demands
 * one.
 */
typedef struct _QfuRelease QfuRelease;

/**
 * qfu_catalog_new:
 * @index: what the metadata says
 * @guids: (array zero-terminated) (nullable): lower-case GUIDs of the devices at hand; %NULL: any
 * @error: as from qfu_index_components()
 *
 * The only constructor of #QfuCatalog and #QfuRelease.
 */
QfuCatalog *qfu_catalog_new (const QfuIndex *index,
                             const char *const *guids,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_catalog_free (QfuCatalog *catalog);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuCatalog, qfu_catalog_free)

/* (transfer none) (element-type QfuComponent): all of them, broken ones as well. */
const GPtrArray *qfu_catalog_components (const QfuCatalog *catalog);

/**
 * QfuCandidate:
 * @release: a release for the device
 * @order: negative, zero or positive: older than, equal to or newer than what the device runs
 * @reason: (nullable): why it cannot be installed, for people; %NULL when it can
 */
typedef struct {
  const QfuRelease *release;
  int order;
  char *reason;
} QfuCandidate;

/**
 * qfu_catalog_releases:
 *
 * Returns: (transfer container) (element-type QfuCandidate): every release for @device, the newest
 * first; it must not outlive @catalog
 */
GPtrArray *
qfu_catalog_releases (const QfuCatalog *catalog, const QfuDevice *device, const QfuPolicy *policy);

/* The same for the components of one AppStream id, whatever GUIDs they are for. */
GPtrArray *qfu_catalog_releases_of (const QfuCatalog *catalog,
                                    const char *id,
                                    const QfuDevice *device,
                                    const QfuPolicy *policy);

/**
 * qfu_catalog_pick:
 * @error: #QFU_ERROR_NOT_FOUND: the metadata has no release for @device; #QFU_ERROR_NOTHING: none
 * is newer; #QFU_ERROR_REFUSED: there is a newer one and it cannot be installed, with the reason
 *
 * Returns: (transfer none): the newest release that can be installed and, unless @policy says
 * otherwise, is newer than what the device runs; for a device that may leave no release out the
 * oldest of the newer ones
 */
const QfuRelease *qfu_catalog_pick (const QfuCatalog *catalog,
                                    const QfuDevice *device,
                                    const QfuPolicy *policy,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none): what the metadata says about the release. An installable one has a location, a
 * size and a SHA-256 of the cab. */
const QfuComponentRelease *qfu_release_data (const QfuRelease *release);
/* (transfer none): what it says about the firmware that this is a version of. */
const QfuComponent *qfu_release_component (const QfuRelease *release);
/* (transfer none): the version, never empty. */
const char *qfu_release_version (const QfuRelease *release);
