/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-replay.h"

/**
 * QfuNextEvent:
 * @pcr: what it extends
 * @digests: with what, by bank; size 0: not that bank
 *
 * An extend of the next boot.
 */
typedef struct {
  guint pcr;
  QfuDigest digests[QFU_BANK_COUNT];
} QfuNextEvent;

/**
 * QfuForecastInput:
 * @replay: the present boot
 * @pcrs: present PCRs
 * @explained: what the logs, and extends that are proven without one, give at present
 * @next: (element-type QfuNextEvent): the next boot's extends in their order
 * @bank: bank that the new image's firmware extends; -1: none that can be told
 * @changed: whether anything that the firmware measures changes
 * @doubt: (nullable) for each bank and PCR: why it cannot be forecast
 *
 * What a forecast is computed from.
 */
typedef struct {
  const QfuReplay *replay;
  const QfuPcrSet *pcrs;
  QfuPcrSet explained;
  GArray *next;
  int bank;
  gboolean changed;
  const char *doubt[QFU_BANK_COUNT][QFU_PCR_COUNT];
} QfuForecastInput;

/* Notes @reason for a PCR of a bank, or of all banks (-1), that has no other. */
void qfu_forecast_doubt (QfuForecastInput *input, int bank, guint pcr, const char *reason);
/* (transfer full) (element-type QfuForecast): what can be said of every PCR of every bank. */
GArray *qfu_forecast (const QfuForecastInput *input);
