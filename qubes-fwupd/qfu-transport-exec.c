/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-transport.h"

char **
qfu_transport_exec_argv (const QfuConfig *config, char **peer, GError **error)
{
  g_autoptr (GError) local = NULL;
  char **argv = NULL;

  if (!g_shell_parse_argv (config->command, NULL, &argv, &local)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s: [Transport] Command=: %s", config->path,
                 local->message);
    return NULL;
  }
  *peer = g_strdup ("the VM behind [Transport] Command=");
  return argv;
}
