/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-device.h"
#include "qfu-outlook.h"
#include "qfu-refstore.h"

/**
 * qfu_pending_new:
 * @plan: what the chip will hold
 * @outlook: what is known of that boot
 * @error: the present boot has no id
 *
 * Returns: (transfer full): the record to stage before the chip is written; the caller adds digests
 * of payload and cab, and the version
 */
QfuRefRecord *qfu_pending_new (const QfuConfig *config,
                               const QfuDevice *device,
                               const QfuPresent *present,
                               const QfuPlan *plan,
                               const QfuOutlook *outlook,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
