/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-backup.h"
#include "qfu-cargo.h"
#include "qfu-outlook.h"

/**
 * QfuSummary:
 * @device: what to update
 * @cargo: what to install
 * @plan: (nullable): what is written to the flash chip; %NULL when it is another device's
 * @outlook: (nullable): what the next boot measures; %NULL when it cannot depend on this
 * @backup: (nullable): what the chip holds at present
 *
 * What a person has to know before the question, on one screen.
 */
typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  const QfuDevice *device;
  const QfuCargo *cargo;
  const QfuPlan *plan;
  const QfuOutlook *outlook;
  const QfuBackup *backup;
} QfuSummary;

/* Says it. */
void qfu_summary_say (const QfuSummary *summary);
/* Adds the members `vendor`, `urgency`, `cves`, `duration` (seconds; 0: nobody knows) and
 * `needsShutdown`. */
void qfu_summary_json (const QfuSummary *summary, JsonBuilder *builder);

/**
 * qfu_summary_estimate:
 * @writes: (element-type QfuFlashEntry): earlier writes of the chip
 * @bytes: that are to be written
 * @size: of the chip in bytes
 *
 * Returns: seconds that a write takes, by the last one that this machine ended in one go; 0 when
 * there is none
 */
guint64 qfu_summary_estimate (const GPtrArray *writes, guint64 bytes, guint64 size);
