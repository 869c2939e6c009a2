/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_inhibit_sleep:
 * @why: for people who ask what keeps the machine awake
 * @lock: (out): as long as this descriptor is open, the machine neither sleeps nor goes off, unless
 * a person insists
 * @error: #QFU_ERROR_UNREACHABLE when logind does not answer, #QFU_ERROR_REFUSED when it says no
 *
 * Asks logind. To be called while signals are held: D-Bus has a thread, which keeps the signals of
 * this moment.
 */
gboolean qfu_inhibit_sleep (const char *why, int *lock, GError **error) G_GNUC_WARN_UNUSED_RESULT;
