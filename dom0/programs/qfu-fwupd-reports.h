/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-message.h"
#include "qfu-wire.h"

/* Ops of qfu-fwupd that change nothing: what fwupd says of updates in the past, and of the host. */

/* HISTORY of every update that fwupd remembers. */
gboolean qfu_fwupd_run_history (QfuWire *wire,
                                const QfuMessage *arguments,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* HISTORY of the last update of the device ID; END at once when there is none. */
gboolean qfu_fwupd_run_results (QfuWire *wire,
                                const QfuMessage *arguments,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* SECURITY and ATTRIBUTEs. */
gboolean qfu_fwupd_run_security (QfuWire *wire,
                                 const QfuMessage *arguments,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
