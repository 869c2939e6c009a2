/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-vms.h"

#include "qfu-print.h"

/* On standard error, so that it is seen with --json, too. */
static void
on_passed_over (const char *text, gpointer unused)
{
  qfu_warn ("warning: %s", text);
}

gboolean
qfu_vms_route (const QfuConfig *config, const QfuOptions *options, QfuRoute **route, GError **error)
{
  *route = NULL;
  if (!options->whonix && (config->update_vms[0] == NULL || config->update_vms[1] == NULL))
    return TRUE;
  *route = qfu_route_new (config, options->whonix, on_passed_over, NULL, error);
  return *route != NULL;
}
