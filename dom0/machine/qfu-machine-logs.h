/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-eventlog.h"

/* The event logs of the present boot, from the sources that [MeasuredBoot] EventLog= lists. */

/**
 * qfu_machine_event_logs:
 * @error: #QFU_ERROR_NOT_FOUND when there is none, naming each source and what helps; the code of
 * the failure when a log is there but spoilt
 *
 * Reads every source in the order of the configuration. One that is absent or empty is passed over
 * as long as another one has events.
 *
 * Returns: (transfer full) (element-type QfuEventLog): at least one log; the array frees them
 */
GPtrArray *qfu_machine_event_logs (const QfuConfig *config,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same; @absent (element-type utf8) gets, for each source that has no log, why not. */
GPtrArray *qfu_machine_event_logs_or_why (const QfuConfig *config,
                                          GPtrArray *absent,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
