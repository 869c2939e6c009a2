/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-eventlog.h"
#include "qfu-locate.h"
#include "qfu-pcr.h"
#include "qfu-rom.h"

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
 * @pcrs: (nullable): present PCR values; %NULL: unknown, the log is taken at its word with a
 * warning
 * @old_image: the chip's contents of the present boot
 * @old_rom: what worker `rom` says of them
 * @new_image: what the chip will hold (the composed image)
 * @new_rom: what worker `rom` says of it
 * @error: #QFU_ERROR_PREDICTION saying what could not be located or does not replay
 *
 * Replays the present boot's recipe against another image.
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
/* (transfer none): printable warnings, a {code, message} each. */
typedef struct {
  char *code; /* stable lower-case word with dashes */
  char *message;
} QfuWarning;
/* (transfer none) (element-type QfuWarning) */
const GArray *qfu_prediction_warnings (const QfuPrediction *prediction);

/* (transfer none) (element-type QfuMeasuredObject): what coreboot measures at the next boot when
 * this takes the present one's path, in that order; empty for other firmware. */
const GArray *qfu_prediction_objects (const QfuPrediction *prediction);
