/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-print.h"
#include "qfu-quote.h"

/* What the last verification saw of a machine's TPM, in a file beside the pinned key: its name with
 * `.seen` behind it. */

/**
 * QfuSeen:
 * @there: whether there was a verification before, by the same key
 * @reset_count, @restart_count, @clock: as in the quote then
 * @time: of that verification, seconds since 1970
 */
typedef struct {
  gboolean there;
  guint32 reset_count;
  guint32 restart_count;
  guint64 clock;
  gint64 time;
} QfuSeen;

/* What is kept beside @key_file. #QFU_ERROR_FORMAT, #QFU_ERROR_REFUSED when somebody else could
 * have written it. */
gboolean qfu_seen_load (const char *key_file, const QfuQuote *quote, QfuSeen *seen, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Keeps what @quote says. */
gboolean qfu_seen_save (const char *key_file,
                        const QfuQuote *quote,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Says what has changed since, and adds the members `previous` and `changes`. */
void qfu_seen_report (const QfuOptions *options,
                      JsonBuilder *builder,
                      const QfuSeen *seen,
                      const QfuQuote *quote);
