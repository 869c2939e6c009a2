/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-refresh-show.h"

#include "qfu-error.h"
#include "qfu-print.h"
#include "qfu-refresh-state.h"

#define DAY (24 * 60 * 60)

static void
say_run (const QfuOptions *options, const QfuRefreshState *state)
{
  static const char *const words[] = {
      [QFU_REFRESH_REFRESHED] = "brought something newer",
      [QFU_REFRESH_UNCHANGED] = "found nothing newer",
      [QFU_REFRESH_SKIPPED] = "was skipped",
      [QFU_REFRESH_FAILED] = "failed",
  };
  g_autofree char *time = qfu_time_text (state->time);
  g_autofree char *success = qfu_time_text (state->last_success);

  qfu_say (options, "  the last refresh %s (%s%s)%s%s", words[state->result], time,
           state->unattended ? ", unattended" : "", state->message != NULL ? ": " : "",
           state->message != NULL ? state->message : "");
  if (state->last_success == 0)
    qfu_say (options, "  none has succeeded yet");
  else if (state->last_success != state->time)
    qfu_say (options, "  the last that succeeded: %s", success);
}

static void
say_remotes (const QfuConfig *config, const QfuOptions *options, const QfuRefreshState *state)
{
  gint64 now = MAX (state->time, g_get_real_time () / G_USEC_PER_SEC);

  for (guint i = 0; i < state->remotes->len; i++) {
    const QfuRefreshRemote *remote = g_ptr_array_index (state->remotes, i);
    gint64 age = qfu_refresh_state_age (state, remote, now);
    gboolean old = config->maximum_age_days > 0 && age > (gint64)config->maximum_age_days * DAY;

    qfu_say (options, "  remote %s: %s%" G_GINT64_FORMAT " day%s%s%s", remote->id,
             remote->signed_at > 0 ? "metadata signed " : "no metadata for ", age / DAY,
             age / DAY == 1 ? "" : "s", remote->signed_at > 0 ? " ago" : "",
             old ? "; newer firmware may be held back" : "");
  }
}

static void
say_updates (const QfuOptions *options, const QfuRefreshState *state)
{
  for (guint i = 0; i < state->updates->len; i++) {
    const QfuRefreshUpdate *update = g_ptr_array_index (state->updates, i);

    qfu_say (options, "  newer firmware: %s: %s -> %s", update->device_name,
             update->from != NULL ? update->from : "unknown", update->to);
  }
}

static void
add_null (const QfuOptions *options, JsonBuilder *builder)
{
  json_builder_add_null_value (builder);
  qfu_say (options, "  there was no refresh yet; `qubes-fwupdmgr refresh` makes one");
}

void
qfu_refresh_show (const QfuConfig *config, const QfuOptions *options, JsonBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRefreshState) state = qfu_refresh_state_load (config, &error);

  qfu_say (options, "metadata");
  json_builder_set_member_name (builder, "refresh");
  if (g_error_matches (error, QFU_ERROR, QFU_ERROR_NOT_FOUND)) {
    add_null (options, builder);
    return;
  }
  json_builder_begin_object (builder);
  if (state == NULL) {
    qfu_say (options, "  %s", error->message);
    qfu_json_error (builder, error);
  } else {
    say_run (options, state);
    say_remotes (config, options, state);
    say_updates (options, state);
    qfu_refresh_state_json (config, state, builder);
  }
  json_builder_end_object (builder);
}
