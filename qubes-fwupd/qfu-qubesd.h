/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* %TRUE for [A-Za-z][A-Za-z0-9_.-]{0,30}, but not for dom0. */
gboolean qfu_qubesd_vm_name_ok (const char *name);

/**
 * qfu_qubesd_update_vm:
 * @socket_path: qubesd's socket
 * @seconds: until the whole answer must be there
 * @error: #QFU_ERROR_UNREACHABLE when qubesd does not answer, #QFU_ERROR_REFUSED when it refuses,
 * #QFU_ERROR_NOT_FOUND when no UpdateVM is set, #QFU_ERROR_FORMAT for another answer
 *
 * Asks qubesd for the property `updatevm`.
 *
 * Returns: (transfer full): the VM's name, for which qfu_qubesd_vm_name_ok() holds
 */
char *qfu_qubesd_update_vm (const char *socket_path,
                            guint seconds,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_qubesd_running:
 * @socket_path: qubesd's socket
 * @vm: a name for which qfu_qubesd_vm_name_ok() holds
 * @seconds: until the whole answer must be there
 * @running: (out): whether it runs; one that starts, ends or is paused does not
 * @error: as for qfu_qubesd_update_vm(); #QFU_ERROR_REFUSED also when there is no such VM
 */
gboolean qfu_qubesd_running (const char *socket_path,
                             const char *vm,
                             guint seconds,
                             gboolean *running,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qfu_qubesd_start:
 * @socket_path: qubesd's socket
 * @vm: a name for which qfu_qubesd_vm_name_ok() holds
 * @seconds: until it must have started
 * @error: #QFU_ERROR_UNREACHABLE when it does not start, or qubesd does not say so in time
 *
 * Starts a VM. One that runs is left alone, and that is no error.
 */
gboolean qfu_qubesd_start (const char *socket_path, const char *vm, guint seconds, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
