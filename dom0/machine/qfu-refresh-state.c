/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-refresh-state.h"

#include "qfu-durable.h"
#include "qfu-error.h"
#include "qfu-jsonread.h"
#include "qfu-print.h"
#include "qfu-text.h"

#include <string.h>

#define FILE_NAME "refresh.json"
#define FILE_SIZE (1024 * 1024) /* bytes */
#define DAY (24 * 60 * 60)

static const char *const results[] = {
    [QFU_REFRESH_REFRESHED] = "refreshed",
    [QFU_REFRESH_UNCHANGED] = "unchanged",
    [QFU_REFRESH_SKIPPED] = "skipped",
    [QFU_REFRESH_FAILED] = "failed",
};

static const char *const stalenesses[] = {
    [QFU_STALENESS_FRESH] = "fresh",
    [QFU_STALENESS_STALE] = "stale",
    [QFU_STALENESS_TOO_STALE] = "too-stale",
};

const char *
qfu_refresh_result_name (QfuRefreshResult result)
{
  return results[result];
}

const char *
qfu_staleness_name (QfuStaleness staleness)
{
  return stalenesses[staleness];
}

static void
remote_free (gpointer data)
{
  QfuRefreshRemote *remote = data;

  g_free (remote->id);
  g_free (remote);
}

static void
update_free (gpointer data)
{
  QfuRefreshUpdate *update = data;

  g_free (update->device_id);
  g_free (update->device_name);
  g_free (update->from);
  g_free (update->to);
  g_free (update->remote);
  g_free (update->urgency);
  g_free (update);
}

QfuRefreshState *
qfu_refresh_state_new (void)
{
  QfuRefreshState *state = g_new0 (QfuRefreshState, 1);

  state->remotes = g_ptr_array_new_with_free_func (remote_free);
  state->updates = g_ptr_array_new_with_free_func (update_free);
  return state;
}

void
qfu_refresh_state_free (QfuRefreshState *state)
{
  if (state == NULL)
    return;
  g_free (state->reason);
  g_free (state->message);
  g_ptr_array_unref (state->remotes);
  g_ptr_array_unref (state->updates);
  g_free (state);
}

void
qfu_refresh_state_add_remote (QfuRefreshState *state, const char *id, gint64 signed_at)
{
  QfuRefreshRemote *remote = g_new0 (QfuRefreshRemote, 1);

  remote->id = g_strdup (id);
  remote->signed_at = signed_at;
  g_ptr_array_add (state->remotes, remote);
}

void
qfu_refresh_state_add_update (QfuRefreshState *state, const QfuRefreshUpdate *update)
{
  QfuRefreshUpdate *copy = g_new0 (QfuRefreshUpdate, 1);

  copy->device_id = g_strdup (update->device_id);
  copy->device_name = g_strdup (update->device_name);
  copy->from = g_strdup (update->from);
  copy->to = g_strdup (update->to);
  copy->remote = g_strdup (update->remote);
  copy->urgency = g_strdup (update->urgency);
  g_ptr_array_add (state->updates, copy);
}

/* A member that is a number and not below 0; else 0. */
static gint64
number_of (JsonObject *object, const char *name)
{
  return MAX (0, qfu_json_member_number (object, name));
}

/* The place of a text among @names, or -1. */
static int
word_of (JsonObject *object, const char *name, const char *const *names, gsize n_names)
{
  const char *text = qfu_json_member_text (object, name);

  for (gsize i = 0; text != NULL && i < n_names; i++) {
    if (strcmp (names[i], text) == 0)
      return (int)i;
  }
  return -1;
}

static JsonArray *
array_of (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static void
read_remote (JsonArray *array, guint index, JsonNode *node, gpointer user)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *id = object == NULL ? NULL : qfu_json_member_text (object, "remote");

  (void)array, (void)index;
  if (id != NULL)
    qfu_refresh_state_add_remote (user, id, number_of (object, "signed"));
}

static void
read_update (JsonArray *array, guint index, JsonNode *node, gpointer user)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  QfuRefreshUpdate update = {NULL};

  (void)array, (void)index;
  if (object == NULL)
    return;
  update.device_id = (char *)qfu_json_member_text (object, "deviceId");
  update.device_name = (char *)qfu_json_member_text (object, "deviceName");
  update.from = (char *)qfu_json_member_text (object, "versionFrom");
  update.to = (char *)qfu_json_member_text (object, "versionTo");
  update.remote = (char *)qfu_json_member_text (object, "remote");
  update.urgency = (char *)qfu_json_member_text (object, "urgency");
  if (update.device_id != NULL && update.device_name != NULL && update.to != NULL &&
      update.remote != NULL)
    qfu_refresh_state_add_update (user, &update);
}

static gboolean
read_state (QfuRefreshState *state, JsonObject *object)
{
  int result = word_of (object, "result", results, G_N_ELEMENTS (results));
  int staleness = word_of (object, "staleness", stalenesses, G_N_ELEMENTS (stalenesses));
  JsonArray *remotes = array_of (object, "remotes");
  JsonArray *updates = array_of (object, "updates");

  if (g_strcmp0 (qfu_json_member_text (object, "schema"), QFU_REFRESH_SCHEMA) != 0 || result < 0 ||
      staleness < 0 || remotes == NULL || updates == NULL || number_of (object, "time") == 0)
    return FALSE;
  state->result = (QfuRefreshResult)result;
  state->staleness = (QfuStaleness)staleness;
  state->time = number_of (object, "time");
  state->unattended = json_object_get_boolean_member_with_default (object, "unattended", FALSE);
  state->reason = g_strdup (qfu_json_member_text (object, "reason"));
  state->message = g_strdup (qfu_json_member_text (object, "message"));
  state->first_time = number_of (object, "firstTime");
  state->last_success = number_of (object, "lastSuccess");
  state->failures = (guint)MIN (number_of (object, "failures"), G_MAXINT);
  state->updates_time = number_of (object, "updatesTime");
  json_array_foreach_element (remotes, read_remote, state);
  json_array_foreach_element (updates, read_update, state);
  return TRUE;
}

QfuRefreshState *
qfu_refresh_state_load (const QfuConfig *config, GError **error)
{
  g_autofree char *text = qfu_durable_read (config->state, FILE_NAME, FILE_SIZE, error);
  g_autoptr (QfuRefreshState) state = qfu_refresh_state_new ();
  g_autoptr (JsonNode) root = NULL;

  if (text == NULL)
    return NULL;
  root = json_from_string (text, NULL);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root) &&
      read_state (state, json_node_get_object (root)))
    return g_steal_pointer (&state);
  g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT,
               "%s/%s is damaged; `qubes-fwupdmgr refresh` writes it anew", config->state,
               FILE_NAME);
  return NULL;
}

/* null for 0: there is none. */
static void
add_time (JsonBuilder *builder, const char *name, gint64 time)
{
  json_builder_set_member_name (builder, name);
  if (time > 0)
    json_builder_add_int_value (builder, time);
  else
    json_builder_add_null_value (builder);
}

static void
add_remotes (const QfuConfig *config, const QfuRefreshState *state, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "remotes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < state->remotes->len; i++) {
    const QfuRefreshRemote *remote = g_ptr_array_index (state->remotes, i);
    gint64 age = qfu_refresh_state_age (state, remote, state->time);

    json_builder_begin_object (builder);
    qfu_json_text (builder, "remote", remote->id);
    add_time (builder, "signed", remote->signed_at);
    qfu_json_number (builder, "ageDays", age / DAY);
    qfu_json_flag (builder, "stale",
                   config->maximum_age_days > 0 && age > (gint64)config->maximum_age_days * DAY);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
add_updates (const QfuRefreshState *state, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "updates");
  json_builder_begin_array (builder);
  for (guint i = 0; i < state->updates->len; i++) {
    const QfuRefreshUpdate *update = g_ptr_array_index (state->updates, i);

    json_builder_begin_object (builder);
    qfu_json_text (builder, "deviceId", update->device_id);
    qfu_json_text (builder, "deviceName", update->device_name);
    qfu_json_text (builder, "versionFrom", update->from);
    qfu_json_text (builder, "versionTo", update->to);
    qfu_json_text (builder, "remote", update->remote);
    qfu_json_text (builder, "urgency", update->urgency);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

void
qfu_refresh_state_json (const QfuConfig *config, const QfuRefreshState *state, JsonBuilder *builder)
{
  qfu_json_text (builder, "schema", QFU_REFRESH_SCHEMA);
  qfu_json_number (builder, "time", state->time);
  qfu_json_flag (builder, "unattended", state->unattended);
  qfu_json_text (builder, "result", qfu_refresh_result_name (state->result));
  qfu_json_text (builder, "reason", state->reason);
  qfu_json_text (builder, "message", state->message);
  qfu_json_number (builder, "firstTime", state->first_time);
  add_time (builder, "lastSuccess", state->last_success);
  qfu_json_number (builder, "failures", state->failures);
  qfu_json_number (builder, "next", state->time + QFU_REFRESH_INTERVAL);
  qfu_json_text (builder, "staleness", qfu_staleness_name (state->staleness));
  add_remotes (config, state, builder);
  add_time (builder, "updatesTime", state->updates_time);
  add_updates (state, builder);
}

gboolean
qfu_refresh_state_save (const QfuConfig *config, const QfuRefreshState *state, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  g_autofree char *clean = NULL;
  g_autofree char *lines = NULL;

  json_builder_begin_object (builder);
  qfu_refresh_state_json (config, state, builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  clean = qfu_text_json (text);
  lines = g_strconcat (clean, "\n", NULL);
  return qfu_durable_write (config->state, FILE_NAME, lines, error);
}

gint64
qfu_refresh_state_age (const QfuRefreshState *state, const QfuRefreshRemote *remote, gint64 now)
{
  return MAX (0, now - (remote->signed_at > 0 ? remote->signed_at : state->first_time));
}

QfuStaleness
qfu_refresh_state_judge (const QfuConfig *config, const QfuRefreshState *state, gint64 now)
{
  gint64 maximum = (gint64)config->maximum_age_days * DAY;
  QfuStaleness worst = QFU_STALENESS_FRESH;

  for (guint i = 0; maximum > 0 && i < state->remotes->len; i++) {
    gint64 age = qfu_refresh_state_age (state, g_ptr_array_index (state->remotes, i), now);

    if (age > 2 * maximum)
      worst = QFU_STALENESS_TOO_STALE;
    else if (age > maximum)
      worst = MAX (worst, QFU_STALENESS_STALE);
  }
  return worst;
}

static gboolean
has_update (const QfuRefreshState *state, const QfuRefreshUpdate *update)
{
  for (guint i = 0; i < state->updates->len; i++) {
    const QfuRefreshUpdate *other = g_ptr_array_index (state->updates, i);

    if (strcmp (other->device_id, update->device_id) == 0 && strcmp (other->to, update->to) == 0)
      return TRUE;
  }
  return FALSE;
}

gboolean
qfu_refresh_state_has_news (const QfuRefreshState *state, const QfuRefreshState *before)
{
  for (guint i = 0; i < state->updates->len; i++) {
    if (before == NULL || !has_update (before, g_ptr_array_index (state->updates, i)))
      return TRUE;
  }
  return FALSE;
}

char *
qfu_refresh_state_updates_text (const QfuRefreshState *state)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < state->updates->len; i++) {
    const QfuRefreshUpdate *update = g_ptr_array_index (state->updates, i);

    g_string_append_printf (text, "%s%s: %s -> %s", i > 0 ? "; " : "", update->device_name,
                            update->from != NULL ? update->from : "unknown", update->to);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
