/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The last filter before a terminal. What came over the wire is clean already; names of files,
 * sentences of libraries and the system's own words are not. */

/**
 * qfu_text_clean:
 * @text: bytes of any origin
 *
 * Returns: (transfer full): @text with a '?' for every byte that is not printable ASCII: no escape
 * sequence, no C1 control in either encoding, no change of direction, no line break; a no-break
 * space becomes a space
 */
char *qfu_text_clean (const char *text);

/**
 * qfu_text_quote:
 * @text: paragraphs of somebody else
 * @prefix: what stands before each line of them
 *
 * Returns: (transfer full): the lines of @text, each cleaned and behind @prefix, so that none can
 * be taken for a line of ours; without a line break at the end
 */
char *qfu_text_quote (const char *text, const char *prefix);

/**
 * qfu_text_json:
 * @json: a JSON document in UTF-8
 *
 * Returns: (transfer full): the same document in printable ASCII and line feeds alone; what is
 * outside is escaped, so that a terminal shows it and a parser still reads it
 */
char *qfu_text_json (const char *json);
