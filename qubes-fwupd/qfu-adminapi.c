/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-adminapi.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define CHUNK 4096

static int
connect_to (const char *path, GError **error)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  g_auto (QfuFd) fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  if (fd < 0 ||
      g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_USAGE, "%s cannot be a socket", path);
    return -1;
  }
  if (connect (fd, (const struct sockaddr *)&address, sizeof address) != 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
                 errno == EACCES
                     ? "qubesd cannot be asked: %s: %s; root may, and who is in the group qubes"
                     : "qubesd cannot be asked: %s: %s; outside of Qubes set [Transport] Type=exec",
                 path, g_strerror (errno));
    return -1;
  }
  return qfu_fd_steal (&fd);
}

/* Appends what is there; %FALSE at the end of the stream or of what may be, with *whole. */
static gboolean
read_some (int fd, GByteArray *answer, gboolean *whole)
{
  guint8 chunk[CHUNK];
  gssize n = read (fd, chunk, sizeof chunk);

  if (n > 0)
    g_byte_array_append (answer, chunk, (guint)n);
  *whole = n == 0;
  return (n > 0 && answer->len <= QFU_ADMINAPI_ANSWER_MAX) ||
         (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Reads to the end of the stream; %FALSE when that does not come in time, or too late. */
static gboolean
read_answer (int fd, GByteArray *answer, gint64 deadline)
{
  gboolean whole = FALSE;

  for (;;) {
    gint64 left_ms = (deadline - g_get_monotonic_time ()) / 1000;
    struct pollfd pfd = {fd, POLLIN, 0};

    if (left_ms <= 0)
      return FALSE;
    if (poll (&pfd, 1, (int)MIN (left_ms, G_MAXINT)) > 0 && !read_some (fd, answer, &whole))
      return whole;
  }
}

char *
qfu_adminapi_ask (
    const char *socket_path, guint seconds, const char *method, const char *vm, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;
  g_autofree char *query = g_strdup_printf ("%s dom0 name %s", method, vm);
  g_autoptr (GByteArray) answer = g_byte_array_new ();
  gsize size = strlen (query) + 1; /* with the NUL behind the name, as the protocol wants it */
  g_auto (QfuFd) fd = connect_to (socket_path, error);

  if (fd < 0)
    return NULL;
  if (send (fd, query, size, MSG_NOSIGNAL) != (gssize)size || shutdown (fd, SHUT_WR) != 0 ||
      !read_answer (fd, answer, deadline)) {
    (void)qfu_error_set (
        error, answer->len > QFU_ADMINAPI_ANSWER_MAX ? QFU_ERROR_FORMAT : QFU_ERROR_UNREACHABLE,
        "qubesd gives no whole answer");
    return NULL;
  }
  if (answer->len == 0 || (answer->len >= 2 && memcmp (answer->data, "2", 2) == 0)) {
    (void)qfu_error_set (error, QFU_ERROR_REFUSED, "qubesd does not tell");
    return NULL;
  }
  if (answer->len < 2 || memcmp (answer->data, "0", 2) != 0 ||
      memchr (answer->data + 2, 0, answer->len - 2) != NULL) {
    (void)qfu_error_set (error, QFU_ERROR_FORMAT, "qubesd gives an unknown answer");
    return NULL;
  }
  return g_strndup ((const char *)answer->data + 2, answer->len - 2);
}
