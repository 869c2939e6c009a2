/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-qubesd.h"
#include "qfu-transport.h"

#define SERVICE_CALL "DEFAULT:QUBESRPC qubes.FwupdFetch dom0"

char **
qfu_transport_qrexec_argv (const QfuConfig *config, char **peer, GError **error)
{
  g_autofree char *vm = NULL;

  if (config->update_vm[0] == '\0')
    vm = qfu_qubesd_update_vm (config->qubesd_socket, config->connect_seconds, error);
  else if (qfu_qubesd_vm_name_ok (config->update_vm))
    vm = g_strdup (config->update_vm);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE,
                 "%s: [Transport] UpdateVM= must be the name of a VM", config->path);
  if (vm == NULL)
    return NULL;

  const char *const argv[] = {config->qrexec_client, "-d", vm, SERVICE_CALL, NULL};
  *peer = g_strdup_printf ("VM %s", vm);
  return g_strdupv ((char **)argv);
}
