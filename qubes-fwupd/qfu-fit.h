/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-requirement.h"

/* Whether a firmware fits a device: the same answer for one that metadata offers and for one in a
 * cab at hand. */

/* Whether one of the component's GUIDs is in @guids (array zero-terminated). */
gboolean qfu_fit_guids (const QfuComponent *component, const char *const *guids);

/* (transfer none) (nullable): how versions of the device compare. Of one in a USB qube only the
 * metadata says that. */
const char *qfu_fit_version_format (const QfuComponent *component, const QfuDevice *device);

/* Negative, zero or positive: older than, equal to or newer than what the device runs; zero when
 * that is not known. */
int qfu_fit_order (const QfuComponent *component,
                   const QfuComponentRelease *release,
                   const QfuDevice *device);

/* (transfer full) (nullable): why a release of this @order must not replace the present version. */
char *qfu_fit_version_objection (int order, const QfuDevice *device, const QfuPolicy *policy);

/**
 * qfu_fit_objection:
 * @component: whose release it is
 * @release: what would be installed
 * @device: on what
 * @policy: what the machine is and the person wants
 *
 * Looks at versions, what the remote may offer, the device, branch, protocol and requirements; not
 * at the component's GUIDs.
 *
 * Returns: (transfer full) (nullable): why it cannot be installed, for people; %NULL when it can
 */
char *qfu_fit_objection (const QfuComponent *component,
                         const QfuComponentRelease *release,
                         const QfuDevice *device,
                         const QfuPolicy *policy);
