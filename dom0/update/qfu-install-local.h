/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-inventory.h"

#include <json-glib/json-glib.h>

/**
 * QfuLocalCab:
 * @file: its name, for messages
 * @blob: its bytes
 * @now: from qfu_clock_now()
 *
 * A cab at hand that no verified metadata names.
 */
typedef struct {
  const char *file;
  const QfuUntrustedBlob *blob;
  gint64 now;
} QfuLocalCab;

/**
 * qfu_install_local_device:
 * @devices: (element-type QfuDevice): that it may be for
 * @component: what is in the cab
 * @error: #QFU_ERROR_REFUSED: it is for none of dom0's own, or for several
 *
 * What a USB qube says that it has takes nothing from a device of dom0.
 *
 * Returns: (transfer none): the one that it is for
 */
const QfuDevice *qfu_install_local_device (const GPtrArray *devices,
                                           const QfuComponent *component,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_install_local:
 * @devices: (element-type QfuDevice): that it may be for
 * @cab: the file
 * @builder: inside an array, gets an object about what was done
 * @error: #QFU_ERROR_REFUSED: nobody is there to ask, it is not signed as it has to be, or fits no
 * device
 *
 * What is in the folder of a remote of fwupd goes by that remote's rules.
 *
 * Checks the cab by itself, looks for its device, builds it anew from its signed files, asks a
 * person, and goes the way of every update.
 */
gboolean qfu_install_local (QfuInventory *inventory,
                            const QfuOptions *options,
                            const GPtrArray *devices,
                            const QfuLocalCab *cab,
                            JsonBuilder *builder,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
