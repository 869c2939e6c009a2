/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-json.h"
#include "qfu-options.h"
#include "qfu-style.h"

/* Everything that the command line says goes through here, and leaves as printable ASCII whatever
 * it was: one line for each call, so that no text can make another, and escapes in JSON. What does
 * not fit into a row of the terminal goes on in the next, set in; nobody else's words begin a row.
 */

/* A line on standard output, unless --json was given. */
void qfu_say (const QfuOptions *options, const char *format, ...) G_GNUC_PRINTF (2, 3);
void qfu_say_as (const QfuOptions *options, QfuStyle style, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* A line to copy from, such as a command or a path of ours: it is not broken, so no words of others
 * may be in it. */
void qfu_say_whole (const QfuOptions *options, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* A fact about what the line before it names, in columns: "  remote      lvfs". */
void qfu_say_fact (const QfuOptions *options, const char *name, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
void qfu_say_fact_as (const QfuOptions *options,
                      QfuStyle style,
                      const char *name,
                      const char *format,
                      ...) G_GNUC_PRINTF (4, 5);
/* Paragraphs of somebody else and items of their lists, each row marked as theirs. */
void qfu_say_prose (const QfuOptions *options, const char *text);
/* A line on standard error, in every mode. */
void qfu_warn (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Whether such lines are left out, as the caller tells the same in another way. */
void qfu_warn_hush (gboolean hush);
/* (transfer full): keeps @builder's root as the document that --json prints at the end. */
void qfu_print_json (const QfuOptions *options, JsonBuilder *builder);

/**
 * qfu_print_end:
 * @json: whether --json was given
 * @error: (nullable): what the program ends with
 *
 * Ends the program's output: @error for people on standard error, and with @json the one document
 * on standard output, to which an error adds the member `error` of {code, message}.
 *
 * Returns: whether everything reached standard output
 */
gboolean qfu_print_end (gboolean json, const GError *error) G_GNUC_WARN_UNUSED_RESULT;

/* Member `error` of {code, message}. */
void qfu_json_error (JsonBuilder *builder, const GError *error);

/* (transfer full): "2026-11-21 05:00:00 UTC" */
char *qfu_time_text (gint64 seconds);

/**
 * qfu_ask:
 *
 * Asks a question on the terminal. With -y the answer is yes; without a terminal it is an error
 * that says so.
 *
 * Returns: %TRUE for yes; %FALSE with #QFU_ERROR_REFUSED for everything else
 */
gboolean
qfu_ask (const QfuOptions *options, const char *question, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether qfu_ask_person() would ask somebody. */
gboolean qfu_can_ask_person (const QfuOptions *options);
/* #QFU_ERROR_REFUSED when it would not; @what needs to. */
gboolean qfu_need_person (const QfuOptions *options,
                          const char *what,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_ask_person:
 *
 * qfu_ask() for what a person has to take upon himself: -y is no answer.
 */
gboolean qfu_ask_person (const QfuOptions *options,
                         const char *question,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What stands before the next line that is said, and before all behind it, until this is called
 * again. %NULL: nothing. */
void qfu_print_margin (const char *first, const char *rest);
/* Draws a row that the next one, and anything that is said, takes away. @line: (nullable): %NULL
 * takes it away at once. Where nothing can be drawn, nothing is. */
void qfu_draw (const char *line);
