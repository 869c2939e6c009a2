/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"
#include "qfu-options.h"

/* How `--help` sorts the verbs, in this order. */
typedef enum {
  QFU_GROUP_EVERYDAY,
  QFU_GROUP_DEVICES,
  QFU_GROUP_MEASURED,
  QFU_GROUP_FILES,
  QFU_GROUP_UPKEEP,
  QFU_GROUP_LAST = QFU_GROUP_UPKEEP
} QfuVerbGroup;

/**
 * QfuVerb:
 * @name: what the person types
 * @also: (nullable): words, parted by spaces, for which this verb is suggested; no aliases
 * @arguments: what may follow it, for the help
 * @min_arguments: how many must follow it
 * @max_arguments: how many may follow it
 * @group: where the help lists it
 * @takes: its options, of #QfuOption
 * @ignores: options of #QfuOption that do nothing here, and are accepted with a warning because
 *   scripts for another tool give them
 * @help: one line
 * @details: what else to know before it is run; sentences, wrapped when they are printed
 * @needs_root: whether it touches what belongs to root, so that an ordinary user is told so at once
 * @rootless: options, of #QfuOption, with one of which it does not
 * @bare: whether it works without a configuration, and @run gets %NULL for it
 * @run: does it; #QFU_ERROR_NOTHING is exit status 2, other errors are 1
 */
typedef struct {
  const char *name;
  const char *also;
  const char *arguments;
  guint min_arguments;
  guint max_arguments;
  QfuVerbGroup group;
  guint takes;
  guint ignores;
  const char *help;
  const char *details;
  gboolean needs_root;
  guint rootless;
  gboolean bare;
  gboolean (*run) (const QfuConfig *config, const QfuOptions *options, GError **error);
} QfuVerb;

/* (transfer none): all verbs, as the help lists them within their groups. */
const QfuVerb *qfu_verbs (gsize *n_verbs);
/* (transfer none): "Everyday". */
const char *qfu_verb_group_title (QfuVerbGroup group);
/* (transfer none): the verb of that name; @error: #QFU_ERROR_USAGE, with what may have been meant.
 */
const QfuVerb *qfu_verb_find (const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What `help @name` and `@name --help` print; of all verbs when it is %NULL. */
gboolean
qfu_help (const QfuOptions *options, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean qfu_verb_refresh (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_get_remotes (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_get_devices (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_get_updates (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_get_releases (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_get_history (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_get_results (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_get_details (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_security (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_hcl (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_reinstall (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_downgrade (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_update (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_install (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_recover (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_verify (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_predict (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean
qfu_verb_make_manifest (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_eventlog (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_attest (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_refvals (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_status (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_clean (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_update_heads (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_help (const QfuConfig *config, const QfuOptions *options, GError **error);
