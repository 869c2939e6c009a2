/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fu-qubes-coreboot-compat.h"

/* What fwupd keeps of updates: what was known before, what became of it, and whether another one
 * may follow. */

/* Functions of the device's class. */
void fu_qubes_coreboot_report_metadata_pre (FuDevice *device, GHashTable *metadata);
void fu_qubes_coreboot_report_metadata_post (FuDevice *device, GHashTable *metadata);
gboolean fu_qubes_coreboot_get_results (FuDevice *device, GError **error);

/* Function of the plugin's: after the first start in another boot than that of an update. */
gboolean fu_qubes_coreboot_reboot_cleanup (FuPlugin *plugin, FuDevice *device, GError **error);

/* Lets nobody install anything as long as a write of the chip is unfinished, and again once it is
 * finished. */
void fu_qubes_coreboot_follow_journal (FuDevice *device);
