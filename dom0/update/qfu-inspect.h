/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-present.h"
#include "qfu-refstore.h"

#include <json-glib/json-glib.h>

/**
 * QfuInspectVerdict:
 * @QFU_INSPECT_PASSED: chip, log, PCRs and reference values agree
 * @QFU_INSPECT_FIRST: chip, log and PCRs agree; there are no reference values
 * @QFU_INSPECT_BLIND: what there is agrees, but chip and log could not be compared
 * @QFU_INSPECT_FAILED: something differs
 *
 * What is found of the firmware that runs.
 */
typedef enum {
  QFU_INSPECT_PASSED = 1,
  QFU_INSPECT_FIRST,
  QFU_INSPECT_BLIND,
  QFU_INSPECT_FAILED
} QfuInspectVerdict;

/**
 * QfuInspection:
 * @verdict: what was found
 * @finding: (nullable): the first thing that differs, or why something was not compared
 * @objects: how many events of coreboot were found in the chip
 * @replayed: how many values the log explains
 * @compared: how many values are as in record @record
 * @record: the reference values; 0: none
 */
typedef struct {
  QfuInspectVerdict verdict;
  char *finding;
  guint objects;
  guint replayed;
  guint compared;
  guint record;
} QfuInspection;

/**
 * qfu_inspect:
 * @present: what boots now; without a chip, this is not looked at
 * @store: reference values
 * @boot_id: of this boot
 *
 * Attests the firmware that runs before another one takes its place: every event of coreboot is in
 * the chip by its digest, the log replays to the PCRs, the PCRs are the reference values.
 *
 * Returns: (transfer full): what was found
 */
QfuInspection *
qfu_inspect (const QfuPresent *present, const QfuRefStore *store, const char *boot_id);
void qfu_inspection_free (QfuInspection *inspection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuInspection, qfu_inspection_free)

/* Says it. */
void qfu_inspection_say (const QfuOptions *options, const QfuInspection *inspection);
/* Adds the member `inspection`. */
void qfu_inspection_json (JsonBuilder *builder, const QfuInspection *inspection);
