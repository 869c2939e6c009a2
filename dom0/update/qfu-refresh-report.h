/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-fwupd-calls.h"
#include "qfu-options.h"
#include "qfu-refresh-state.h"

/**
 * QfuRefreshRun:
 * @config: the configuration
 * @options: what was asked for
 * @remotes: (element-type QfuRemote) (nullable): fwupd's; %NULL when it does not tell
 * @now: from qfu_clock_start(); 0 when the clock cannot be right
 * @changed: whether there was something newer
 * @failure: (nullable): why not all of it worked
 *
 * What a run of refresh knows at its end.
 */
typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  const GPtrArray *remotes;
  gint64 now;
  gboolean changed;
  const GError *failure;
} QfuRefreshRun;

/* Whether it says that this was not the time, and nothing else is wrong. */
gboolean qfu_refresh_is_skip (const GError *failure);

/**
 * qfu_refresh_report_new:
 * @before: (nullable): how it was after the run before
 *
 * Returns: (transfer full): how it is after @run, with the updates of @before
 */
QfuRefreshState *qfu_refresh_report_new (const QfuRefreshRun *run, const QfuRefreshState *before);

/**
 * qfu_refresh_report_look_up:
 * @error: why the updates of @state stay those of before
 *
 * Looks up newer firmware in verified metadata, as get-updates does.
 */
gboolean qfu_refresh_report_look_up (QfuRefreshState *state,
                                     const QfuRefreshRun *run,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For a run that somebody waits for: keeps how it ended, or says that it cannot. */
void qfu_refresh_report_keep (const QfuRefreshRun *run);
