/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* refresh: metadata of every enabled remote, from the UpdateVM, verified, kept, and handed to
 * fwupd. */

#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-lock.h"
#include "qfu-print.h"
#include "qfu-refresh-report.h"
#include "qfu-refreshing.h"
#include "qfu-remote-place.h"
#include "qfu-remote-url.h"
#include "qfu-suggest.h"
#include "qfu-unattended.h"
#include "qfu-verbs.h"
#include "qfu-vms.h"

#include <string.h>

static void
set_no_remote (const char *only, const GPtrArray *remotes, GError **error)
{
  g_autofree const char **ids = g_new0 (const char *, remotes->len + 1);
  const char *nearest = NULL;

  for (guint i = 0; i < remotes->len; i++)
    ids[i] = ((const QfuRemote *)g_ptr_array_index (remotes, i))->id;
  nearest = only == NULL ? NULL : qfu_suggest (only, ids);
  if (nearest != NULL && strcmp (nearest, only) == 0)
    nearest = NULL; /* it is there, but of another kind */
  if (only == NULL)
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                         "fwupd has no enabled remote to download from; `qubes-fwupdmgr "
                         "get-remotes` lists what there is");
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                 "fwupd has no remote %s to download from%s%s%s; `qubes-fwupdmgr get-remotes` "
                 "lists what there is",
                 only, nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest,
                 nearest == NULL ? "" : "?");
}

/* A person shall know why an enabled remote is passed over. */
static void
say_trouble (const QfuRefreshing *all, const QfuRemote *remote)
{
  const char *trouble = qfu_remote_trouble (remote);

  if (all->only == NULL && remote->enabled && trouble != NULL)
    qfu_warn ("warning: remote %s: %s", remote->id, trouble);
}

/* Goes on with the other remotes when one fails; the first failure is reported at the end, or that
 * there was nothing to do. */
static void
refresh_all (const QfuRefreshing *all,
             const GPtrArray *remotes,
             JsonBuilder *builder,
             GError **error)
{
  g_autoptr (GError) first = NULL;
  gboolean changed = FALSE;
  guint tried = 0;

  for (guint i = 0; i < remotes->len; i++) {
    const QfuRemote *remote = g_ptr_array_index (remotes, i);
    QfuRefreshing refresh = *all;
    g_autoptr (GError) local = NULL;

    if (!qfu_refreshing_wants (all, remote)) {
      say_trouble (all, remote);
      continue;
    }
    tried++;
    if (!qfu_refreshing_run (&refresh, remote, builder, &local) && first != NULL)
      qfu_warn ("qubes-fwupdmgr: %s", local->message);
    else if (local != NULL)
      first = g_steal_pointer (&local);
    changed = changed || refresh.changed;
  }
  if (tried == 0)
    set_no_remote (all->only, remotes, &first);
  else if (first == NULL && !changed)
    g_set_error_literal (&first, QFU_ERROR, QFU_ERROR_NOTHING,
                         "there is no newer metadata; what is kept is what the mirror has");
  if (first != NULL)
    g_propagate_error (error, g_steal_pointer (&first));
}

/* One remote, that the command line gives by its name or its address. */
static gboolean
choose (QfuRefreshing *all, const GPtrArray *remotes, GError **error)
{
  const QfuOptions *options = all->options;

  all->only = options->arguments[0];
  if (options->url == NULL)
    return TRUE;
  if (all->only != NULL)
    return qfu_error_set (error, QFU_ERROR_USAGE, "refresh takes REMOTE or --url, not both");
  all->only = qfu_remote_of_url (remotes, options->url, error);
  return all->only != NULL;
}

/* With the lock. */
static gboolean
refresh_attended (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  QfuRefreshing all = {.config = config, .options = options};
  g_autoptr (QfuRoute) route = NULL;
  g_autoptr (GPtrArray) remotes = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) failure = NULL;
  QfuRefreshRun run = {.config = config, .options = options};

  if (!qfu_vms_route (config, options, &route, error) || !qfu_clock_start (config, &all.now, error))
    return FALSE;
  all.route = route;
  remotes = qfu_fwupd_remotes (config, error);
  if (remotes == NULL || !choose (&all, remotes, error))
    return FALSE;
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "remotes");
  json_builder_begin_array (builder);
  refresh_all (&all, remotes, builder, &failure);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
  run.remotes = remotes;
  run.now = all.now;
  run.changed = failure == NULL;
  run.failure = failure;
  qfu_refresh_report_keep (&run);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

gboolean
qfu_verb_refresh (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_auto (QfuFd) lock = -1;

  if (options->unattended && (options->arguments[0] != NULL || options->url != NULL))
    return qfu_error_set (error, QFU_ERROR_USAGE,
                          "refresh --unattended refreshes all remotes: it takes no REMOTE and no "
                          "--url");
  if (options->unattended)
    return qfu_unattended_run (config, options, error);
  return qfu_lock_take (config, options, &lock, error) && refresh_attended (config, options, error);
}
