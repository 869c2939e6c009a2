/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

#include <json-glib/json-glib.h>

#define QFU_REFRESH_SCHEMA "qubes-fwupd-refresh-1"
#define QFU_REFRESH_INTERVAL (24 * 60 * 60) /* seconds between two runs of the timer */

/*
 * How the last refresh ended and what is known since: State/refresh.json, as
 * schemas/refresh-state.schema.json says. For people, and for programs that show it: a tray, or an
 * updater.
 *
 * Trust: written by root, read by anybody; nothing is decided by it but what is told again.
 */

/* How a run ended. The words are those of the schema. */
typedef enum {
  QFU_REFRESH_REFRESHED, /* there was something newer */
  QFU_REFRESH_UNCHANGED, /* what is kept is what the mirrors have */
  QFU_REFRESH_SKIPPED,   /* it was not the time for it */
  QFU_REFRESH_FAILED
} QfuRefreshResult;

/* How old metadata is: not older than MaximumAgeDays=, older, or more than twice as old. */
typedef enum { QFU_STALENESS_FRESH, QFU_STALENESS_STALE, QFU_STALENESS_TOO_STALE } QfuStaleness;

/**
 * QfuRefreshRemote:
 * @id: an enabled remote with metadata to download
 * @signed_at: when the metadata that is kept was signed; 0: there is none
 */
typedef struct {
  char *id;
  gint64 signed_at;
} QfuRefreshRemote;

/* A newer firmware; all texts but @urgency and @from are there. */
typedef struct {
  char *device_id;
  char *device_name;
  char *from;
  char *to;
  char *remote;
  char *urgency;
} QfuRefreshUpdate;

/**
 * QfuRefreshState:
 * @time: of the last run, seconds since 1970
 * @unattended: whether nobody waited for it
 * @result: how it ended
 * @reason: (nullable): why it was skipped or failed, a stable word
 * @message: (nullable): the same for people
 * @first_time: of the first run that is known
 * @last_success: when all remotes were refreshed, or had nothing newer; 0: never
 * @failures: runs that failed since then
 * @staleness: of the oldest remote
 * @remotes: (element-type QfuRefreshRemote)
 * @updates: (element-type QfuRefreshUpdate): newer firmware that can be installed here
 * @updates_time: when that was looked up; 0: never
 */
typedef struct {
  gint64 time;
  gboolean unattended;
  QfuRefreshResult result;
  char *reason;
  char *message;
  gint64 first_time;
  gint64 last_success;
  guint failures;
  QfuStaleness staleness;
  GPtrArray *remotes;
  GPtrArray *updates;
  gint64 updates_time;
} QfuRefreshState;

const char *qfu_refresh_result_name (QfuRefreshResult result);
const char *qfu_staleness_name (QfuStaleness staleness);

QfuRefreshState *qfu_refresh_state_new (void);
void qfu_refresh_state_free (QfuRefreshState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuRefreshState, qfu_refresh_state_free)

/**
 * qfu_refresh_state_load:
 * @error: #QFU_ERROR_NOT_FOUND when there was no run yet, #QFU_ERROR_FORMAT, #QFU_ERROR_REFUSED,
 * #QFU_ERROR_IO
 *
 * Returns: (transfer full)
 */
QfuRefreshState *qfu_refresh_state_load (const QfuConfig *config,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Replaces what is kept. The caller holds the machine's lock. */
gboolean qfu_refresh_state_save (const QfuConfig *config,
                                 const QfuRefreshState *state,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds its members to the object that @builder is in. */
void qfu_refresh_state_json (const QfuConfig *config,
                             const QfuRefreshState *state,
                             JsonBuilder *builder);

/**
 * qfu_refresh_state_age:
 * @now: seconds since 1970
 *
 * Returns: seconds since the remote's metadata was signed; of one without metadata, since the first
 * run, which it has been without ever since
 */
gint64
qfu_refresh_state_age (const QfuRefreshState *state, const QfuRefreshRemote *remote, gint64 now);

/* Of the oldest remote. A mirror that gives the same for ever is found by this, too. */
QfuStaleness
qfu_refresh_state_judge (const QfuConfig *config, const QfuRefreshState *state, gint64 now);

/* Appends copies. */
void qfu_refresh_state_add_remote (QfuRefreshState *state, const char *id, gint64 signed_at);
void qfu_refresh_state_add_update (QfuRefreshState *state, const QfuRefreshUpdate *update);

/* Whether @state has an update that is not in @before (nullable). */
gboolean qfu_refresh_state_has_news (const QfuRefreshState *state, const QfuRefreshState *before);

/* (transfer full): "Name: 1.0 -> 1.1" of each update, with "; " between them. */
char *qfu_refresh_state_updates_text (const QfuRefreshState *state);
