/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command line of dom0: options, the table of verbs, and how errors become exit statuses. */

#include "qfu-error.h"
#include "qfu-options.h"
#include "qfu-print.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define DEVICES (QFU_OPTION_DEVICE | QFU_OPTION_ALLOW)
#define INSTALL                                                                                    \
  (DEVICES | QFU_OPTION_YES | QFU_OPTION_ACCEPT | QFU_OPTION_WRITE | QFU_OPTION_DRY_RUN)
#define ATTEST (QFU_OPTION_LEARN | QFU_OPTION_YES | QFU_OPTION_ATTESTER | QFU_OPTION_VERIFIER)

static const QfuVerb verbs[] = {
    {"refresh", "[REMOTE]", 1, 0, "Fetch and verify metadata through the UpdateVM", TRUE, 0,
     qfu_verb_refresh},
    {"get-remotes", "", 0, 0, "List where metadata comes from", FALSE, 0, qfu_verb_get_remotes},
    {"get-devices", "", 0, 0, "List the devices that fwupd knows", FALSE, 0, qfu_verb_get_devices},
    {"get-updates", "[DEVICE]", 1, DEVICES, "List newer firmware in verified metadata", FALSE, 0,
     qfu_verb_get_updates},
    {"update", "[DEVICE]", 1, INSTALL, "Bring devices to the newest firmware", TRUE, 0,
     qfu_verb_update},
    {"install", "FILE.cab", 1, INSTALL | QFU_OPTION_LOCAL,
     "Install a cab that verified metadata names", TRUE, 0, qfu_verb_install},
    {"recover", "", 0, QFU_OPTION_DRY_RUN, "End a write of the chip that was cut off", TRUE, 0,
     qfu_verb_recover},
    {"verify", "FILE.cab", 1,
     QFU_OPTION_KEYS | QFU_OPTION_METADATA | QFU_OPTION_PREDICT | QFU_OPTION_LAYOUT |
         QFU_OPTION_SECRETS,
     "Check a cab: every member, signature and checksum", FALSE, 0, qfu_verb_verify},
    {"predict", "", 0,
     QFU_OPTION_PREDICT | QFU_OPTION_LAYOUT | QFU_OPTION_NEW_ROM | QFU_OPTION_MANIFEST |
         QFU_OPTION_SECRETS,
     "Forecast the PCRs that another image gives", FALSE, 0, qfu_verb_predict},
    {"make-manifest", "ROM", 1, QFU_OPTION_PREDICT | QFU_OPTION_MANIFEST | QFU_OPTION_MAKE,
     "Declare what an image measures, for its cab", FALSE, 0, qfu_verb_make_manifest},
    {"eventlog", "[FILE...]", 16, QFU_OPTION_PCRS, "List and replay TPM event logs", FALSE, 0,
     qfu_verb_eventlog},
    {"attest", "", 0, ATTEST, "Compare this boot, or another machine's, with the reference values",
     TRUE, QFU_OPTION_VERIFIER, qfu_verb_attest},
    {"refvals", "", 0, 0, "Show the reference values", FALSE, 0, qfu_verb_refvals},
    {"status", "", 0, 0, "Show what an update of this machine needs, and what is in its way", FALSE,
     0, qfu_verb_status},
    {"clean", "", 0, 0, "Delete what was downloaded", TRUE, 0, qfu_verb_clean},
};

static char *
verbs_summary (void)
{
  GString *text = g_string_new ("Updates firmware of a domain without network.\n\nVerbs:");

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++) {
    g_autofree char *left = g_strdup_printf ("%s %s", verbs[i].name, verbs[i].arguments);

    g_string_append_printf (text, "\n  %-24s%s", left, verbs[i].help);
  }
  return g_string_free (text, FALSE);
}

static const QfuVerb *
find_verb (const QfuOptions *options, GError **error)
{
  for (gsize i = 0; options->verb != NULL && i < G_N_ELEMENTS (verbs); i++) {
    if (strcmp (verbs[i].name, options->verb) != 0)
      continue;
    if (g_strv_length (options->arguments) <= verbs[i].max_arguments)
      return &verbs[i];
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s takes at most %u argument%s", verbs[i].name,
                 verbs[i].max_arguments, verbs[i].max_arguments == 1 ? "" : "s");
    return NULL;
  }
  if (options->verb == NULL)
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE,
                         "a verb is missing; see qubes-fwupdmgr --help");
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "there is no verb %s; see qubes-fwupdmgr --help", options->verb);
  return NULL;
}

static gboolean
check_options (const QfuVerb *verb, const QfuOptions *options, GError **error)
{
  const char *stray = qfu_options_stray (options, verb->takes);

  if (stray != NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s does not take --%s; see qubes-fwupdmgr --help", verb->name, stray);
  else if (options->device != NULL && verb->run != qfu_verb_install &&
           options->arguments[0] != NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s takes DEVICE or --device, not both",
                 verb->name);
  else
    return TRUE;
  return FALSE;
}

static gboolean
needs_root (const QfuVerb *verb, const QfuOptions *options)
{
  return verb->needs_root && qfu_options_stray (options, ~verb->rootless) == NULL;
}

static gboolean
run (const QfuOptions *options, GError **error)
{
  const QfuVerb *verb = find_verb (options, error);
  g_autoptr (QfuConfig) config = NULL;

  if (verb == NULL || !check_options (verb, options, error))
    return FALSE;
  if (options->config != NULL)
    g_setenv ("QFU_CONFIG", options->config, TRUE);
  config = qfu_config_load (error);
  if (config == NULL)
    return FALSE;
  if (needs_root (verb, options) && geteuid () != 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s must be run as root", verb->name);
    return FALSE;
  }
  return verb->run (config, options, error);
}

/* A closed standard descriptor would be given to the next file that is opened, and what is printed
 * would end up in it. Opened for reading, it takes no output, so that the loss is noticed. */
static gboolean
fill_standard_descriptors (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDONLY) != fd)
      return FALSE;
  }
  return TRUE;
}

static int
exit_status (const GError *error)
{
  if (error == NULL)
    return 0;
  return g_error_matches (error, QFU_ERROR, QFU_ERROR_NOTHING) ? 2 : 1;
}

int
main (int argc, char **argv)
{
  g_autofree char *summary = verbs_summary ();
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuOptions) options = NULL;
  /* asked here, so that it counts for an error in the other options, too */
  gboolean json = g_strv_contains ((const char *const *)argv, "--json");

  if (!fill_standard_descriptors () || signal (SIGPIPE, SIG_IGN) == SIG_ERR)
    return 1;
  options = qfu_options_parse (argc, argv, summary, &error);
  if (options != NULL && options->version)
    qfu_say (options, "qubes-fwupdmgr %s", QFU_VERSION);
  else if (options != NULL && !run (options, &error) && error == NULL)
    g_set_error_literal (&error, QFU_ERROR, QFU_ERROR_INTERNAL, "it failed without a reason");
  return qfu_print_end (json, error) ? exit_status (error) : 1;
}
