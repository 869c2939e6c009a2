/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-remote-show.h"

#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-freshness.h"
#include "qfu-highwater.h"
#include "qfu-print.h"
#include "qfu-remote-place.h"

#include <string.h>

static const char *const kinds[] = {"unknown", "download", "local", "directory"};

typedef struct {
  const QfuConfig *config;
  const QfuOptions *options;
  const QfuRemote *remote;
  gint64 signed_at; /* of what is kept; 0: nothing is */
  gint64 now;
} Show;

static const char *
or_empty (const char *text)
{
  return text == NULL ? "" : text;
}

static void
say_age (const Show *show)
{
  const QfuRemote *remote = show->remote;
  const QfuFreshness freshness = {remote->id, show->signed_at, show->now, !remote->download};
  g_autofree char *time = show->signed_at == 0 ? NULL : qfu_clock_text (show->signed_at);

  if (remote->kind == QFU_REMOTE_KIND_DIRECTORY || !qfu_remote_has_metadata (remote))
    return;
  if (time == NULL)
    qfu_say_fact (show->options, "signed", "never refreshed");
  else if (show->now == 0)
    qfu_say_fact (show->options, "signed", "%s", time);
  else
    qfu_say_fact_as (show->options,
                     qfu_freshness_stale (show->config, &freshness) ? QFU_STYLE_WARN
                                                                    : QFU_STYLE_PLAIN,
                     "signed", "%s, %" G_GINT64_FORMAT " days ago", time,
                     MAX (0, show->now - show->signed_at) / (24 * 60 * 60));
}

/* What counts for it where that is not what counts for all. */
static void
say_rules (const Show *show)
{
  const QfuRemoteRules rules = qfu_config_remote (show->config, show->remote->id);
  g_autofree char *devices = g_strjoinv (", ", (char **)rules.devices);

  if (strcmp (rules.metadata_keys, show->config->metadata_keys) != 0)
    qfu_say_fact (show->options, "authorities", "%s", rules.metadata_keys);
  if (strcmp (rules.firmware_keys, show->config->firmware_keys) != 0)
    qfu_say_fact (show->options, "for cabs", "%s", rules.firmware_keys);
  if (devices[0] != '\0')
    qfu_say_fact (show->options, "devices", "%s", devices);
  qfu_say_fact (show->options, "offers", "%s",
                rules.system_firmware ? "firmware of any device"
                                      : "firmware of devices that are no part of this machine");
}

static void
say (const Show *show)
{
  const QfuRemote *remote = show->remote;
  const char *place = remote->download ? remote->url : remote->path;

  qfu_say_as (show->options, QFU_STYLE_BOLD, "%s", remote->id);
  if (remote->title != NULL)
    qfu_say_fact (show->options, "title", "%s", remote->title);
  qfu_say_fact_as (show->options, remote->enabled ? QFU_STYLE_GOOD : QFU_STYLE_DIM, "state", "%s",
                   remote->enabled ? "enabled" : "disabled");
  qfu_say_fact (show->options, "kind", "%s", kinds[remote->kind]);
  qfu_say_fact (show->options, remote->kind == QFU_REMOTE_KIND_DIRECTORY ? "cabs" : "metadata",
                "%s", or_empty (place));
  if (remote->base_url != NULL)
    qfu_say_fact (show->options, "cabs", "%s", remote->base_url);
  qfu_say_fact (show->options, "priority", "%u", remote->priority);
  say_age (show);
  say_rules (show);
  if (qfu_remote_trouble (remote) != NULL)
    qfu_say_fact_as (show->options, QFU_STYLE_WARN, "trouble", "%s", qfu_remote_trouble (remote));
}

static void
add_json (const Show *show, JsonBuilder *builder)
{
  const QfuRemote *remote = show->remote;
  const QfuRemoteRules rules = qfu_config_remote (show->config, remote->id);
  const QfuFreshness freshness = {remote->id, show->signed_at, show->now, !remote->download};

  json_builder_begin_object (builder);
  qfu_json_text (builder, "id", remote->id);
  qfu_json_text (builder, "title", remote->title);
  qfu_json_text (builder, "url", remote->url);
  qfu_json_flag (builder, "enabled", remote->enabled);
  qfu_json_flag (builder, "download", remote->download);
  qfu_json_text (builder, "kind", kinds[remote->kind]);
  qfu_json_text (builder, "path", remote->path);
  qfu_json_text (builder, "cabUrl", remote->base_url);
  qfu_json_number (builder, "priority", remote->priority);
  json_builder_set_member_name (builder, "freshness");
  if (show->signed_at != 0 && show->now != 0) {
    json_builder_begin_object (builder);
    qfu_freshness_json (show->config, &freshness, builder);
    json_builder_end_object (builder);
  } else {
    json_builder_add_null_value (builder);
  }
  qfu_json_text (builder, "metadataKeys", rules.metadata_keys);
  qfu_json_text (builder, "firmwareKeys", rules.firmware_keys);
  qfu_json_texts (builder, "devices", rules.devices);
  qfu_json_flag (builder, "systemFirmware", rules.system_firmware);
  qfu_json_text (builder, "trouble", qfu_remote_trouble (remote));
  json_builder_end_object (builder);
}

void
qfu_remote_show (const QfuConfig *config,
                 const QfuOptions *options,
                 const QfuRemote *remote,
                 gint64 now,
                 JsonBuilder *builder)
{
  Show show = {config, options, remote, 0, now};
  QfuHighWater mark = {0};
  g_autoptr (GError) error = NULL;

  if (qfu_highwater_load (config, remote->id, &mark, &error))
    show.signed_at = mark.time;
  else if (!g_error_matches (error, QFU_ERROR, QFU_ERROR_NOT_FOUND))
    qfu_warn ("warning: remote %s: %s", remote->id, error->message);
  say (&show);
  add_json (&show, builder);
}
