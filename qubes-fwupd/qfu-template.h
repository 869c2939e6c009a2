/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_template_advice:
 * @socket_path: qubesd's socket
 * @seconds: until each of its answers must be there
 * @vm: a name for which qfu_qubesd_vm_name_ok() holds
 *
 * Asks where a package has to be installed so that @vm has it, which is the template of its
 * template when it is a disposable, and how that is done there. Where qubesd does not tell, the
 * advice is general.
 *
 * Returns: (transfer full): what a person has to do to have the package qubes-fwupd-vm in @vm
 */
char *qfu_template_advice (const char *socket_path,
                           guint seconds,
                           const char *vm) G_GNUC_WARN_UNUSED_RESULT;
