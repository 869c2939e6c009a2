/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-replay.h"
#include "qfu-rom.h"

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
 * @pcrs: (nullable): present PCRs
 * @next: (element-type QfuNextEvent): the next boot's extends, one for each event of @replay
 * @old_rom: present image
 * @bank: bank that the new image extends
 * @changed: whether anything that the firmware measures changes
 * @same_payload: whether the payload is of the same kind
 * @lost: PCRs with an event of coreboot that nothing in the image explains, a bit each
 *
 * What a forecast is computed from.
 */
typedef struct {
  const QfuReplay *replay;
  const QfuPcrSet *pcrs;
  const GArray *next;
  const QfuRom *old_rom;
  int bank;
  gboolean changed;
  gboolean same_payload;
  guint lost;
} QfuForecastInput;

/* (transfer full) (element-type QfuForecast): what can be said of every PCR of every bank. */
GArray *qfu_forecast (const QfuForecastInput *input);
