/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "logind.h"

#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

static const char interface_xml[] = "<node><interface name='org.freedesktop.login1.Manager'>"
                                    "<method name='Inhibit'>"
                                    "<arg type='s' direction='in'/><arg type='s' direction='in'/>"
                                    "<arg type='s' direction='in'/><arg type='s' direction='in'/>"
                                    "<arg type='h' direction='out'/>"
                                    "</method>"
                                    "<method name='Reboot'><arg type='b' direction='in'/></method>"
                                    "</interface></node>";

struct _TestLogind {
  GDBusConnection *bus;
  gboolean refuse;
  TestLogindFunc func;
  gpointer user;
};

static gboolean
on_release (int fd, GIOCondition condition, gpointer user)
{
  const TestLogind *logind = user;

  (void)condition;
  g_assert_cmpint (close (fd), ==, 0);
  logind->func ("released", logind->user);
  return G_SOURCE_REMOVE;
}

static void
give_lock (TestLogind *logind, GDBusMethodInvocation *invocation)
{
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GSource) source = NULL;
  int ends[2];

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, &error));
  g_assert_cmpint (g_unix_fd_list_append (fds, ends[1], &error), ==, 0);
  g_assert_cmpint (close (ends[1]), ==, 0);
  source = g_unix_fd_source_new (ends[0], G_IO_HUP);
  g_source_set_callback (source, G_SOURCE_FUNC (on_release), logind, NULL);
  (void)g_source_attach (source, g_main_context_get_thread_default ());
  g_dbus_method_invocation_return_value_with_unix_fd_list (invocation, g_variant_new ("(h)", 0),
                                                           fds);
}

static char *
reboot_event (GVariant *parameters)
{
  gboolean interactive;

  g_variant_get (parameters, "(b)", &interactive);
  return g_strdup_printf ("reboot %s", interactive ? "interactive" : "at once");
}

static char *
inhibit_event (GVariant *parameters)
{
  const char *words[4];

  g_variant_get (parameters, "(&s&s&s&s)", &words[0], &words[1], &words[2], &words[3]);
  return g_strdup_printf ("inhibit %s %s %s %s", words[0], words[1], words[2], words[3]);
}

static void
on_call (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user)
{
  TestLogind *logind = user;
  gboolean reboot = strcmp (method, "Reboot") == 0;
  g_autofree char *event = reboot ? reboot_event (parameters) : inhibit_event (parameters);

  (void)bus, (void)sender, (void)path, (void)interface;
  logind->func (event, logind->user);
  if (logind->refuse)
    g_dbus_method_invocation_return_error_literal (invocation, G_DBUS_ERROR,
                                                   G_DBUS_ERROR_ACCESS_DENIED, "not for you");
  else if (reboot)
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    give_lock (logind, invocation);
}

static void
own_name (GDBusConnection *bus)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
      g_variant_new ("(su)", "org.freedesktop.login1", 4 /* do not queue */),
      G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  guint32 result;

  g_assert_no_error (error);
  g_variant_get (reply, "(u)", &result);
  g_assert_cmpuint (result, ==, 1); /* the owner */
}

TestLogind *
test_logind_new (const char *address, gboolean refuse, TestLogindFunc func, gpointer user)
{
  static const GDBusInterfaceVTable calls = {.method_call = on_call};
  g_autoptr (GDBusNodeInfo) info = NULL;
  g_autoptr (GError) error = NULL;
  TestLogind *logind = g_new0 (TestLogind, 1);

  logind->refuse = refuse;
  logind->func = func;
  logind->user = user;
  logind->bus =
      g_dbus_connection_new_for_address_sync (address,
                                              G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                  G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                              NULL, NULL, &error);
  g_assert_no_error (error);
  info = g_dbus_node_info_new_for_xml (interface_xml, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_dbus_connection_register_object (logind->bus, "/org/freedesktop/login1",
                                                       info->interfaces[0], &calls, logind, NULL,
                                                       &error),
                    >, 0);
  own_name (logind->bus);
  return logind;
}

void
test_logind_free (TestLogind *logind)
{
  if (logind == NULL)
    return;
  g_assert_true (g_dbus_connection_close_sync (logind->bus, NULL, NULL));
  g_object_unref (logind->bus);
  g_free (logind);
}
