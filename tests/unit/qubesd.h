/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>

/* One call to a qubesd that the test plays: it takes the query to its end and gives @answer. */
typedef struct {
  const char *path;
  const char *answer;
  gsize size;
  gboolean silent; /* keeps the connection open and says no more */
  char query[128]; /* what came */
  gsize query_size;
  GThread *thread;
  GSocketListener *listener;
} Qubesd;

static gpointer
qubesd_serve (gpointer user)
{
  Qubesd *qubesd = user;
  g_autoptr (GSocketConnection) connection =
      g_socket_listener_accept (qubesd->listener, NULL, NULL, NULL);
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  guint8 byte;

  g_assert_true (g_input_stream_read_all (in, qubesd->query, 128, &qubesd->query_size, NULL, NULL));
  g_assert_true (g_output_stream_write_all (out, qubesd->answer, qubesd->size, NULL, NULL, NULL));
  if (!qubesd->silent)
    return NULL;
  /* the caller gives up when it closes its side entirely: then a write fails */
  while (
      g_socket_condition_wait (g_socket_connection_get_socket (connection), G_IO_HUP, NULL, NULL) &&
      g_input_stream_read (in, &byte, 1, NULL, NULL) > 0)
    continue;
  return NULL;
}

static inline void
qubesd_start (Qubesd *qubesd)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (qubesd->path);

  qubesd->listener = g_socket_listener_new ();
  g_assert_true (g_socket_listener_add_address (qubesd->listener, address, G_SOCKET_TYPE_STREAM,
                                                G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, NULL));
  qubesd->thread = g_thread_new ("qubesd", qubesd_serve, qubesd);
}

static inline void
qubesd_stop (Qubesd *qubesd)
{
  g_thread_join (qubesd->thread);
  g_object_unref (qubesd->listener);
  g_assert_cmpint (g_unlink (qubesd->path), ==, 0);
}
