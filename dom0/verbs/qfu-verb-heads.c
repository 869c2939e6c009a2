/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* update-heads: firmware for a machine that boots through Heads, which writes it by itself. */

#include "qfu-clock.h"
#include "qfu-fd.h"
#include "qfu-heads-run.h"
#include "qfu-lock.h"
#include "qfu-print.h"
#include "qfu-recovery.h"
#include "qfu-remote-url.h"
#include "qfu-verbs.h"

#include <string.h>

/* Leaves the metadata of the one remote that --url names. */
static gboolean
keep_named (QfuInventory *inventory, const QfuOptions *options, GError **error)
{
  const char *id = NULL;

  if (options->url == NULL)
    return TRUE;
  id = qfu_remote_of_url (inventory->remotes, options->url, error);
  for (guint i = inventory->sources->len; id != NULL && i > 0; i--) {
    const QfuSource *source = g_ptr_array_index (inventory->sources, i - 1);

    if (strcmp (source->remote, id) != 0)
      (void)g_ptr_array_remove_index (inventory->sources, i - 1);
  }
  return id != NULL;
}

gboolean
qfu_verb_update_heads (const QfuConfig *config, const QfuOptions *options, GError **error)
{
  const char *wanted = options->arguments[0] != NULL ? options->arguments[0] : options->device;
  g_auto (QfuFd) lock = -1;
  g_autoptr (QfuInventory) inventory = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_auto (QfuHeadsFound) found = {0};
  gint64 now;

  if (!qfu_heads_check_runs (config, &found, error) ||
      !qfu_lock_take (config, options, &lock, error) ||
      !qfu_recovery_before (config, options, error) || !qfu_clock_start (config, &now, error))
    return FALSE;
  inventory = qfu_inventory_load_all (config, now, error);
  if (inventory == NULL || !keep_named (inventory, options, error) ||
      !qfu_inventory_check_fresh (inventory, options, error) ||
      !qfu_heads_find (inventory, options, wanted, &found, error))
    return FALSE;
  json_builder_begin_object (builder);
  if (!qfu_heads_run (inventory, options, &found, builder, error))
    return FALSE;
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
  return TRUE;
}
