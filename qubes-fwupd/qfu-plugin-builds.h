/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

#define QFU_PLUGIN_NAME "qubes_coreboot" /* as fwupd calls our plugin */

/**
 * qfu_plugin_builds:
 * @config: where fwupd's folders of plugins are
 *
 * fwupd looks for plugins in a folder of its own version, and ours refuses every other one: so
 * after an update of fwupd the plugin is still there, but for a fwupd that is gone.
 *
 * Returns: (transfer full) (element-type utf8): the versions of fwupd for which the plugin is
 * there, sorted
 */
GPtrArray *qfu_plugin_builds (const QfuConfig *config);

/**
 * qfu_plugin_builds_trouble:
 * @builds: (element-type utf8): of qfu_plugin_builds()
 * @fwupd_version: of the daemon
 *
 * Returns: (transfer full) (nullable): that the plugin is built for another fwupd, and the command
 * that helps; %NULL when it is there for this one, or not there at all
 */
char *qfu_plugin_builds_trouble (const GPtrArray *builds, const char *fwupd_version);
