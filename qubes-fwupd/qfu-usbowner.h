/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_usbowner_find:
 * @socket_path: qubesd's socket
 * @pci_devices: where the kernel lists PCI devices
 * @seconds: until each answer of qubesd must be there
 * @error: as from qfu_adminapi_ask(); #QFU_ERROR_LIMIT for more than QFU_CONFIG_VMS_MAX
 *
 * Asks which VMs a USB controller of this machine is attached to, or assigned to for when they
 * run. Where this kernel drives all of them itself, and outside of Qubes, nobody is asked.
 *
 * Returns: (transfer full) (array zero-terminated): their names, for which qfu_qubesd_vm_name_ok()
 * holds, as qubesd sorts them
 */
char **qfu_usbowner_find (const char *socket_path,
                          const char *pci_devices,
                          guint seconds,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
