/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_wrap:
 * @text: one line, printable ASCII
 * @first: what stands before its beginning
 * @rest: what stands before what does not fit beside it
 * @width: columns of the terminal; 0: there is none, and lines are as long as they are
 *
 * Breaks a line between its words, and words that are wider than a terminal anywhere, so that every
 * row on the screen begins with @first or @rest. A terminal by itself breaks lines at its edge:
 * what somebody else pads with blanks would stand at the beginning of a row there, as lines of ours
 * do.
 *
 * Returns: (transfer full): the rows, without a line break at the end
 */
char *qfu_wrap (const char *text, const char *first, const char *rest, guint width);

/**
 * qfu_duration_text:
 *
 * Returns: (transfer full): @seconds as people count them: "85 s", "4 min", "3 h"
 */
char *qfu_duration_text (guint64 seconds);
