/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-agentexit.h"

#include "qfu-error.h"
#include "qfu-template.h"

#define MISSING 127

/* Exit statuses of a qrexec client, and of the usual launchers. */
static const struct {
  int status;
  const char *text;
} texts[] = {
    {125, "it cannot be called: there is no such VM, or it does not run"},
    {126, "the call was refused"},
    {137, "the agent was killed"},
    {255, "the connection broke"},
};

gboolean
qfu_agentexit_explain (
    const QfuConfig *config, const char *vm, const char *service, int status, GError **error)
{
  g_autofree char *advice = NULL;

  if (status == MISSING) {
    advice = vm != NULL ? qfu_template_advice (config->qubesd_socket, config->connect_seconds, vm)
                        : g_strdup ("install the package qubes-fwupd-vm there");
    g_set_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND, "the agent %s is not installed: %s",
                 service, advice);
    return FALSE;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    if (texts[i].status == status)
      return qfu_error_set (error, QFU_ERROR_UNREACHABLE, texts[i].text);
  }
  g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, "the agent ended early with status %d",
               status);
  return FALSE;
}
