/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

/* A qubesd that knows which VMs run, and is asked as often as one likes. */
typedef struct {
  const char *path;
  const char *const *running;
  gboolean garbage;
  GPtrArray *queries; /* (element-type utf8) */
  GCancellable *end;
  GSocketListener *listener;
  GThread *thread;
} Machine;

static gpointer
machine_answer (gpointer user)
{
  Machine *machine = user;

  for (;;) {
    g_autoptr (GSocketConnection) connection =
        g_socket_listener_accept (machine->listener, NULL, machine->end, NULL);
    char query[128] = "";
    const char *vm;
    const char *state = "Halted";
    g_autofree char *text = NULL;
    gsize size;

    if (connection == NULL)
      return NULL;
    g_assert_true (g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                                            query, sizeof query - 1, &size, NULL, NULL));
    vm = strrchr (query, ' ') + 1;
    g_ptr_array_add (machine->queries, g_strdup (query));
    if (g_strv_contains (machine->running, vm))
      state = "Running";
    text = g_strdup_printf ("0%cmem=1 power_state=%s", 0x7f, state);
    text[1] = '\0';
    size = strcmp (vm, "gone") == 0 ? 0 : strlen (text + 2) + 2;
    if (g_str_has_prefix (query, "admin.vm.Start"))
      size = 2;
    g_assert_true (g_output_stream_write_all (
        g_io_stream_get_output_stream (G_IO_STREAM (connection)), machine->garbage ? "?" : text,
        machine->garbage ? 1 : size, NULL, NULL, NULL));
  }
}

static inline void
machine_start (Machine *machine)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (machine->path);

  machine->queries = g_ptr_array_new_with_free_func (g_free);
  machine->end = g_cancellable_new ();
  machine->listener = g_socket_listener_new ();
  g_assert_true (g_socket_listener_add_address (machine->listener, address, G_SOCKET_TYPE_STREAM,
                                                G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, NULL));
  machine->thread = g_thread_new ("qubesd", machine_answer, machine);
}

static inline void
machine_stop (Machine *machine)
{
  g_cancellable_cancel (machine->end);
  g_thread_join (machine->thread);
  g_object_unref (machine->listener);
  g_object_unref (machine->end);
  g_ptr_array_unref (machine->queries);
  g_assert_cmpint (g_unlink (machine->path), ==, 0);
}
