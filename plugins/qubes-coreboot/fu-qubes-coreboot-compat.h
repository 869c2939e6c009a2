/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fwupdplugin.h>

/* What differs between the versions of fwupd for which the plugin can be built: 2.0.2 to 2.1.7 were
 * tried (scripts/other-fwupd). All other files are the same for all of them. */

#ifndef FU_DEVICE_ICON_COMPUTER /* since 2.0.10 */
#define FU_DEVICE_ICON_COMPUTER "computer"
#endif

#if !FWUPD_CHECK_VERSION(2, 0, 9)
typedef FwupdInstallFlags FuFirmwareParseFlags; /* of the same place in vfuncs */
#endif

static inline void
fu_compat_plugin_add_device (FuPlugin *plugin, FuDevice *device)
{
#if FWUPD_CHECK_VERSION(2, 1, 1)
  fu_plugin_add_device (plugin, device);
#else
  fu_plugin_device_add (plugin, device);
#endif
}

/* (transfer full) (nullable): where sysfs has what the firmware says of itself. */
static inline char *
fu_compat_firmware_folder (FuContext *context)
{
#if FWUPD_CHECK_VERSION(2, 1, 1)
  return g_strdup (fu_context_get_path (context, FU_PATH_KIND_SYSFSDIR_FW, NULL));
#else
  return fu_path_from_kind (FU_PATH_KIND_SYSFSDIR_FW);
#endif
}
