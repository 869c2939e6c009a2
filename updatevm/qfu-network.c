/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-network.h"

#include <gio/gio.h>

#define MANAGER "org.freedesktop.NetworkManager"
#define PATH "/org/freedesktop/NetworkManager"
#define ANSWER_MS 5000

/* Of NetworkManager's property Metered. */
enum { METERED_YES = 1, METERED_GUESS_YES = 3 };

/* Not the connection that a process shares: that one ends the process when the bus goes away. */
static GDBusConnection *
connect_bus (GError **error)
{
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, error);

  return address == NULL ? NULL
                         : g_dbus_connection_new_for_address_sync (
                               address,
                               G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                   G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                               NULL, NULL, error);
}

gboolean
qfu_network_metered (void)
{
  g_autoptr (GDBusConnection) bus = connect_bus (NULL);
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GVariant) value = NULL;

  if (bus == NULL)
    return FALSE;
  answer = g_dbus_connection_call_sync (bus, MANAGER, PATH, "org.freedesktop.DBus.Properties",
                                        "Get", g_variant_new ("(ss)", MANAGER, "Metered"),
                                        G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                                        ANSWER_MS, NULL, NULL);
  if (answer == NULL)
    return FALSE;
  g_variant_get (answer, "(v)", &value);
  return g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32) &&
         (g_variant_get_uint32 (value) == METERED_YES ||
          g_variant_get_uint32 (value) == METERED_GUESS_YES);
}
