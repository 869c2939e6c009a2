/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-device.h"
#include "qfu-layout.h"
#include "qfu-options.h"
#include "qfu-predict.h"
#include "qfu-refstore.h"

/* The fwupd plugin whose devices we forecast. */
#define QFU_CHIP_PLUGIN "qubes_coreboot"

/**
 * QfuPlan:
 * @old_chip: what the chip holds
 * @old_rom: what worker `rom` says of it
 * @composed: what it will hold
 * @prediction: what the TPM will say then
 *
 * Everything that is known before the first erase.
 */
typedef struct {
  QfuUntrustedBlob *old_chip;
  QfuRom *old_rom;
  QfuComposed *composed;
  QfuPrediction *prediction;
} QfuPlan;

/**
 * qfu_plan_make:
 * @image: the verified firmware image
 * @error: #QFU_ERROR_REFUSED when it does not fit the chip, #QFU_ERROR_NOTHING when the chip holds
 * it already, #QFU_ERROR_PREDICTION when the next boot cannot be forecast
 *
 * Reads chip, event log and PCRs, composes the image and forecasts the next boot.
 */
QfuPlan *qfu_plan_make (const QfuConfig *config,
                        const QfuUntrustedBlob *image,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_plan_free (QfuPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuPlan, qfu_plan_free)

/* Says which PCRs change and what they will be, and every warning. */
void qfu_plan_say (const QfuOptions *options, const QfuPlan *plan);

/**
 * qfu_plan_record:
 *
 * Returns: (transfer full): the record to stage; the caller adds digests of payload and cab, and
 * the versions
 */
QfuRefRecord *qfu_plan_record (const QfuPlan *plan,
                               const QfuConfig *config,
                               const QfuDevice *device,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
