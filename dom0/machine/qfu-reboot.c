/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-reboot.h"

#include "qfu-logind.h"

#define NOT_REBOOTED "logind does not reboot the machine"

gboolean
qfu_reboot (GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GDBusConnection) bus = qfu_logind_connect (&local);
  g_autoptr (GVariant) reply = NULL;

  if (bus != NULL)
    reply = g_dbus_connection_call_sync (bus, QFU_LOGIND, QFU_LOGIND_PATH, QFU_LOGIND ".Manager",
                                         "Reboot", g_variant_new ("(b)", TRUE), NULL,
                                         G_DBUS_CALL_FLAGS_NONE, QFU_LOGIND_SECONDS * 1000, NULL,
                                         &local);
  return reply != NULL || qfu_logind_fail (error, NOT_REBOOTED, local);
}
