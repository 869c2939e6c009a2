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
