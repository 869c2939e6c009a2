/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-qubesd.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-limits.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define RUNNING "Running"

gboolean
qfu_qubesd_vm_name_ok (const char *name)
{
  gsize length = strnlen (name, QFU_QUBESD_VM_NAME_MAX + 1);

  return length > 0 && length <= QFU_QUBESD_VM_NAME_MAX && g_ascii_isalpha (name[0]) &&
         strspn (name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_.-") == length &&
         strcmp (name, "dom0") != 0;
}

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
    g_set_error (
        error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
        "qubesd cannot be asked for the UpdateVM: %s: %s; outside of Qubes set [Transport] "
        "Type=exec",
        path, g_strerror (errno));
    return -1;
  }
  return qfu_fd_steal (&fd);
}

/* Reads to the end of the stream; %FALSE when that does not come in time or within @size bytes. */
static gboolean
read_answer (int fd, char *answer, gsize size, gsize *length, gint64 deadline)
{
  *length = 0;
  while (*length < size) {
    gint64 left_ms = (deadline - g_get_monotonic_time ()) / 1000;
    struct pollfd pfd = {fd, POLLIN, 0};
    gssize n;

    if (left_ms <= 0)
      return FALSE;
    if (poll (&pfd, 1, (int)MIN (left_ms, G_MAXINT)) <= 0)
      continue;
    n = read (fd, answer + *length, size - *length);
    if (n == 0)
      return TRUE;
    if (n > 0)
      *length += (gsize)n;
    else if (errno != EINTR && errno != EAGAIN)
      return FALSE;
  }
  return FALSE;
}

/* @answer ends with a NUL of ours behind @length bytes. */
static char *
read_property (const char *answer, gsize length, GError **error)
{
  const char *name = length < 2 ? NULL : strstr (answer + 2, " type=vm ");

  if (length == 0 || (length >= 2 && memcmp (answer, "2", 2) == 0)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_REFUSED,
                         "qubesd does not tell which VM is the UpdateVM");
    return NULL;
  }
  if (length < 2 || memcmp (answer, "0", 2) != 0 || strlen (answer + 2) != length - 2 ||
      !g_str_has_prefix (answer + 2, "default=") || name == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT, "qubesd gives an unknown answer");
    return NULL;
  }
  name += strlen (" type=vm ");
  if (name[0] == '\0') {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_NOT_FOUND,
                         "no UpdateVM is set: see `qubes-prefs updatevm`, or set [Transport] "
                         "UpdateVM");
    return NULL;
  }
  if (!qfu_qubesd_vm_name_ok (name)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_FORMAT,
                         "qubesd names an UpdateVM that cannot be one");
    return NULL;
  }
  return g_strdup (name);
}

/* One call. @answer has room for QFU_QUBESD_ANSWER_MAX + 1 bytes, and a NUL of ours ends it. */
static gboolean
call (const char *socket_path,
      const char *query,
      guint seconds,
      char *answer,
      gsize *length,
      GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;
  g_auto (QfuFd) fd = connect_to (socket_path, error);
  gsize size = strlen (query) + 1; /* with the NUL behind the name, as the protocol wants it */

  if (fd < 0)
    return FALSE;
  if (send (fd, query, size, MSG_NOSIGNAL) != (gssize)size || shutdown (fd, SHUT_WR) != 0 ||
      !read_answer (fd, answer, QFU_QUBESD_ANSWER_MAX + 1, length, deadline))
    return qfu_error_set (error, QFU_ERROR_UNREACHABLE, "qubesd gives no whole answer");
  answer[*length] = '\0';
  return TRUE;
}

char *
qfu_qubesd_update_vm (const char *socket_path, guint seconds, GError **error)
{
  char answer[QFU_QUBESD_ANSWER_MAX + 1];
  gsize length = 0;

  if (!call (socket_path, "admin.property.Get+updatevm dom0 name dom0", seconds, answer, &length,
             error))
    return NULL;
  return read_property (answer, length, error);
}

/* Words of NAME=VALUE, one of which is the power state. */
static gboolean
read_state (const char *answer, gsize length, gboolean *running, GError **error)
{
  g_auto (GStrv) words = NULL;

  if (length == 0 || (length >= 2 && memcmp (answer, "2", 2) == 0))
    return qfu_error_set (error, QFU_ERROR_REFUSED,
                          "qubesd does not tell whether it runs; is there such a VM?");
  if (length < 2 || memcmp (answer, "0", 2) != 0 || strlen (answer + 2) != length - 2)
    return qfu_error_set (error, QFU_ERROR_FORMAT, "qubesd gives an unknown answer");
  words = g_strsplit_set (answer + 2, " \n", -1);
  for (gsize i = 0; words[i] != NULL; i++) {
    if (!g_str_has_prefix (words[i], "power_state="))
      continue;
    *running = strcmp (words[i] + strlen ("power_state="), RUNNING) == 0;
    return TRUE;
  }
  return qfu_error_set (error, QFU_ERROR_FORMAT, "qubesd gives an unknown answer");
}

gboolean
qfu_qubesd_running (
    const char *socket_path, const char *vm, guint seconds, gboolean *running, GError **error)
{
  g_autofree char *query = g_strdup_printf ("admin.vm.CurrentState+ dom0 name %s", vm);
  char answer[QFU_QUBESD_ANSWER_MAX + 1];
  gsize length = 0;

  g_return_val_if_fail (qfu_qubesd_vm_name_ok (vm), FALSE);
  if (call (socket_path, query, seconds, answer, &length, error) &&
      read_state (answer, length, running, error))
    return TRUE;
  g_prefix_error (error, "VM %s: ", vm);
  return FALSE;
}

gboolean
qfu_qubesd_start (const char *socket_path, const char *vm, guint seconds, GError **error)
{
  g_autofree char *query = g_strdup_printf ("admin.vm.Start+ dom0 name %s", vm);
  char answer[QFU_QUBESD_ANSWER_MAX + 1];
  gsize length = 0;

  g_return_val_if_fail (qfu_qubesd_vm_name_ok (vm), FALSE);
  if (!call (socket_path, query, seconds, answer, &length, error)) {
    g_prefix_error (error, "VM %s: ", vm);
    return FALSE;
  }
  if (length == 2 && memcmp (answer, "0", 2) == 0)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_UNREACHABLE,
               "VM %s does not start; `qvm-start %s` may say why", vm, vm);
  return FALSE;
}
