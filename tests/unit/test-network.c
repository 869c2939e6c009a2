/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-network.h"

#include <gio/gio.h>

#include "testconfig.h"

#define NAME "org.freedesktop.NetworkManager"

static const char interface_xml[] =
    "<node><interface name='" NAME "'><property name='Metered' type='u' access='read'/></interface>"
    "</node>";

/* NetworkManager in a thread of its own, as the caller waits for its answer. */
typedef struct {
  GTestDBus *bus;
  guint metered;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  GAsyncQueue *ready;
} Fixture;

static GVariant *
get_property (GDBusConnection *connection,
              const char *sender,
              const char *path,
              const char *interface,
              const char *property,
              GError **error,
              gpointer user)
{
  const Fixture *f = user;

  (void)connection, (void)sender, (void)path, (void)interface, (void)error;
  g_assert_cmpstr (property, ==, "Metered");
  return g_variant_new_uint32 (f->metered);
}

static gpointer
serve (gpointer user)
{
  static const GDBusInterfaceVTable table = {.get_property = get_property};
  Fixture *f = user;
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (interface_xml, NULL);
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GVariant) named = NULL;

  g_main_context_push_thread_default (f->context);
  bus = g_dbus_connection_new_for_address_sync (g_test_dbus_get_bus_address (f->bus),
                                                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                    G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                NULL, NULL, NULL);
  g_assert_nonnull (bus);
  g_assert_cmpuint (g_dbus_connection_register_object (bus, "/org/freedesktop/NetworkManager",
                                                       info->interfaces[0], &table, f, NULL, NULL),
                    >, 0);
  named = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
      g_variant_new ("(su)", NAME, 0), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_nonnull (named);
  g_async_queue_push (f->ready, f);
  g_main_loop_run (f->loop);
  g_main_context_pop_thread_default (f->context);
  return NULL;
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  (void)unused;
  f->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (f->bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (f->bus), TRUE);
  f->ready = g_async_queue_new ();
  f->context = g_main_context_new ();
  f->loop = g_main_loop_new (f->context, FALSE);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  (void)unused;
  g_main_loop_unref (f->loop);
  g_main_context_unref (f->context);
  g_async_queue_unref (f->ready);
  g_test_dbus_down (f->bus);
  g_object_unref (f->bus);
}

static void
test_metered (Fixture *f, gconstpointer unused)
{
  static const gboolean expected[] = {FALSE, TRUE, FALSE, TRUE, FALSE, FALSE};

  (void)unused;
  f->thread = g_thread_new ("manager", serve, f);
  (void)g_async_queue_pop (f->ready);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    f->metered = i;
    g_assert_true (qfu_network_metered () == expected[i]);
  }
  g_main_loop_quit (f->loop);
  (void)g_thread_join (f->thread);
}

static void
test_no_manager (Fixture *f, gconstpointer unused)
{
  (void)f, (void)unused;
  g_assert_false (qfu_network_metered ());
}

static void
test_no_bus (void)
{
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  g_assert_false (qfu_network_metered ());
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/network/metered", Fixture, NULL, set_up, test_metered, tear_down);
  g_test_add ("/network/no-manager", Fixture, NULL, set_up, test_no_manager, tear_down);
  g_test_add_func ("/network/no-bus", test_no_bus);
  return g_test_run ();
}
