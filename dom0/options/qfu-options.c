/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-options.h"

#include "qfu-error.h"
#include "qfu-suggest.h"

#include <string.h>
#include <unistd.h>

#define FLAG(name, letter, takes, member, help)                                                    \
  {                                                                                                \
    name, letter, G_OPTION_ARG_NONE, NULL, help, takes, G_STRUCT_OFFSET (QfuOptions, member)       \
  }
#define TEXT(name, argument, takes, member, help)                                                  \
  {                                                                                                \
    name, 0, G_OPTION_ARG_STRING, argument, help, takes, G_STRUCT_OFFSET (QfuOptions, member)      \
  }
#define NAME(name, argument, takes, member, help)                                                  \
  {                                                                                                \
    name, 0, G_OPTION_ARG_FILENAME, argument, help, takes, G_STRUCT_OFFSET (QfuOptions, member)    \
  }
#define LIST(name, argument, takes, member, help)                                                  \
  {                                                                                                \
    name, 0, G_OPTION_ARG_FILENAME_ARRAY, argument, help, takes,                                   \
        G_STRUCT_OFFSET (QfuOptions, member)                                                       \
  }

/* The one list of options: what is parsed, refused, freed, explained and completed is what is here.
 * The help says what an option does, not which verbs take it: that is theirs. */
static const QfuOptionRow rows[] = {
    FLAG ("help", 'h', QFU_OPTION_ANY, help, "Explain the verb, or list the verbs"),
    FLAG ("version", 0, QFU_OPTION_ANY, version, "Print the version"),
    FLAG ("json", 0, QFU_OPTION_ANY, json, "Print JSON"),
    FLAG ("verbose", 'v', QFU_OPTION_ANY, verbose, "Say more"),
    NAME ("config", "FILE", QFU_OPTION_ANY, config, "Another configuration file"),

    FLAG ("assume-yes",
          'y',
          QFU_OPTION_YES,
          yes,
          "Answer yes to all questions but those to a person alone"),
    TEXT ("device", "DEVICE", QFU_OPTION_DEVICE, device, "Only this device (ID, GUID or name)"),
    FLAG ("allow-older", 0, QFU_OPTION_ALLOW, allow_older, "Allow an older version"),
    FLAG ("allow-reinstall", 0, QFU_OPTION_ALLOW, allow_reinstall, "Allow the same version"),
    FLAG ("accept-current-state",
          0,
          QFU_OPTION_ACCEPT,
          accept_current_state,
          "Go on when the firmware that runs fails the inspection; asks a person"),
    FLAG ("local", 0, QFU_OPTION_LOCAL, local, "Also a cab that no metadata names; asks a person"),
    FLAG ("dry-run", 0, QFU_OPTION_DRY_RUN, dry_run, "Do all but erase and write"),
    NAME ("backup-to",
          "DIR",
          QFU_OPTION_WRITE,
          backup_to,
          "Copy what the chip holds there, too, and how to bring it back"),
    FLAG ("force",
          0,
          QFU_OPTION_FORCE,
          force,
          "Write the chip without mains, and with a low battery; skips no check"),
    FLAG ("learn", 0, QFU_OPTION_LEARN, learn, "Record the present values"),
    FLAG ("unattended",
          0,
          QFU_OPTION_UNATTENDED,
          unattended,
          "As the timer does it: by the rules of [Refresh], and silent unless something is new"),

    FLAG ("whonix",
          0,
          QFU_OPTION_WHONIX,
          whonix,
          "Fetch through the VM for Tor, and through no other"),
    TEXT ("url", "URL", QFU_OPTION_URL, url, "Address of the metadata, or of the cab"),
    TEXT ("sha", "SHA256", QFU_OPTION_SHA, sha, "SHA-256 of the cab, in hexadecimal digits"),
    FLAG ("ignore-postquantum",
          0,
          QFU_OPTION_POSTQUANTUM,
          ignore_postquantum,
          "As without it: one accepted signature is enough, unless the configuration wants more"),

    NAME ("keys", "DIR", QFU_OPTION_KEYS, keys, "Authorities other than the installed ones"),
    NAME ("metadata", "FILE", QFU_OPTION_METADATA, metadata, "Metadata that must name it"),
    NAME ("signature", "FILE", QFU_OPTION_METADATA, signature, "The jcat file of --metadata"),
    NAME ("old-rom", "FILE", QFU_OPTION_PREDICT, old_rom, "Image of the present boot"),
    NAME ("new-rom", "FILE", QFU_OPTION_NEW_ROM, new_rom, "Image of the next boot"),
    LIST ("eventlog",
          "FILE",
          QFU_OPTION_PREDICT,
          event_logs,
          "Log of the present boot; may be given again"),
    NAME ("pcrs",
          "FILE",
          QFU_OPTION_PREDICT | QFU_OPTION_PCRS,
          pcrs,
          "Its PCRs, lines of BANK INDEX HEX"),
    TEXT ("layout", "NAME", QFU_OPTION_LAYOUT, layout, "Compose by this layout"),
    LIST ("secrets",
          "FILE",
          QFU_OPTION_SECRETS,
          secrets,
          "Judge this key.pcrs, LUKS2 volume or *.json of one; may be given again"),

    NAME ("manifest", "FILE", QFU_OPTION_MANIFEST, manifest, "What the vendor declares"),
    TEXT ("recipe", "NAME", QFU_OPTION_MAKE, recipe, "What to call the way that --eventlog shows"),
    TEXT ("firmware-version", "VERSION", QFU_OPTION_MAKE, firmware_version, "Version of the image"),
    TEXT ("format", "json|corim", QFU_OPTION_MAKE, format, "Form of the manifest"),
    NAME ("out",
          "PATH",
          QFU_OPTION_MAKE | QFU_OPTION_ATTESTER,
          out,
          "File to write; for --quote, folder to make"),

    NAME ("enroll",
          "DIR",
          QFU_OPTION_ATTESTER,
          enroll,
          "Make the attestation key, and a folder for the verifier"),
    NAME ("challenge",
          "DIR",
          QFU_OPTION_VERIFIER,
          challenge,
          "Verifier: challenge the keys of --enroll"),
    LIST ("ek-ca",
          "FILE",
          QFU_OPTION_VERIFIER,
          ek_ca,
          "With --challenge, authority of TPMs, PEM; may be given again"),
    NAME ("activate", "DIR", QFU_OPTION_ATTESTER, activate, "Answer --challenge"),
    NAME ("accept",
          "DIR",
          QFU_OPTION_VERIFIER,
          accept,
          "Verifier: check the answer and pin the key as --ak"),
    FLAG ("quote", 0, QFU_OPTION_ATTESTER, quote, "Quote the PCRs into --out"),
    TEXT ("nonce",
          "HEX",
          QFU_OPTION_ATTESTER | QFU_OPTION_VERIFIER,
          nonce,
          "What the verifier chose, 8 to 64 bytes"),
    NAME ("verify", "DIR", QFU_OPTION_VERIFIER, verify, "Verifier: check a quote"),
    NAME ("ak", "FILE", QFU_OPTION_VERIFIER, ak, "The pinned key"),
    NAME ("refvals",
          "FILE",
          QFU_OPTION_VERIFIER,
          refvals,
          "With --verify, what `refvals --json` printed"),

    FLAG (
        "words", 0, QFU_OPTION_WORDS, words, "Verbs and options as lines for a shell to complete"),
};

const QfuOptionRow *
qfu_option_rows (gsize *n_rows)
{
  *n_rows = G_N_ELEMENTS (rows);
  return rows;
}

static GOptionEntry *
option_entries (QfuOptions *o)
{
  GOptionEntry *entries = g_new0 (GOptionEntry, G_N_ELEMENTS (rows) + 2);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    entries[i] = (GOptionEntry){.long_name = rows[i].name,
                                .short_name = rows[i].letter,
                                .arg = rows[i].kind,
                                .arg_data = G_STRUCT_MEMBER_P (o, rows[i].offset)};
  entries[G_N_ELEMENTS (rows)] = (GOptionEntry){
      .long_name = G_OPTION_REMAINING, .arg = G_OPTION_ARG_FILENAME_ARRAY, .arg_data = &o->rest};
  return entries;
}

static const QfuOptionRow *
find_row (const char *name, gsize length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (strlen (rows[i].name) == length && strncmp (rows[i].name, name, length) == 0)
      return &rows[i];
  }
  return NULL;
}

static const char *
nearest_option (const char *name)
{
  const char *known[G_N_ELEMENTS (rows) + 1] = {NULL};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    known[i] = rows[i].name;
  return qfu_suggest (name, known);
}

/* What is wrong with @word, if anything is; @next says whether its value is the word behind it. */
static char *
option_problem (const char *word, gboolean *next)
{
  gsize length = strcspn (word + 2, "=");
  gboolean with_value = word[2 + length] == '=';
  const QfuOptionRow *row = find_row (word + 2, length);
  g_autofree char *name = g_strndup (word + 2, length);
  const char *nearest = row == NULL ? nearest_option (name) : NULL;

  *next = row != NULL && row->kind != G_OPTION_ARG_NONE && !with_value;
  if (nearest != NULL)
    return g_strdup_printf ("there is no option --%s; did you mean --%s?", name, nearest);
  if (row == NULL)
    return g_strdup_printf ("there is no option --%s.", name);
  if (row->kind == G_OPTION_ARG_NONE && with_value)
    return g_strdup_printf ("--%s takes no value.", name);
  return NULL;
}

/* GOption takes --json=no for --json, and knows of no word that is nearly an option. */
static gboolean
check_words (char **words, GError **error)
{
  gboolean next = FALSE;

  for (char **word = words; *word != NULL && strcmp (*word, "--") != 0; word++) {
    g_autofree char *problem = NULL;

    if (!next && g_str_has_prefix (*word, "--"))
      problem = option_problem (*word, &next);
    else
      next = FALSE;
    if (problem == NULL)
      continue;
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s See qubes-fwupdmgr --help", problem);
    return FALSE;
  }
  return TRUE;
}

/* Whether the value is one of those that the row names, if it names any. */
static gboolean
check_choice (const QfuOptions *options, const QfuOptionRow *row, GError **error)
{
  g_auto (GStrv) choices = g_strsplit (row->argument == NULL ? "" : row->argument, "|", -1);
  const char *value = row->kind == G_OPTION_ARG_STRING
                          ? G_STRUCT_MEMBER (const char *, options, row->offset)
                          : NULL;
  g_autofree char *all = NULL;

  if (value == NULL || g_strv_length (choices) < 2 ||
      g_strv_contains ((const char *const *)choices, value))
    return TRUE;
  all = g_strjoinv (" or ", choices);
  g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "--%s is %s, not %s. See qubes-fwupdmgr --help",
               row->name, all, value);
  return FALSE;
}

QfuOptions *
qfu_options_parse (char **argv, GError **error)
{
  static char *none[] = {NULL};
  g_autoptr (QfuOptions) options = g_new0 (QfuOptions, 1);
  g_autofree GOptionEntry *entries = option_entries (options);
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_auto (GStrv) words = g_strdupv (argv);
  g_autoptr (GError) local = NULL;

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  options->arguments = none;
  if (argv[0] != NULL && !check_words (argv + 1, error))
    return NULL;
  if (!g_option_context_parse_strv (context, &words, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s. See qubes-fwupdmgr --help",
                 local->message);
    return NULL;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (!check_choice (options, &rows[i], error))
      return NULL;
  }
  if (options->rest != NULL && options->rest[0] != NULL) {
    options->verb = options->rest[0];
    options->arguments = options->rest + 1;
  }
  return g_steal_pointer (&options);
}

static gboolean
is_given (const QfuOptions *options, const QfuOptionRow *row)
{
  return row->kind == G_OPTION_ARG_NONE ? G_STRUCT_MEMBER (gboolean, options, row->offset)
                                        : G_STRUCT_MEMBER (gpointer, options, row->offset) != NULL;
}

const char *
qfu_options_stray (const QfuOptions *options, guint takes)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (rows[i].takes != QFU_OPTION_ANY && (takes & rows[i].takes) == 0 &&
        is_given (options, &rows[i]))
      return rows[i].name;
  }
  return NULL;
}

const char *
qfu_options_device (const QfuOptions *options)
{
  return options->arguments[0] != NULL ? options->arguments[0] : options->device;
}

gboolean
qfu_options_unattended (const QfuOptions *options)
{
  return options->yes || options->unattended || isatty (STDIN_FILENO) == 0;
}

void
qfu_options_free (QfuOptions *options)
{
  if (options == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    if (rows[i].kind == G_OPTION_ARG_FILENAME_ARRAY)
      g_strfreev (G_STRUCT_MEMBER (char **, options, rows[i].offset));
    else if (rows[i].kind != G_OPTION_ARG_NONE)
      g_free (G_STRUCT_MEMBER (char *, options, rows[i].offset));
  }
  g_strfreev (options->rest);
  g_free (options);
}
