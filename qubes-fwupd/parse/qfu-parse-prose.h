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

/* (transfer full): @size bytes of UTF-8 as ASCII, without white space at the ends. */
char *qfu_prose_plain (const char *text, gsize size);
