/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-unattended.h"

#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-journal.h"
#include "qfu-lock.h"
#include "qfu-print.h"
#include "qfu-refresh-report.h"
#include "qfu-refreshing.h"

#define LONGEST_WAIT (60 * 60) /* seconds between two tries */
#define DAY (24 * 60 * 60)

typedef struct {
  const QfuOptions *options;
  QfuOptions quiet; /* the same for what would say more than this run may */
  QfuRefreshing refresh;
  GPtrArray *remotes; /* (element-type QfuRemote): fwupd's */
  GPtrArray *pending; /* (element-type QfuRemote): what is still to be refreshed; not owned */
  gboolean changed;
  GError *failure; /* of the last try */
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->pending, g_ptr_array_unref);
  g_clear_pointer (&run->remotes, g_ptr_array_unref);
  g_clear_error (&run->failure);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* What may be better in a moment: a mirror, a network, files that change meanwhile. */
static gboolean
may_pass (const GError *failure)
{
  static const QfuError codes[] = {QFU_ERROR_UNREACHABLE, QFU_ERROR_OFFLINE, QFU_ERROR_LIMIT,
                                   QFU_ERROR_MISMATCH, QFU_ERROR_NOT_FOUND};

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++) {
    if (g_error_matches (failure, QFU_ERROR, (int)codes[i]))
      return TRUE;
  }
  return FALSE;
}

/* Keeps one failure of several: one that only says that it is not the time is the least. */
static void
keep_failure (Run *run, GError *failure)
{
  if (run->failure != NULL && !qfu_refresh_is_skip (run->failure)) {
    g_error_free (failure);
    return;
  }
  g_clear_error (&run->failure);
  run->failure = failure;
}

/* The remotes, once. */
static gboolean
find_remotes (Run *run, GError **error)
{
  if (run->remotes != NULL)
    return TRUE;
  run->remotes = qfu_fwupd_remotes (run->refresh.config, error);
  if (run->remotes == NULL)
    return FALSE;
  run->pending = g_ptr_array_new ();
  for (guint i = 0; i < run->remotes->len; i++) {
    QfuRemote *remote = g_ptr_array_index (run->remotes, i);

    if (qfu_refreshing_wants (&run->refresh, remote))
      g_ptr_array_add (run->pending, remote);
  }
  return TRUE;
}

/* What is refreshed, or cannot be, is pending no more. */
static void
refresh_pending (Run *run)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GPtrArray) again = g_ptr_array_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < run->pending->len; i++) {
    QfuRemote *remote = g_ptr_array_index (run->pending, i);
    GError *local = NULL;

    if (!qfu_refreshing_run (&run->refresh, remote, builder, &local)) {
      if (may_pass (local))
        g_ptr_array_add (again, remote);
      keep_failure (run, local);
    }
    run->changed = run->changed || run->refresh.changed;
  }
  json_builder_end_array (builder);
  g_clear_pointer (&run->pending, g_ptr_array_unref);
  run->pending = g_steal_pointer (&again);
}

/* One try, with the lock. */
static gboolean
try_once (Run *run, GError **error)
{
  const QfuConfig *config = run->refresh.config;
  g_autoptr (QfuRoute) route = NULL;

  if (!qfu_clock_start (config, &run->refresh.now, error) || !find_remotes (run, error))
    return FALSE;
  if (run->pending->len == 0)
    return qfu_error_set (error, QFU_ERROR_UNSUPPORTED,
                          "fwupd has no enabled remote to download from");
  route = qfu_route_new (config, run->refresh.options->whonix, NULL, NULL, error);
  if (route == NULL || !qfu_route_keep_running (route, config->start_vm, error))
    return FALSE;
  run->refresh.route = route;
  refresh_pending (run);
  run->refresh.route = NULL;
  return TRUE;
}

/* Tries until all is done, nothing may pass, or it was often enough. Between two tries others may
 * have the lock; %FALSE: they keep it. */
static gboolean
run_tries (Run *run, int *lock, GError **error)
{
  const QfuConfig *config = run->refresh.config;
  guint seconds = config->retry_seconds;

  for (guint left = config->retries;; left--) {
    GError *local = NULL;

    g_clear_error (&run->failure);
    if (!try_once (run, &local))
      keep_failure (run, local);
    if (run->failure == NULL || left == 0 || !may_pass (run->failure))
      return TRUE;
    qfu_fd_clear (lock);
    g_usleep ((gulong)seconds * G_USEC_PER_SEC);
    seconds = MIN (2 * seconds, LONGEST_WAIT);
    if (!qfu_lock_take (config, run->refresh.options, lock, error))
      return FALSE;
  }
}

/* (transfer full): which metadata is old, and what to do. */
static char *
describe_staleness (const QfuConfig *config, const QfuRefreshState *state)
{
  const QfuRefreshRemote *oldest = g_ptr_array_index (state->remotes, 0);

  for (guint i = 1; i < state->remotes->len; i++) {
    const QfuRefreshRemote *remote = g_ptr_array_index (state->remotes, i);

    if (qfu_refresh_state_age (state, remote, state->time) >
        qfu_refresh_state_age (state, oldest, state->time))
      oldest = remote;
  }
  return g_strdup_printf (
      "remote %s has %s %" G_GINT64_FORMAT " days (MaximumAgeDays=%u): newer firmware may be held "
      "back. Run `qubes-fwupdmgr refresh`; if that brings nothing newer, look at another network "
      "or "
      "mirror, and at this machine's clock",
      oldest->id, oldest->signed_at > 0 ? "had nothing newer for" : "been without metadata for",
      qfu_refresh_state_age (state, oldest, state->time) / DAY, config->maximum_age_days);
}

/* Where there is no journal, a line for whoever reads the output. */
static void
tell (const char *event, const QfuRefreshState *state, const char *updates, const char *text)
{
  qfu_journal_refresh (event, state->reason, updates, text);
  if (!qfu_journal_there () && text != NULL)
    qfu_warn ("%s", text);
}

static void
tell_result (const QfuRefreshState *state, const QfuRefreshState *before)
{
  if (state->result == QFU_REFRESH_REFRESHED)
    qfu_journal_refresh ("refreshed", NULL, NULL, NULL);
  else if (state->result == QFU_REFRESH_SKIPPED)
    qfu_journal_refresh ("skipped", state->reason, NULL, state->message);
  else if (state->result == QFU_REFRESH_FAILED)
    qfu_journal_refresh ("failed", state->reason, NULL, state->message);
  if (qfu_refresh_state_has_news (state, before)) {
    g_autofree char *updates = qfu_refresh_state_updates_text (state);

    tell ("updates", state, updates, updates);
  }
}

/* How old the metadata is decides last: what is too old is an error though nothing failed. */
static gboolean
tell_staleness (const QfuConfig *config, const QfuRefreshState *state, GError **error)
{
  g_autofree char *text = NULL;

  if (state->staleness == QFU_STALENESS_FRESH)
    return TRUE;
  text = describe_staleness (config, state);
  if (state->staleness == QFU_STALENESS_STALE) {
    tell ("stale", state, NULL, text);
    return TRUE;
  }
  qfu_journal_refresh ("too-stale", state->reason, NULL, text);
  return qfu_error_set (error, QFU_ERROR_STALE, text);
}

static void
print_state (const QfuConfig *config, const QfuOptions *options, const QfuRefreshState *state)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  qfu_refresh_state_json (config, state, builder);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
}

/* Whoever has the lock keeps how that ends. */
static void
skip (const QfuOptions *options, const GError *busy)
{
  JsonBuilder *builder = json_builder_new ();

  qfu_journal_refresh ("skipped", qfu_error_name (QFU_ERROR_BUSY), NULL, busy->message);
  json_builder_begin_object (builder);
  qfu_json_text (builder, "result", qfu_refresh_result_name (QFU_REFRESH_SKIPPED));
  qfu_json_text (builder, "reason", qfu_error_name (QFU_ERROR_BUSY));
  qfu_json_text (builder, "message", busy->message);
  json_builder_end_object (builder);
  qfu_print_json (options, builder);
}

/* Keeps and tells how it ended; the caller holds the lock. */
static gboolean
finish (Run *run, GError **error)
{
  const QfuConfig *config = run->refresh.config;
  const QfuOptions *options = run->options;
  const QfuRefreshRun done = {config,           options,      run->remotes,
                              run->refresh.now, run->changed, run->failure};
  g_autoptr (QfuRefreshState) before = qfu_refresh_state_load (config, NULL);
  g_autoptr (QfuRefreshState) state = qfu_refresh_report_new (&done, before);
  g_autoptr (GError) local = NULL;
  g_autoptr (GError) stale = NULL;

  if (run->refresh.now > 0 && !qfu_refresh_report_look_up (state, &done, &local))
    g_debug ("updates are not looked up: %s", local->message);
  tell_result (state, before);
  if (!tell_staleness (config, state, &stale))
    g_debug ("%s", stale->message);
  print_state (config, options, state);
  if (!qfu_refresh_state_save (config, state, error))
    return FALSE;
  if (state->result == QFU_REFRESH_FAILED)
    g_propagate_error (error, g_steal_pointer (&run->failure));
  else if (stale != NULL)
    g_propagate_error (error, g_steal_pointer (&stale));
  else
    return TRUE;
  return FALSE;
}

gboolean
qfu_unattended_run (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (Run) run = {.options = options, .quiet = *options, .refresh = {.config = config}};
  g_auto (QfuFd) lock = -1;
  g_autoptr (GError) local = NULL;

  run.quiet.json = TRUE;
  run.refresh.options = &run.quiet;
  run.refresh.flags =
      QFU_REQUEST_UNATTENDED | (config->allow_metered ? 0 : QFU_REQUEST_NOT_METERED);
  if (qfu_lock_take (config, options, &lock, &local) && run_tries (&run, &lock, &local))
    return finish (&run, error);
  if (g_error_matches (local, QFU_ERROR, QFU_ERROR_BUSY)) {
    skip (options, local);
    return TRUE;
  }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
