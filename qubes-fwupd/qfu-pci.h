/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qfu_pci_usb_ports:
 * @folder: where the kernel lists PCI devices, /sys/bus/pci/devices
 *
 * The USB controllers that no driver of this kernel has: those that a VM has, or will have. One
 * that is driven here belongs to this machine's own fwupd.
 *
 * Returns: (transfer full) (array zero-terminated): each as qubesd names it: by its bus, as R4.2
 * does (`00_14.0`), and, where that is another word, by its way from the root, as R4.3 does
 * (`00_1c.0-00_00.0`). Empty when there are none, or no such folder.
 */
char **qfu_pci_usb_ports (const char *folder) G_GNUC_WARN_UNUSED_RESULT;
