/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-qubesd.h"
#include "qfu-route.h"

static const char service_call[] = "DEFAULT:QUBESRPC " QFU_ROUTE_SERVICE " dom0";

char **
qfu_transport_qrexec_peers (const QfuConfig *config, gboolean tor, GError **error)
{
  char **vms = tor ? config->tor_update_vms : config->update_vms;
  char **asked;

  if (vms[0] != NULL)
    return g_strdupv (vms);
  if (tor) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_USAGE,
                         "--whonix: [Transport] TorUpdateVM= names no VM; set it to the one whose "
                         "traffic goes over Tor, for example sys-whonix");
    return NULL;
  }
  asked = g_new0 (char *, 2);
  asked[0] = qfu_qubesd_update_vm (config->qubesd_socket, config->connect_seconds, error);
  if (asked[0] == NULL)
    g_clear_pointer (&asked, g_strfreev);
  return asked;
}

char **
qfu_transport_qrexec_argv (const QfuConfig *config, gboolean tor, const char *vm, GError **error)
{
  const char *const argv[] = {config->qrexec_client, "-d", vm, service_call, NULL};

  return g_strdupv ((char **)argv);
}
