/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-transport.h"

char **
qfu_transport_exec_argv (const QfuConfig *config, char **peer, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) argv = NULL;
  g_autofree char *program = NULL;

  if (!g_shell_parse_argv (config->command, NULL, &argv, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s: [Transport] Command=: %s", config->path,
                 local->message);
    return NULL;
  }
  program = g_find_program_in_path (argv[0]);
  if (program == NULL) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s: [Transport] Command=: there is no program %s in PATH", config->path, argv[0]);
    return NULL;
  }
  g_free (argv[0]);
  argv[0] = g_steal_pointer (&program);
  *peer = g_strdup ("the VM behind [Transport] Command=");
  return g_steal_pointer (&argv);
}
