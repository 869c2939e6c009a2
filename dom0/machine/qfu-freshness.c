/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-freshness.h"

#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-print.h"

#define DAY (24 * 60 * 60)

static gint64
age_days (const QfuFreshness *freshness)
{
  return MAX (0, freshness->now - freshness->signed_at) / DAY;
}

gboolean
qfu_freshness_stale (const QfuConfig *config, const QfuFreshness *freshness)
{
  return config->maximum_age_days > 0 && !freshness->local &&
         freshness->now - freshness->signed_at > (gint64)config->maximum_age_days * DAY;
}

/* (transfer full) */
static char *
describe (const QfuConfig *config, const QfuFreshness *freshness)
{
  g_autofree char *time = qfu_clock_text (freshness->signed_at);

  return g_strdup_printf ("the metadata of remote %s is %" G_GINT64_FORMAT
                          " days old (signed at %s; MaximumAgeDays=%u): newer firmware may be held "
                          "back",
                          freshness->remote, age_days (freshness), time, config->maximum_age_days);
}

void
qfu_freshness_warn (const QfuConfig *config, const QfuFreshness *freshness)
{
  g_autofree char *what = NULL;

  if (!qfu_freshness_stale (config, freshness))
    return;
  what = describe (config, freshness);
  qfu_warn ("warning: %s. Run `qubes-fwupdmgr refresh`; if that brings nothing newer, look at "
            "another network or mirror, and at this machine's clock",
            what);
}

gboolean
qfu_freshness_check (const QfuConfig *config,
                     const QfuOptions *options,
                     const QfuFreshness *freshness,
                     GError **error)
{
  g_autofree char *what = NULL;

  if (!qfu_freshness_stale (config, freshness) || !qfu_options_unattended (options))
    return TRUE;
  what = describe (config, freshness);
  g_set_error (error, QFU_ERROR, QFU_ERROR_STALE,
               "%s, and nobody is there to judge that. Run it in a terminal without -y, raise "
               "MaximumAgeDays=, or disable the remote in fwupd",
               what);
  return FALSE;
}

void
qfu_freshness_json (const QfuConfig *config, const QfuFreshness *freshness, JsonBuilder *builder)
{
  qfu_json_number (builder, "signed", freshness->signed_at);
  qfu_json_number (builder, "ageDays", age_days (freshness));
  qfu_json_flag (builder, "stale", qfu_freshness_stale (config, freshness));
}
