/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-inhibit.h"

#include "qfu-error.h"
#include "qfu-fd.h"

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

#define LOGIND "org.freedesktop.login1"
#define SECONDS 10 /* for an answer; logind may have to start */
/* A closed lid passes over a lock on sleep alone. */
#define WHAT "shutdown:sleep:handle-lid-switch"

static gboolean
fail (GError **error, GError *local)
{
  gboolean refused = g_error_matches (local, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED) ||
                     g_error_matches (local, G_DBUS_ERROR, G_DBUS_ERROR_AUTH_FAILED);

  (void)g_dbus_error_strip_remote_error (local);
  g_set_error (error, QFU_ERROR, refused ? QFU_ERROR_REFUSED : QFU_ERROR_UNREACHABLE,
               "logind does not keep the machine from sleeping: %s", local->message);
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

/* Not the connection that a process shares: that one ends the process when the bus goes away. */
static GDBusConnection *
connect_bus (GError **error)
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

gboolean
qfu_inhibit_sleep (const char *why, int *lock, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GDBusConnection) bus = connect_bus (&local);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_auto (QfuFd) fd = -1;
  gint32 index;

  if (bus == NULL)
    return fail (error, local);
  reply = g_dbus_connection_call_with_unix_fd_list_sync (
      bus, LOGIND, "/org/freedesktop/login1", LOGIND ".Manager", "Inhibit",
      g_variant_new ("(ssss)", WHAT, "qubes-fwupdmgr", why, "block"), G_VARIANT_TYPE ("(h)"),
      G_DBUS_CALL_FLAGS_NONE, SECONDS * 1000, NULL, &fds, NULL, &local);
  if (reply == NULL)
    return fail (error, local);
  g_variant_get (reply, "(h)", &index);
  fd = fds == NULL ? -1 : g_unix_fd_list_get (fds, index, &local);
  if (fd < 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
                         "logind does not keep the machine from sleeping: it gave no lock");
    return FALSE;
  }
  *lock = qfu_fd_steal (&fd);
  return TRUE;
}
