/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-options.h"

#include "qfu-error.h"

#include <unistd.h>

static GOptionEntry *
option_entries (QfuOptions *o)
{
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &o->json, "Print JSON", NULL},
      {"assume-yes", 'y', 0, G_OPTION_ARG_NONE, &o->yes,
       "Answer yes to all questions but those to a person alone", NULL},
      {"verbose", 'v', 0, G_OPTION_ARG_NONE, &o->verbose, "Say more", NULL},
      {"version", 0, 0, G_OPTION_ARG_NONE, &o->version, "Print the version", NULL},
      {"config", 0, 0, G_OPTION_ARG_FILENAME, &o->config, "Another configuration file", "FILE"},
      {"device", 0, 0, G_OPTION_ARG_STRING, &o->device, "Only this device (id, GUID or name)",
       "DEVICE"},
      {"allow-older", 0, 0, G_OPTION_ARG_NONE, &o->allow_older, "Allow an older version", NULL},
      {"allow-reinstall", 0, 0, G_OPTION_ARG_NONE, &o->allow_reinstall, "Allow the same version",
       NULL},
      {"accept-current-state", 0, 0, G_OPTION_ARG_NONE, &o->accept_current_state,
       "update, install: go on when the firmware that runs fails the inspection; asks a person",
       NULL},
      {"learn", 0, 0, G_OPTION_ARG_NONE, &o->learn, "attest: record the present values", NULL},
      {"local", 0, 0, G_OPTION_ARG_NONE, &o->local,
       "install: also a cab that no metadata names; asks a person", NULL},
      {"keys", 0, 0, G_OPTION_ARG_FILENAME, &o->keys,
       "verify: authorities other than the installed ones", "DIR"},
      {"metadata", 0, 0, G_OPTION_ARG_FILENAME, &o->metadata, "verify: metadata that must name it",
       "FILE"},
      {"signature", 0, 0, G_OPTION_ARG_FILENAME, &o->signature, "verify: jcat file of --metadata",
       "FILE"},
      {"old-rom", 0, 0, G_OPTION_ARG_FILENAME, &o->old_rom,
       "predict, verify, make-manifest: image of the present boot", "FILE"},
      {"new-rom", 0, 0, G_OPTION_ARG_FILENAME, &o->new_rom, "predict: image of the next boot",
       "FILE"},
      {"eventlog", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->event_logs,
       "predict, verify, make-manifest: log of that boot", "FILE"},
      {"pcrs", 0, 0, G_OPTION_ARG_FILENAME, &o->pcrs,
       "predict, verify, make-manifest, eventlog: its PCRs, lines of BANK INDEX HEX", "FILE"},
      {"layout", 0, 0, G_OPTION_ARG_STRING, &o->layout, "predict, verify: compose by this layout",
       "NAME"},
      {"secrets", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->secrets,
       "predict, verify: judge this key.pcrs, LUKS2 volume or *.json of one", "FILE"},
      {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->words, NULL, "VERB [ARGUMENT…]"},
      {NULL},
  };

  return g_memdup2 (entries, sizeof entries);
}

static GOptionEntry *
manifest_entries (QfuOptions *o)
{
  const GOptionEntry entries[] = {
      {"manifest", 0, 0, G_OPTION_ARG_FILENAME, &o->manifest,
       "predict, make-manifest: what the vendor declares", "FILE"},
      {"recipe", 0, 0, G_OPTION_ARG_STRING, &o->recipe,
       "make-manifest: what to call the way that --eventlog shows", "NAME"},
      {"firmware-version", 0, 0, G_OPTION_ARG_STRING, &o->firmware_version,
       "make-manifest: version of the image", "VERSION"},
      {"format", 0, 0, G_OPTION_ARG_STRING, &o->format, "make-manifest: json or corim", "FORMAT"},
      {"out", 0, 0, G_OPTION_ARG_FILENAME, &o->out,
       "make-manifest: file to write; attest --quote: folder to make", "PATH"},
      {NULL},
  };

  return g_memdup2 (entries, sizeof entries);
}

static GOptionEntry *
write_entries (QfuOptions *o)
{
  const GOptionEntry entries[] = {
      {"dry-run", 0, 0, G_OPTION_ARG_NONE, &o->dry_run,
       "update, install, recover: do all but erase and write", NULL},
      {"backup-to", 0, 0, G_OPTION_ARG_FILENAME, &o->backup_to,
       "update, install: copy what the chip holds there, too, and how to bring it back", "DIR"},
      {"force", 0, 0, G_OPTION_ARG_NONE, &o->force,
       "update, install: write the chip without mains, and with a low battery", NULL},
      {NULL},
  };

  return g_memdup2 (entries, sizeof entries);
}

static GOptionEntry *
attest_entries (QfuOptions *o)
{
  const GOptionEntry entries[] = {
      {"enroll", 0, 0, G_OPTION_ARG_FILENAME, &o->enroll,
       "attest: make the attestation key, and a folder for the verifier", "DIR"},
      {"challenge", 0, 0, G_OPTION_ARG_FILENAME, &o->challenge,
       "attest, verifier: challenge the keys of --enroll", "DIR"},
      {"ek-ca", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o->ek_ca,
       "attest --challenge: authority of TPMs, PEM", "FILE"},
      {"activate", 0, 0, G_OPTION_ARG_FILENAME, &o->activate, "attest: answer --challenge", "DIR"},
      {"accept", 0, 0, G_OPTION_ARG_FILENAME, &o->accept,
       "attest, verifier: check the answer and pin the key as --ak", "DIR"},
      {"quote", 0, 0, G_OPTION_ARG_NONE, &o->quote, "attest: quote the PCRs into --out", NULL},
      {"nonce", 0, 0, G_OPTION_ARG_STRING, &o->nonce,
       "attest: what the verifier chose, 8 to 64 bytes", "HEX"},
      {"verify", 0, 0, G_OPTION_ARG_FILENAME, &o->verify, "attest, verifier: check a quote", "DIR"},
      {"ak", 0, 0, G_OPTION_ARG_FILENAME, &o->ak, "attest: the pinned key", "FILE"},
      {"refvals", 0, 0, G_OPTION_ARG_FILENAME, &o->refvals,
       "attest --verify: output of `refvals --json`", "FILE"},
      {NULL},
  };

  return g_memdup2 (entries, sizeof entries);
}

QfuOptions *
qfu_options_parse (int argc, char **argv, const char *summary, GError **error)
{
  static char *none[] = {NULL};
  g_autoptr (QfuOptions) options = g_new0 (QfuOptions, 1);
  g_autofree GOptionEntry *entries = option_entries (options);
  g_autofree GOptionEntry *of_manifests = manifest_entries (options);
  g_autofree GOptionEntry *of_writes = write_entries (options);
  g_autofree GOptionEntry *of_attest = attest_entries (options);
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) local = NULL;

  g_option_context_set_summary (context, summary);
  g_option_context_set_description (
      context,
      "Exit status: 0 success, 1 error, 2 nothing to do. The manual is qubes-fwupdmgr(1).");
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, of_manifests, NULL);
  g_option_context_add_main_entries (context, of_writes, NULL);
  g_option_context_add_main_entries (context, of_attest, NULL);
  options->arguments = none;
  if (!g_option_context_parse (context, &argc, &argv, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s; see qubes-fwupdmgr --help",
                 local->message);
    return NULL;
  }
  if (options->words != NULL && options->words[0] != NULL) {
    options->verb = options->words[0];
    options->arguments = options->words + 1;
  }
  return g_steal_pointer (&options);
}

const char *
qfu_options_stray (const QfuOptions *options, guint takes)
{
  const struct {
    gboolean given;
    guint option;
    const char *name;
  } all[] = {
      {options->yes, QFU_OPTION_YES, "assume-yes"},
      {options->device != NULL, QFU_OPTION_DEVICE, "device"},
      {options->allow_older, QFU_OPTION_ALLOW, "allow-older"},
      {options->allow_reinstall, QFU_OPTION_ALLOW, "allow-reinstall"},
      {options->accept_current_state, QFU_OPTION_ACCEPT, "accept-current-state"},
      {options->learn, QFU_OPTION_LEARN, "learn"},
      {options->local, QFU_OPTION_LOCAL, "local"},
      {options->keys != NULL, QFU_OPTION_KEYS, "keys"},
      {options->metadata != NULL, QFU_OPTION_METADATA, "metadata"},
      {options->signature != NULL, QFU_OPTION_METADATA, "signature"},
      {options->old_rom != NULL, QFU_OPTION_PREDICT, "old-rom"},
      {options->new_rom != NULL, QFU_OPTION_NEW_ROM, "new-rom"},
      {options->event_logs != NULL, QFU_OPTION_PREDICT, "eventlog"},
      {options->pcrs != NULL, QFU_OPTION_PREDICT | QFU_OPTION_PCRS, "pcrs"},
      {options->layout != NULL, QFU_OPTION_LAYOUT, "layout"},
      {options->manifest != NULL, QFU_OPTION_MANIFEST, "manifest"},
      {options->recipe != NULL, QFU_OPTION_MAKE, "recipe"},
      {options->firmware_version != NULL, QFU_OPTION_MAKE, "firmware-version"},
      {options->format != NULL, QFU_OPTION_MAKE, "format"},
      {options->out != NULL, QFU_OPTION_MAKE | QFU_OPTION_ATTESTER, "out"},
      {options->enroll != NULL, QFU_OPTION_ATTESTER, "enroll"},
      {options->activate != NULL, QFU_OPTION_ATTESTER, "activate"},
      {options->quote, QFU_OPTION_ATTESTER, "quote"},
      {options->nonce != NULL, QFU_OPTION_ATTESTER | QFU_OPTION_VERIFIER, "nonce"},
      {options->challenge != NULL, QFU_OPTION_VERIFIER, "challenge"},
      {options->ek_ca != NULL, QFU_OPTION_VERIFIER, "ek-ca"},
      {options->accept != NULL, QFU_OPTION_VERIFIER, "accept"},
      {options->verify != NULL, QFU_OPTION_VERIFIER, "verify"},
      {options->ak != NULL, QFU_OPTION_VERIFIER, "ak"},
      {options->refvals != NULL, QFU_OPTION_VERIFIER, "refvals"},
      {options->secrets != NULL, QFU_OPTION_SECRETS, "secrets"},
      {options->dry_run, QFU_OPTION_DRY_RUN, "dry-run"},
      {options->backup_to != NULL, QFU_OPTION_WRITE, "backup-to"},
      {options->force, QFU_OPTION_WRITE, "force"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    if (all[i].given && (takes & all[i].option) == 0)
      return all[i].name;
  }
  return NULL;
}

gboolean
qfu_options_unattended (const QfuOptions *options)
{
  return options->yes || isatty (STDIN_FILENO) == 0;
}

void
qfu_options_free (QfuOptions *options)
{
  if (options == NULL)
    return;
  g_free (options->config);
  g_free (options->device);
  g_free (options->keys);
  g_free (options->metadata);
  g_free (options->signature);
  g_free (options->old_rom);
  g_free (options->new_rom);
  g_strfreev (options->event_logs);
  g_free (options->pcrs);
  g_free (options->layout);
  g_free (options->manifest);
  g_free (options->recipe);
  g_free (options->firmware_version);
  g_free (options->format);
  g_free (options->out);
  g_free (options->enroll);
  g_free (options->challenge);
  g_strfreev (options->ek_ca);
  g_free (options->activate);
  g_free (options->accept);
  g_free (options->nonce);
  g_free (options->verify);
  g_free (options->ak);
  g_free (options->refvals);
  g_strfreev (options->secrets);
  g_free (options->backup_to);
  g_strfreev (options->words);
  g_free (options);
}
