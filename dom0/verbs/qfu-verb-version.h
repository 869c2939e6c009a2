/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-inventory.h"

#include <json-glib/json-glib.h>

/**
 * qfu_install_version:
 * @device: which device, as qfu_select_device() takes it
 * @version: (nullable): which version; %NULL: the newest
 * @builder: inside an array, gets an object about what was done
 * @error: as from qfu_select_device(), qfu_releases_find() and qfu_update_run()
 *
 * Installs a version that verified metadata has for a device.
 */
gboolean qfu_install_version (QfuInventory *inventory,
                              const QfuOptions *options,
                              const char *device,
                              const char *version,
                              JsonBuilder *builder,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
