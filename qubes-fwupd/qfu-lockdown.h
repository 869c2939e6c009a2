/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_lockdown_mode:
 * @root: folder that holds sys; "" for that of the machine
 *
 * Whether the kernel keeps even root from raw memory, I/O ports and unsigned code, as it does where
 * Secure Boot or its command line (lockdown=) asks for it.
 *
 * Returns: (nullable) (transfer none): "none", "integrity" or "confidentiality", which a word that
 * is not known counts as; %NULL: the kernel does not tell, because it was built without lockdown or
 * securityfs is not mounted
 */
const char *qfu_lockdown_mode (const char *root);
