/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command line of dom0: options, the table of verbs, and how errors become exit statuses. */

#include "qfu-error.h"
#include "qfu-print.h"
#include "qfu-verbs.h"
#include "qfu-vms.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static gboolean
check_arguments (const QfuVerb *verb, const QfuOptions *options, GError **error)
{
  guint n_arguments = g_strv_length (options->arguments);

  if (n_arguments < verb->min_arguments)
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s needs %s; see qubes-fwupdmgr help %s",
                 verb->name, verb->arguments, verb->name);
  else if (n_arguments > 0 && verb->max_arguments == 0)
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s takes no argument, and %s is one; see qubes-fwupdmgr help %s", verb->name,
                 options->arguments[0], verb->name);
  else if (n_arguments > verb->max_arguments)
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s takes at most %u argument%s; see qubes-fwupdmgr help %s", verb->name,
                 verb->max_arguments, verb->max_arguments == 1 ? "" : "s", verb->name);
  else
    return TRUE;
  return FALSE;
}

static const QfuVerb *
find_verb (const QfuOptions *options, GError **error)
{
  if (options->verb != NULL)
    return qfu_verb_find (options->verb, error);
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE,
                       "a verb is missing; see qubes-fwupdmgr --help");
  return NULL;
}

static gboolean
check_options (const QfuVerb *verb, const QfuOptions *options, GError **error)
{
  const char *idle = qfu_options_stray (options, verb->takes);
  const char *stray = qfu_options_stray (options, verb->takes | verb->ignores);

  if (stray != NULL)
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s does not take --%s; see qubes-fwupdmgr help %s", verb->name, stray,
                 verb->name);
  else if (options->device != NULL && options->arguments[0] != NULL &&
           (g_str_has_prefix (verb->arguments, "[DEVICE]") ||
            g_str_has_prefix (verb->arguments, "[BOARD]")))
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s takes %s or --device, not both", verb->name,
                 verb->arguments[1] == 'D' ? "DEVICE" : "BOARD");
  else {
    if (idle != NULL)
      qfu_warn ("warning: --%s does nothing for %s", idle, verb->name);
    return TRUE;
  }
  return FALSE;
}

/* A script that gives it to be let off must not be, and has to be told why. */
static gboolean
check_postquantum (const QfuVerb *verb,
                   const QfuConfig *config,
                   const QfuOptions *options,
                   GError **error)
{
  if (!options->ignore_postquantum || !config->require_post_quantum ||
      (verb->takes & QFU_OPTION_POSTQUANTUM) == 0)
    return TRUE;
  g_set_error (
      error, QFU_ERROR, QFU_ERROR_REFUSED,
      "--ignore-postquantum: [Trust] RequirePostQuantum=true in %s asks for a post-quantum "
      "signature, and no option takes that back. Without it one accepted signature is "
      "enough",
      qfu_config_place (config, "Trust", "RequirePostQuantum"));
  return FALSE;
}

/* Before anything is done: what a person wants to go over Tor must not fail late, or go elsewhere.
 */
static gboolean
check_tor (const QfuVerb *verb, const QfuConfig *config, const QfuOptions *options, GError **error)
{
  g_autoptr (QfuRoute) route = NULL;

  return !options->whonix || (verb->takes & QFU_OPTION_WHONIX) == 0 ||
         qfu_vms_route (config, options, &route, error);
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

  if (verb == NULL || !check_arguments (verb, options, error) ||
      !check_options (verb, options, error))
    return FALSE;
  if (verb->bare)
    return verb->run (NULL, options, error);
  if (options->config != NULL)
    g_setenv ("QFU_CONFIG", options->config, TRUE);
  config = qfu_config_load (error);
  if (config == NULL || !check_postquantum (verb, config, options, error) ||
      !check_tor (verb, config, options, error))
    return FALSE;
  if (needs_root (verb, options) && geteuid () != 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s must be run as root: `sudo qubes-fwupdmgr %s`", verb->name, verb->name);
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

static gboolean
run_command_line (const QfuOptions *options, GError **error)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (options->help)
    return qfu_help (options, options->verb, error);
  if (!options->version)
    return run (options, error);
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  qfu_json_text (builder, "version", QFU_VERSION);
  json_builder_end_object (builder);
  qfu_print_json (options, g_steal_pointer (&builder));
  qfu_say (options, "qubes-fwupdmgr %s", QFU_VERSION);
  return TRUE;
}

/* Asked before anything else, so that it counts for an error in the other options, too. */
static gboolean
wants_json (char **argv)
{
  for (char **word = argv; *word != NULL && strcmp (*word, "--") != 0; word++) {
    if (strcmp (*word, "--json") == 0)
      return TRUE;
  }
  return FALSE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuOptions) options = NULL;
  gboolean json = wants_json (argv);

  if (!fill_standard_descriptors () || signal (SIGPIPE, SIG_IGN) == SIG_ERR)
    return 1;
  options = qfu_options_parse (argv, &error);
  if (options != NULL && !run_command_line (options, &error) && error == NULL)
    g_set_error_literal (&error, QFU_ERROR, QFU_ERROR_INTERNAL, "it failed without a reason");
  return qfu_print_end (json, error) ? exit_status (error) : 1;
}
