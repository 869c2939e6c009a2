/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-options.h"

#include <json-glib/json-glib.h>

/**
 * QfuFreshness:
 * @remote: whose metadata
 * @signed_at: when it was signed
 * @now: from qfu_clock_now()
 * @local: whether it is a file that came with the system: no mirror can hold it back
 *
 * How old verified metadata is. Old metadata is what a mirror or network shows that holds back
 * newer one; it is no better than the clock.
 */
typedef struct {
  const char *remote;
  gint64 signed_at;
  gint64 now;
  gboolean local;
} QfuFreshness;

/* Whether it is older than MaximumAgeDays=. */
gboolean qfu_freshness_stale (const QfuConfig *config, const QfuFreshness *freshness);

/**
 * qfu_freshness_check:
 * @error: #QFU_ERROR_STALE when it is stale and nobody is there (qfu_options_unattended())
 *
 * For what changes something, besides the warning.
 */
gboolean qfu_freshness_check (const QfuConfig *config,
                              const QfuOptions *options,
                              const QfuFreshness *freshness,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Warns loudly when it is stale. */
void qfu_freshness_warn (const QfuConfig *config, const QfuFreshness *freshness);

/* Members `signed`, `ageDays` and `stale` of the object that @builder is in. */
void
qfu_freshness_json (const QfuConfig *config, const QfuFreshness *freshness, JsonBuilder *builder);
