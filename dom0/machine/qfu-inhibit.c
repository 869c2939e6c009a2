/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-inhibit.h"

#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-logind.h"

#include <gio/gunixfdlist.h>

#define NOT_KEPT "logind does not keep the machine from sleeping"
/* A closed lid passes over a lock on sleep alone. */
#define WHAT "shutdown:sleep:handle-lid-switch"

gboolean
qfu_inhibit_sleep (const char *why, int *lock, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GDBusConnection) bus = qfu_logind_connect (&local);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_auto (QfuFd) fd = -1;
  gint32 index;

  if (bus == NULL)
    return qfu_logind_fail (error, NOT_KEPT, local);
  reply = g_dbus_connection_call_with_unix_fd_list_sync (
      bus, QFU_LOGIND, QFU_LOGIND_PATH, QFU_LOGIND ".Manager", "Inhibit",
      g_variant_new ("(ssss)", WHAT, "qubes-fwupdmgr", why, "block"), G_VARIANT_TYPE ("(h)"),
      G_DBUS_CALL_FLAGS_NONE, QFU_LOGIND_SECONDS * 1000, NULL, &fds, NULL, &local);
  if (reply == NULL)
    return qfu_logind_fail (error, NOT_KEPT, local);
  g_variant_get (reply, "(h)", &index);
  fd = fds == NULL ? -1 : g_unix_fd_list_get (fds, index, &local);
  if (fd < 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_UNREACHABLE, NOT_KEPT ": it gave no lock");
    return FALSE;
  }
  *lock = qfu_fd_steal (&fd);
  return TRUE;
}
