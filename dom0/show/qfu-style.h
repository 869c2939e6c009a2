/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What a piece of text means to its reader; the colours follow. */
typedef enum {
  QFU_STYLE_PLAIN,
  QFU_STYLE_BOLD, /* a heading, or what one looks for */
  QFU_STYLE_DIM,  /* what can be skipped */
  QFU_STYLE_GOOD,
  QFU_STYLE_WARN,
  QFU_STYLE_BAD
} QfuStyle;

/**
 * qfu_style:
 * @style: what the text that follows means
 * @fd: where it goes, standard output or standard error
 *
 * Returns: (transfer none): what switches the terminal to @style, #QFU_STYLE_PLAIN back; "" when
 * @fd is no terminal, when NO_COLOR is set and not empty, and when TERM is unset or "dumb"
 */
const char *qfu_style (QfuStyle style, int fd);

/**
 * qfu_style_text:
 * @text: of any origin
 *
 * Returns: (transfer full): @text, cleaned by qfu_text_clean(), in @style
 */
char *qfu_style_text (QfuStyle style, int fd, const char *text);
