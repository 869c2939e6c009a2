/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_network_metered:
 *
 * Asks NetworkManager, if there is one in this VM, over the system's bus. Without an answer nothing
 * is known of the connection, and that counts as not metered.
 *
 * Returns: whether it says that the connection costs by the byte, or guesses so
 */
gboolean qfu_network_metered (void);
