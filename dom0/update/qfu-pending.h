/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-device.h"
#include "qfu-inspect.h"
#include "qfu-outlook.h"
#include "qfu-refstore.h"

/**
 * qfu_pending_new:
 * @error: the present boot has no id
 *
 * Returns: (transfer full): the record to stage before @device is written, of which nothing is
 * known yet but boot and device; the caller adds digests of payload and cab, and the version
 */
QfuRefRecord *qfu_pending_new (const QfuConfig *config,
                               const QfuDevice *device,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Binds @record to what the chip holds and will hold. */
void qfu_pending_bind (QfuRefRecord *record, const QfuPresent *present, const QfuPlan *plan);
/* Adds what is known of the next boot, or why nothing is. */
void qfu_pending_foretell (QfuRefRecord *record, const QfuOutlook *outlook);

/* That a person went on from a machine that failed the inspection is part of the history. */
void qfu_pending_accept (QfuRefRecord *record, const QfuInspection *inspection);
