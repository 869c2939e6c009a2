/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "qfu-config.h"

/**
 * QfuOptions:
 *
 * What the command line says. Strings are %NULL when an option was not given. A member takes a row
 * in the table of qfu-options.c, which parses and frees it.
 */
typedef struct {
  gboolean help;
  gboolean version;
  gboolean json;
  gboolean verbose;
  char *config;

  gboolean yes;
  char *device;
  gboolean allow_older;
  gboolean allow_reinstall;
  gboolean accept_current_state;
  gboolean local;
  gboolean dry_run;
  char *backup_to;
  gboolean force;
  gboolean learn;
  gboolean unattended;

  gboolean whonix;
  char *url; /* of metadata for refresh, of a cab for install */
  char *sha; /* of that cab */
  gboolean ignore_postquantum;

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

  gboolean words; /* help */

  const char *verb;
  char **arguments; /* behind the verb; never %NULL */

  char **rest; /* what GOption left over; owner of @verb and @arguments */
} QfuOptions;

/* Which verbs take an option: a verb whose bits have one of the option's. */
typedef enum {
  QFU_OPTION_ANY = 0, /* all of them */
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
  QFU_OPTION_MAKE = 1 << 10, /* --recipe, --firmware-version, --format, --out */
  QFU_OPTION_LAYOUT = 1 << 11,
  QFU_OPTION_ACCEPT = 1 << 12, /* --accept-current-state */
  QFU_OPTION_PCRS = 1 << 13,   /* --pcrs, alone */
  QFU_OPTION_WORDS = 1 << 14,
  /* of attest: what the attested machine does, and what another one does, which needs no root */
  QFU_OPTION_ATTESTER = 1 << 16,
  QFU_OPTION_VERIFIER = 1 << 17,
  QFU_OPTION_SECRETS = 1 << 18,
  QFU_OPTION_DRY_RUN = 1 << 19,
  QFU_OPTION_WRITE = 1 << 20, /* --backup-to */
  QFU_OPTION_URL = 1 << 21,
  QFU_OPTION_SHA = 1 << 22,
  QFU_OPTION_WHONIX = 1 << 23,
  QFU_OPTION_UNATTENDED = 1 << 24,
  QFU_OPTION_POSTQUANTUM = 1 << 25, /* --ignore-postquantum */
  QFU_OPTION_FORCE = 1 << 26,
} QfuOption;

/**
 * QfuOptionRow:
 * @name: without the hyphens
 * @letter: 0 when it has none
 * @kind: NONE, STRING, FILENAME or FILENAME_ARRAY
 * @argument: (nullable): what to call its value; words that are parted by | are all that it may be,
 *   and FILE, DIR and PATH are completed as such
 * @help: one line: what it does
 * @takes: of #QfuOption
 * @offset: of the member of #QfuOptions
 */
typedef struct {
  const char *name;
  char letter;
  GOptionArg kind;
  const char *argument;
  const char *help;
  guint takes;
  gsize offset;
} QfuOptionRow;

/* (transfer none): all options. */
const QfuOptionRow *qfu_option_rows (gsize *n_rows);

/**
 * qfu_options_parse:
 * @argv: (array zero-terminated): the command line with the program's name; stays as it is
 * @error: #QFU_ERROR_USAGE
 *
 * Options may stand before and behind the verb, with `=` or with a space before their value; `--`
 * ends them.
 */
QfuOptions *qfu_options_parse (char **argv, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The name of an option that was given but is not in @takes, of #QfuOption; %NULL when there is
 * none. */
const char *qfu_options_stray (const QfuOptions *options, guint takes);
/* (nullable): the device of a verb that takes one, as its argument or by --device. */
const char *qfu_options_device (const QfuOptions *options);
/* Whether nobody is there to read a warning: -y, or standard input is no terminal. */
gboolean qfu_options_unattended (const QfuOptions *options);
void qfu_options_free (QfuOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (QfuOptions, qfu_options_free)
