/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-eventlog.h"
#include "qfu-locate.h"
#include "qfu-recipe.h"

/**
 * QfuPrediction:
 *
 * What the PCRs will hold after the next boot, computed by this process from bytes that it hashed
 * and from events of a log that replays to PCRs that it read.
 *
 * Trust: a worker can spoil a prediction (a mismatch after the boot), never choose a value.
 */
typedef struct _QfuPrediction QfuPrediction;

/**
 * qfu_predict:
 * @logs: (array length=n_logs): event logs of the present boot; the combination that replays to
 * @pcrs is used
 * @pcrs: present PCR values; one that is not known proves nothing, and is not forecast
 * @old_image: the chip's contents of the present boot
 * @old_rom: what worker `rom` says of them
 * @new_image: what the chip will hold (the composed image)
 * @new_rom: what worker `rom` says of it
 * @error: #QFU_ERROR_PREDICTION saying what could not be located or does not replay
 *
 * Replays the present boot's recipe against another image.
 *
 * What an owned worker can do:
 *
 * | worker | can | cannot |
 * |---|---|---|
 * | `rom` | name ranges, regions and settings wrongly: other bytes of the same image are hashed, in
 * another order or bank | use a range outside of the image; make up a digest; have a value of vboot
 * believed that does not stand in the image, where the present boot proves that it stands | |
 * `eventlog` | leave out or rename events of PCRs that then do not replay, or call coreboot's
 * events a payload's: the present values stay | add an event, or change a digest, of a PCR that is
 * forecast: it has to replay to @pcrs |
 *
 * Either is a refusal, or a forecast that the next boot contradicts.
 */
QfuPrediction *qfu_predict (const QfuEventLog *const *logs,
                            gsize n_logs,
                            const QfuPcrSet *pcrs,
                            const QfuUntrustedBlob *old_image,
                            const QfuRom *old_rom,
                            const QfuUntrustedBlob *new_image,
                            const QfuRom *new_rom,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
void qfu_prediction_free (QfuPrediction *prediction);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuPrediction, qfu_prediction_free)

/* (transfer none) (element-type QfuForecast): a row a bank and PCR, banks in the order of
 * qfu_bank_index(), PCRs ascending. */
const GArray *qfu_prediction_forecasts (const QfuPrediction *prediction);
/* (transfer none) (element-type QfuWarning): printable warnings, a {code, message} each. */
const GArray *qfu_prediction_warnings (const QfuPrediction *prediction);

/* (transfer none) (element-type QfuMeasuredObject): what coreboot measures at the next boot when
 * this takes the present one's path, in that order; empty for other firmware. */
const GArray *qfu_prediction_objects (const QfuPrediction *prediction);
