/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-fwupd-flags.h"

/* One thing that a plugin of fwupd has written down of an update. */
typedef struct {
  char *name;
  char *value;
} QfuUpdateReport;

/**
 * QfuUpdateHistory:
 * @device_id: of the device
 * @device_name: what to call it; the id when it has no name
 * @plugin: (nullable): fwupd's plugin for it
 * @version_from: (nullable): what it ran before
 * @version_to: (nullable): what was to be installed
 * @state: how it ended
 * @failure: (nullable): why it failed, in the words of fwupd or its plugin
 * @time: seconds since 1970 when it ended; 0: not said
 * @reports: (element-type QfuUpdateReport): what the plugin has written down
 *
 * An update that fwupd has done or tried.
 *
 * Trust: fwupd's word.
 */
typedef struct {
  char *device_id;
  char *device_name;
  char *plugin;
  char *version_from;
  char *version_to;
  QfuUpdateState state;
  char *failure;
  gint64 time;
  GPtrArray *reports;
} QfuUpdateHistory;

/* (transfer full) (element-type QfuUpdateHistory): all that fwupd remembers. */
GPtrArray *qfu_fwupd_history (const QfuConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full) (element-type QfuUpdateHistory): the last one of a device, or none. */
GPtrArray *qfu_fwupd_results (const QfuConfig *config,
                              const char *device_id,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A stable lower-case word: "unknown", "pending", "success", "failed", "needs-reboot",
 * "failed-transient". */
const char *qfu_update_state_name (QfuUpdateState state);
