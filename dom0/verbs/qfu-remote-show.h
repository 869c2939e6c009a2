/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-fwupd-calls.h"
#include "qfu-options.h"

#include <json-glib/json-glib.h>

/**
 * qfu_remote_show:
 * @now: from qfu_clock_now(); 0: not known
 * @builder: in an array, which gets an object
 *
 * Says what fwupd has of a remote, what is kept of it here, and what counts for it.
 */
void qfu_remote_show (const QfuConfig *config,
                      const QfuOptions *options,
                      const QfuRemote *remote,
                      gint64 now,
                      JsonBuilder *builder);
