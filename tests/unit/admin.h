/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

/* A qubesd with a table: METHOD+ARGUMENT VM -> what it tells. What is not in there it refuses with
 * an exception, and a value of "" with silence. Of several rows of one call each answers once, and
 * the last one for ever. */
typedef struct {
  const char *call;
  const char *value;
} AdminRow;

typedef struct {
  const char *path;
  const AdminRow *rows; /* up to one without a call */
  GPtrArray *calls;     /* (element-type utf8): what was asked */
  GCancellable *end;
  GSocketListener *listener;
  GThread *thread;
} Admin;

/* (nullable): the row for @call, which is the last of those that were made. */
static inline const AdminRow *
admin_row (const Admin *admin, const char *call)
{
  const AdminRow *found = NULL;
  guint times = 0;

  for (guint i = 0; i < admin->calls->len; i++)
    times += strcmp (g_ptr_array_index (admin->calls, i), call) == 0 ? 1 : 0;
  for (const AdminRow *row = admin->rows; row->call != NULL && times > 0; row++) {
    if (strcmp (row->call, call) != 0)
      continue;
    found = row;
    times--;
  }
  return found;
}

static inline void
admin_reply (const Admin *admin, const char *call, GOutputStream *out)
{
  static const char no[] = "2\0QubesNoSuchPropertyError\0\0no such thing\0";
  const AdminRow *row = admin_row (admin, call);

  if (row == NULL)
    g_assert_true (g_output_stream_write_all (out, no, sizeof no - 1, NULL, NULL, NULL));
  else if (row->value[0] != '\0') {
    g_assert_true (g_output_stream_write_all (out, "0", 2, NULL, NULL, NULL));
    g_assert_true (
        g_output_stream_write_all (out, row->value, strlen (row->value), NULL, NULL, NULL));
  }
}

static inline gpointer
admin_serve (gpointer user)
{
  Admin *admin = user;

  for (;;) {
    g_autoptr (GSocketConnection) connection =
        g_socket_listener_accept (admin->listener, NULL, admin->end, NULL);
    char query[256] = "";
    g_auto (GStrv) words = NULL;
    char *call;
    gsize size;

    if (connection == NULL)
      return NULL;
    g_assert_true (g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                                            query, sizeof query - 1, &size, NULL, NULL));
    words = g_strsplit (query, " ", -1);
    g_assert_cmpuint (size, ==, strlen (query) + 1);
    g_assert_cmpuint (g_strv_length (words), ==, 4);
    g_assert_cmpstr (words[1], ==, "dom0");
    g_assert_cmpstr (words[2], ==, "name");
    call = g_strdup_printf ("%s %s", words[0], words[3]);
    g_ptr_array_add (admin->calls, call);
    admin_reply (admin, call, g_io_stream_get_output_stream (G_IO_STREAM (connection)));
  }
}

static inline void
admin_start (Admin *admin)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (admin->path);

  admin->calls = g_ptr_array_new_with_free_func (g_free);
  admin->end = g_cancellable_new ();
  admin->listener = g_socket_listener_new ();
  g_assert_true (g_socket_listener_add_address (admin->listener, address, G_SOCKET_TYPE_STREAM,
                                                G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, NULL));
  admin->thread = g_thread_new ("qubesd", admin_serve, admin);
}

static inline void
admin_stop (Admin *admin)
{
  g_cancellable_cancel (admin->end);
  g_thread_join (admin->thread);
  g_object_unref (admin->listener);
  g_object_unref (admin->end);
  g_ptr_array_unref (admin->calls);
  g_assert_cmpint (g_unlink (admin->path), ==, 0);
}
