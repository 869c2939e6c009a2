/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

/* What to do about a clock that is wrong, for the end of a message. */
#define QFU_CLOCK_ADVICE                                                                           \
  "in dom0 `sudo qvm-sync-clock` sets it, on other systems the time service does"

/**
 * qfu_clock_now:
 * @now: (out): seconds since 1970
 * @error: #QFU_ERROR_CLOCK: the clock is below the latest authenticated signing time of any remote,
 * or below the last time seen; the text says which, and the way out; or as from
 * qfu_highwater_load()
 *
 * The system's clock, for every decision on time. It may stand still, but each second that it goes
 * back below one of the two is refused: a certificate or metadata that has expired would be good
 * again.
 *
 * Trust: dom0 takes its time from the ClockVM, which may lie upwards, and downwards as far as these
 * two.
 */
gboolean
qfu_clock_now (const QfuConfig *config, gint64 *now, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_clock_start:
 * @now: (out): as from qfu_clock_now()
 * @error: as from qfu_clock_now(), or #QFU_ERROR_IO
 *
 * qfu_clock_now() for a program that holds the machine's lock: keeps the time as the last one seen,
 * durably, in State/highwater/.clock.
 */
gboolean
qfu_clock_start (const QfuConfig *config, gint64 *now, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): "2026-11-21 05:00:00 UTC" */
char *qfu_clock_text (gint64 seconds);
