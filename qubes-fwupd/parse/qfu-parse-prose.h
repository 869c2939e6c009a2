/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * QfuProse:
 *
 * Turns AppStream's description markup into plain text: a line for each paragraph, `* ` before each
 * item of a list, white space collapsed, characters beyond ASCII transliterated or `?`.
 */
typedef struct {
  GString *text;
  gboolean gap; /* white space is due before the next word */
} QfuProse;

/* The text never grows beyond @max bytes. */
void qfu_prose_start (QfuProse *prose, const char *element);
void qfu_prose_text (QfuProse *prose, const char *text, gsize size, gsize max);
void qfu_prose_end (QfuProse *prose, const char *element);

/* (transfer none): what @text holds, UTF-8, as ASCII on one line, without white space at the ends;
 * @text is used for it. */
const char *qfu_prose_plain_in_place (GString *text);
/* (transfer full): the same of a copy. */
char *qfu_prose_plain (const char *text);
