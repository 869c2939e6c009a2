/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-catalog.h"

/**
 * qfu_cab_agree:
 * @config: where the worker is
 * @members: (element-type QfuCabMember): what is in a cab that signed metadata pins
 * @release: what they say it is
 * @error: #QFU_ERROR_MISMATCH: no metainfo file in it is for a device of @release and of its
 * version; and what the worker reports when none can be read
 *
 * Whether the cab says of itself what the metadata says of it: fwupd believes the cab. A version
 * that the metainfo writes as a bare number and the metadata with dots cannot be compared, and
 * passes; the device's own word after the update counts then.
 */
gboolean qfu_cab_agree (const QfuConfig *config,
                        const GPtrArray *members,
                        const QfuRelease *release,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
