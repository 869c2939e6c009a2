/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-device.h"

/**
 * qfu_select_device:
 * @devices: (element-type QfuDevice): all there are
 * @wanted: what a person calls one of them
 * @error: #QFU_ERROR_NOT_FOUND; #QFU_ERROR_USAGE when several are meant, listing them
 *
 * Finds the device with this id, else GUID, else name, else with an id that begins so (at least 4
 * characters), else with this name in whatever case.
 *
 * Returns: (transfer none): the one that is meant
 */
QfuDevice *qfu_select_device (const GPtrArray *devices,
                              const char *wanted,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer container) (element-type QfuDevice): the one that @wanted means; with %NULL every one
 * that can be updated, or could but for a problem. */
GPtrArray *qfu_select_devices (const GPtrArray *devices,
                               const char *wanted,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
