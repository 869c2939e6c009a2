/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-agentexit.h"

#include "qfu-error.h"
#include "qfu-qubesd.h"
#include "qfu-template.h"

#include <signal.h>

#define PROBLEM 125
#define REFUSED 126
#define MISSING 127
#define BY_SIGNAL 128 /* and its number more */
#define BROKEN 255
#define UNCALLABLE "it cannot be called: there is no such VM, or it does not run"

/* qrexec's client has one status for all that keeps a service from being started. */
static const char *
explain_problem (const QfuConfig *config, const char *vm)
{
  gboolean running = FALSE;
  g_autoptr (GError) local = NULL;

  if (vm == NULL)
    return UNCALLABLE;
  if (!qfu_qubesd_running (config->qubesd_socket, vm, config->connect_seconds, &running, &local))
    return g_error_matches (local, QFU_ERROR, QFU_ERROR_REFUSED) ? "there is no such VM"
                                                                 : UNCALLABLE;
  return running ? "qrexec cannot start the agent there: `journalctl -u qubes-qrexec-agent` in the "
                   "VM says why"
                 : "it does not run";
}

static gboolean
explain_missing (const QfuConfig *config, const char *vm, const char *service, GError **error)
{
  g_autofree char *advice =
      vm != NULL ? qfu_template_advice (config->qubesd_socket, config->connect_seconds, vm)
                 : g_strdup ("install the package qubes-fwupd-vm there");

  g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "the agent %s is not installed: %s", service,
               advice);
  return FALSE;
}

static gboolean
explain_status (
    const QfuConfig *config, const char *vm, const char *service, int status, GError **error)
{
  switch (status) {
  case PROBLEM:
    return qfu_error_set (error, QFU_ERROR_UNREACHABLE, explain_problem (config, vm));
  case REFUSED:
    return qfu_error_set (error, QFU_ERROR_UNREACHABLE,
                          vm == NULL
                              ? "the call was refused"
                              : "the call was refused; `journalctl -u qubes-qrexec-agent` in "
                                "the VM says why");
  case MISSING:
    return explain_missing (config, vm, service, error);
  case BROKEN:
    return qfu_error_set (error, QFU_ERROR_UNREACHABLE, "the connection broke");
  default:
    break;
  }
  if (status > BY_SIGNAL && status - BY_SIGNAL < NSIG)
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, "the agent was killed by signal %d",
                 status - BY_SIGNAL);
  else
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, "the agent ended early with status %d",
                 status);
  return FALSE;
}

gboolean
qfu_agentexit_explain (
    const QfuConfig *config, const char *vm, const char *service, int status, GError **error)
{
  gboolean by_command = g_strcmp0 (config->transport, "exec") == 0;
  g_autoptr (GError) local = NULL;

  if (explain_status (config, by_command ? NULL : vm, service, status, &local))
    return TRUE;
  /* what a command says on its standard error may be a VM's text, and is dropped */
  if (by_command && g_error_matches (local, QFU_ERROR, QFU_ERROR_UNREACHABLE))
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
                 "%s; run the line of Command= by hand to see what it says", local->message);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
