/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-refresh-report.h"

#include "qfu-error.h"
#include "qfu-highwater.h"
#include "qfu-inventory.h"
#include "qfu-print.h"
#include "qfu-remote-place.h"

gboolean
qfu_refresh_is_skip (const GError *failure)
{
  static const QfuError skips[] = {QFU_ERROR_NOT_RUNNING, QFU_ERROR_METERED, QFU_ERROR_OFFLINE,
                                   QFU_ERROR_BUSY, QFU_ERROR_UNSUPPORTED};

  for (gsize i = 0; i < G_N_ELEMENTS (skips); i++) {
    if (g_error_matches (failure, QFU_ERROR, (int)skips[i]))
      return TRUE;
  }
  return FALSE;
}

static void
set_result (QfuRefreshState *state, const QfuRefreshRun *run)
{
  const GError *failure =
      g_error_matches (run->failure, QFU_ERROR, QFU_ERROR_NOTHING) ? NULL : run->failure;

  if (failure != NULL && qfu_refresh_is_skip (failure))
    state->result = QFU_REFRESH_SKIPPED;
  else if (failure != NULL)
    state->result = QFU_REFRESH_FAILED;
  else
    state->result = run->changed ? QFU_REFRESH_REFRESHED : QFU_REFRESH_UNCHANGED;
  if (g_error_matches (failure, QFU_ERROR, QFU_ERROR_UNSUPPORTED))
    state->reason = g_strdup ("no-remote");
  else if (failure != NULL)
    state->reason = g_strdup (
        qfu_error_name (failure->domain == QFU_ERROR ? failure->code : QFU_ERROR_INTERNAL));
  state->message = g_strdup (failure != NULL ? failure->message : NULL);
}

static void
set_history (QfuRefreshState *state, const QfuRefreshState *before)
{
  state->first_time = before != NULL && before->first_time > 0 ? before->first_time : state->time;
  state->last_success = before != NULL ? before->last_success : 0;
  state->failures = before != NULL ? before->failures : 0;
  state->updates_time = before != NULL ? before->updates_time : 0;
  for (guint i = 0; before != NULL && i < before->updates->len; i++)
    qfu_refresh_state_add_update (state, g_ptr_array_index (before->updates, i));
  if (state->result == QFU_REFRESH_FAILED)
    state->failures++;
  if (state->result == QFU_REFRESH_REFRESHED || state->result == QFU_REFRESH_UNCHANGED) {
    state->failures = 0;
    state->last_success = state->time;
  }
}

/* Each remote that metadata is fetched of, whether this run was about it or not. */
static void
set_remotes (QfuRefreshState *state, const QfuRefreshRun *run, const QfuRefreshState *before)
{
  for (guint i = 0; run->remotes == NULL && before != NULL && i < before->remotes->len; i++) {
    const QfuRefreshRemote *remote = g_ptr_array_index (before->remotes, i);

    qfu_refresh_state_add_remote (state, remote->id, remote->signed_at);
  }
  for (guint i = 0; run->remotes != NULL && i < run->remotes->len; i++) {
    const QfuRemote *remote = g_ptr_array_index (run->remotes, i);
    QfuHighWater mark = {0};

    if (!remote->enabled || !remote->download || !qfu_remote_has_metadata (remote))
      continue;
    /* a mark that cannot be read has failed the run, and is no metadata that counts */
    if (!qfu_highwater_load (run->config, remote->id, &mark, NULL))
      mark.time = 0;
    qfu_refresh_state_add_remote (state, remote->id, mark.time);
  }
}

QfuRefreshState *
qfu_refresh_report_new (const QfuRefreshRun *run, const QfuRefreshState *before)
{
  QfuRefreshState *state = qfu_refresh_state_new ();

  state->time = run->now > 0 ? run->now : g_get_real_time () / G_USEC_PER_SEC;
  state->unattended = run->options->unattended;
  set_result (state, run);
  set_history (state, before);
  set_remotes (state, run, before);
  state->staleness = qfu_refresh_state_judge (run->config, state, state->time);
  return state;
}

static void
add_offer (QfuRefreshState *state, const QfuDevice *device, const QfuOffer *offer)
{
  const QfuRefreshUpdate update = {
      .device_id = device->id,
      .device_name = device->name,
      .from = device->version,
      .to = (char *)qfu_release_version (offer->release),
      .remote = offer->source->remote,
      .urgency = qfu_release_data (offer->release)->urgency,
  };

  qfu_refresh_state_add_update (state, &update);
}

/* A device for which there is no offer is no fault: it may have a reason of its own. */
static gboolean
look_up (QfuRefreshState *state, const QfuRefreshRun *run, GError **error)
{
  g_autoptr (QfuInventory) inventory = qfu_inventory_load (run->config, run->now, error);
  g_autoptr (GPtrArray) devices =
      inventory == NULL ? NULL : qfu_inventory_select (inventory, NULL, error);

  if (devices == NULL)
    return FALSE;
  g_ptr_array_set_size (state->updates, 0);
  for (guint i = 0; i < devices->len; i++) {
    const QfuDevice *device = g_ptr_array_index (devices, i);
    QfuOffer offer;

    if (qfu_inventory_offer (inventory, run->options, device, &offer, NULL))
      add_offer (state, device, &offer);
  }
  state->updates_time = state->time;
  return TRUE;
}

gboolean
qfu_refresh_report_look_up (QfuRefreshState *state, const QfuRefreshRun *run, GError **error)
{
  gboolean ok;

  qfu_warn_hush (TRUE); /* the state of the metadata is told by the report */
  ok = look_up (state, run, error);
  qfu_warn_hush (FALSE);
  return ok;
}

void
qfu_refresh_report_keep (const QfuRefreshRun *run)
{
  g_autoptr (QfuRefreshState) before = qfu_refresh_state_load (run->config, NULL);
  g_autoptr (QfuRefreshState) state = qfu_refresh_report_new (run, before);
  g_autoptr (GError) error = NULL;

  if (!qfu_refresh_state_save (run->config, state, &error))
    qfu_warn ("warning: how this ended is not kept: %s", error->message);
}
