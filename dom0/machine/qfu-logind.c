/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-logind.h"

#include "qfu-error.h"

gboolean
qfu_logind_fail (GError **error, const char *what, GError *local)
{
  gboolean refused = g_error_matches (local, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED) ||
                     g_error_matches (local, G_DBUS_ERROR, G_DBUS_ERROR_AUTH_FAILED);

  (void)g_dbus_error_strip_remote_error (local);
  g_set_error (error, QFU_ERROR, refused ? QFU_ERROR_REFUSED : QFU_ERROR_UNREACHABLE, "%s: %s",
               what, local->message);
  return FALSE;
}

static gpointer
do_nothing (gpointer data)
{
  return data;
}

/* GLib ends the process when it cannot have its threads for D-Bus; where none can be had it is not
 * asked. */
static gboolean
try_thread (GError **error)
{
  GThread *thread = g_thread_try_new ("try", do_nothing, NULL, error);

  if (thread != NULL)
    (void)g_thread_join (thread);
  return thread != NULL;
}

GDBusConnection *
qfu_logind_connect (GError **error)
{
  g_autofree char *address =
      try_thread (error) ? g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, error) : NULL;

  return address == NULL ? NULL
                         : g_dbus_connection_new_for_address_sync (
                               address,
                               G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                   G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                               NULL, NULL, error);
}
