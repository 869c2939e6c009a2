/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

/**
 * QfuOptions:
 *
 * What the command line says. Strings are %NULL when an option was not given.
 */
typedef struct {
  gboolean json;
  gboolean yes;
  gboolean verbose;
  gboolean version;
  gboolean allow_older;
  gboolean allow_reinstall;
  gboolean learn;
  gboolean accept_current_state;
  gboolean local;
  gboolean dry_run;
  gboolean force;
  char *backup_to;
  char *config;
  char *device;
  char *keys;
  char *metadata;
  char *signature;
  char *old_rom;
  char *new_rom;
  char **event_logs;
  char *pcrs;
  char *layout;
  char **secrets;

  /* make-manifest; @manifest of predict, too */
  char *manifest;
  char *recipe;
  char *firmware_version;
  char *format;
  char *out; /* of attest --quote, too */

  /* attest */
  char *enroll;
  char *challenge;
  char **ek_ca;
  char *activate;
  char *accept;
  gboolean quote;
  char *nonce;
  char *verify;
  char *ak;
  char *refvals;

  const char *verb;
  char **arguments; /* behind the verb; never %NULL */

  char **words; /* what GOption left over; owner of @verb and @arguments */
} QfuOptions;

/* Options that belong to some verbs only; the others are for all. */
typedef enum {
  QFU_OPTION_YES = 1 << 0,
  QFU_OPTION_DEVICE = 1 << 1,
  QFU_OPTION_ALLOW = 1 << 2, /* --allow-older, --allow-reinstall */
  QFU_OPTION_LEARN = 1 << 3,
  QFU_OPTION_KEYS = 1 << 4,
  QFU_OPTION_PREDICT = 1 << 5, /* --old-rom, --eventlog, --pcrs */
  QFU_OPTION_LOCAL = 1 << 6,
  QFU_OPTION_NEW_ROM = 1 << 7,
  QFU_OPTION_METADATA = 1 << 8, /* --metadata, --signature */
  QFU_OPTION_MANIFEST = 1 << 9,
  QFU_OPTION_MAKE = 1 << 10,   /* --recipe, --firmware-version, --format, --out */
  QFU_OPTION_ACCEPT = 1 << 12, /* --accept-current-state */
  QFU_OPTION_LAYOUT = 1 << 11,
  QFU_OPTION_PCRS = 1 << 13, /* --pcrs, alone */
  /* of attest: what the attested machine does, and what another one does, which needs no root */
  QFU_OPTION_ATTESTER = 1 << 16,
  QFU_OPTION_VERIFIER = 1 << 17,
  QFU_OPTION_SECRETS = 1 << 18,
  QFU_OPTION_DRY_RUN = 1 << 19,
  QFU_OPTION_WRITE = 1 << 20, /* --backup-to, --force */
} QfuOption;

/**
 * QfuVerb:
 * @name: what the person types
 * @arguments: what may follow it, for the help
 * @max_arguments: how many may follow it
 * @takes: its options, of #QfuOption
 * @help: one line
 * @needs_root: whether it touches what belongs to root, so that an ordinary user is told so at once
 * @rootless: options, of #QfuOption, with one of which it does not
 * @run: does it; #QFU_ERROR_NOTHING is exit status 2, other errors are 1
 */
typedef struct {
  const char *name;
  const char *arguments;
  guint max_arguments;
  guint takes;
  const char *help;
  gboolean needs_root;
  guint rootless;
  gboolean (*run) (const QfuConfig *config, const QfuOptions *options, GError **error);
} QfuVerb;

/* @error: #QFU_ERROR_USAGE */
QfuOptions *qfu_options_parse (int argc, char **argv, const char *summary, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The name of an option that was given but is not in @takes, of #QfuOption; %NULL when there is
 * none. */
const char *qfu_options_stray (const QfuOptions *options, guint takes);
/* Whether nobody is there to read a warning: -y, or standard input is no terminal. */
gboolean qfu_options_unattended (const QfuOptions *options);
void qfu_options_free (QfuOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuOptions, qfu_options_free)

gboolean qfu_verb_refresh (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_get_remotes (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_get_devices (const QfuConfig *config, const QfuOptions *options, GError **error);
gboolean qfu_verb_get_updates (const QfuConfig *config, const QfuOptions *options, GError **error);
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
