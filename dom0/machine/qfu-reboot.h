/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_reboot:
 * @error: #QFU_ERROR_REFUSED, also when another program holds a lock; #QFU_ERROR_UNREACHABLE when
 * there is no logind to ask
 *
 * Has logind reboot the machine, as for whoever asked for it at the terminal: other people's
 * sessions and locks count. It returns before the machine goes down.
 */
gboolean qfu_reboot (GError **error) G_GNUC_WARN_UNUSED_RESULT;
