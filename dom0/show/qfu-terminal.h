/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define QFU_TERMINAL_ERASE "\r\033[K" /* takes away what the cursor's row holds */

/**
 * qfu_terminal_width:
 * @fd: an open descriptor
 *
 * Returns: columns of the terminal behind @fd, at the moment; 0 when there is none, or when it does
 * not say
 */
guint qfu_terminal_width (int fd);

/* Whether a row on the terminal behind @fd can be drawn again. */
gboolean qfu_terminal_draws (int fd);
