/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-route.h"

static const char *
key_of (gboolean tor)
{
  return tor ? "TorCommand" : "Command";
}

char **
qfu_transport_exec_peers (const QfuConfig *config, gboolean tor, GError **error)
{
  char **peers;

  if (tor && config->tor_command[0] == '\0') {
    g_set_error_literal (
        error, QFU_ERROR, QFU_ERROR_USAGE,
        "--whonix: [Transport] TorCommand= is not set; it is the command line that "
        "reaches an agent whose traffic goes over Tor");
    return NULL;
  }
  peers = g_new0 (char *, 2);
  peers[0] = g_strdup_printf ("the VM behind [Transport] %s=", key_of (tor));
  return peers;
}

char **
qfu_transport_exec_argv (const QfuConfig *config, gboolean tor, const char *peer, GError **error)
{
  const char *key = key_of (tor);
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) argv = NULL;
  g_autofree char *program = NULL;

  if (!g_shell_parse_argv (tor ? config->tor_command : config->command, NULL, &argv, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s: [Transport] %s=: %s",
                 qfu_config_place (config, "Transport", key), key, local->message);
    return NULL;
  }
  program = g_find_program_in_path (argv[0]);
  if (program == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s: [Transport] %s=: there is no program %s in PATH",
                 qfu_config_place (config, "Transport", key), key, argv[0]);
    return NULL;
  }
  g_free (argv[0]);
  argv[0] = g_steal_pointer (&program);
  return g_steal_pointer (&argv);
}
