/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-release-show.h"

#include "qfu-print.h"
#include "qfu-wrap.h"

static QfuStyle
style_of (const char *urgency)
{
  if (g_strcmp0 (urgency, "critical") == 0)
    return QFU_STYLE_BAD;
  return g_strcmp0 (urgency, "high") == 0 ? QFU_STYLE_WARN : QFU_STYLE_PLAIN;
}

void
qfu_release_say_worth (const QfuOptions *options, const QfuComponentRelease *release)
{
  g_autofree char *cves = g_strjoinv (", ", release->cves);

  if (release->urgency != NULL)
    qfu_say_fact_as (options, style_of (release->urgency), "urgency", "%s", release->urgency);
  if (cves[0] != '\0')
    qfu_say_fact (options, "fixes", "%s", cves);
}

void
qfu_release_say (const QfuOptions *options, const QfuComponentRelease *release)
{
  g_autofree char *size = g_format_size (release->size);
  g_autofree char *date = qfu_time_text ((gint64)release->time);
  g_autofree char *duration = qfu_duration_text (release->duration);

  if (release->time > 0)
    qfu_say_fact (options, "released", "%.10s", date);
  if (release->size > 0)
    qfu_say_fact (options, "size", "%s", size);
  qfu_release_say_worth (options, release);
  if (release->duration > 0)
    qfu_say_fact (options, "takes", "about %s", duration);
  if (release->description != NULL)
    qfu_say_prose (options, release->description);
}

void
qfu_release_json (JsonBuilder *builder, const QfuComponentRelease *release)
{
  qfu_json_number (builder, "released", (gint64)release->time);
  qfu_json_number (builder, "size", (gint64)release->size);
  qfu_json_text (builder, "urgency", release->urgency);
  qfu_json_texts (builder, "cves", (const char *const *)release->cves);
  qfu_json_number (builder, "duration", (gint64)release->duration);
  qfu_json_text (builder, "description", release->description);
  qfu_json_digest (builder, "sha256", &release->sha256);
}
