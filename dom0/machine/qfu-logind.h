/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define QFU_LOGIND "org.freedesktop.login1"
#define QFU_LOGIND_PATH "/org/freedesktop/login1"
#define QFU_LOGIND_SECONDS 10 /* for an answer; logind may have to start */

/* (transfer full): the bus that logind is on; not the connection that a process shares: that one
 * ends the process when the bus goes away. */
GDBusConnection *qfu_logind_connect (GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets @error to "@what: …" from what the bus said, #QFU_ERROR_REFUSED or #QFU_ERROR_UNREACHABLE;
 * always %FALSE. */
gboolean qfu_logind_fail (GError **error, const char *what, GError *local);
