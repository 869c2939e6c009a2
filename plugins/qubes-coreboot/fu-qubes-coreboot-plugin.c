/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* fwupd's plugin for the flash chip of a machine with coreboot. The logic is in libqubesfwupd. */

#include "fu-qubes-coreboot-device.h"

#include "qfu-config.h"

#include <string.h>

#define BUILT_FOR                                                                                  \
  G_STRINGIFY (FWUPD_MAJOR_VERSION)                                                                \
  "." G_STRINGIFY (FWUPD_MINOR_VERSION) "." G_STRINGIFY (FWUPD_MICRO_VERSION)

static void
fu_qubes_coreboot_plugin_constructed (GObject *object)
{
  FuPlugin *plugin = FU_PLUGIN (object);
  g_autoptr (QfuConfig) config = qfu_config_load (NULL);

  /* it opens the programmer when fwupd starts, and writes without asking for a record */
  fu_plugin_add_rule (plugin, FU_PLUGIN_RULE_CONFLICTS, "flashrom");
  /* it offers the same chip for writing, beside our lock */
  if (config != NULL && g_str_has_prefix (config->programmer, "linux_mtd"))
    fu_plugin_add_rule (plugin, FU_PLUGIN_RULE_CONFLICTS, "mtd");
  fu_plugin_add_rule (plugin, FU_PLUGIN_RULE_METADATA_SOURCE, "linux_lockdown");
  fu_plugin_add_device_gtype (plugin, FU_TYPE_QUBES_COREBOOT_DEVICE);
}

static gboolean
fu_qubes_coreboot_plugin_startup (FuPlugin *plugin, FuProgress *progress, GError **error)
{
  FuContext *ctx = fu_plugin_get_context (plugin);
  const char *vendor = fu_context_get_hwid_value (ctx, FU_HWIDS_KEY_BIOS_VENDOR);
  g_autoptr (GError) local = NULL;
  g_autoptr (QfuConfig) config = qfu_config_load (&local);

  if (config == NULL) {
    g_warning ("%s", local->message);
    g_set_error_literal (error, FWUPD_ERROR, FWUPD_ERROR_INVALID_FILE, local->message);
    return FALSE;
  }
  if (config->programmer[0] == '\0') {
    g_set_error (error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED, "%s: [Chip] Programmer= is empty",
                 config->path);
    return FALSE;
  }
  if (config->bios_vendor[0] != '\0' && g_strcmp0 (vendor, config->bios_vendor) != 0) {
    g_set_error (error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED,
                 "the firmware's vendor is '%s', not '%s' as [Chip] BiosVendor= says",
                 vendor != NULL ? vendor : "", config->bios_vendor);
    return FALSE;
  }
  return TRUE;
}

static gboolean
fu_qubes_coreboot_plugin_coldplug (FuPlugin *plugin, FuProgress *progress, GError **error)
{
  g_autoptr (FuDevice) device = fu_qubes_coreboot_device_new (fu_plugin_get_context (plugin));

  if (!fu_device_setup (device, error))
    return FALSE;
  fu_plugin_device_add (plugin, device);
  return TRUE;
}

/* The vtable's layout is that of one version of fwupd: another one gets no function of ours. */
G_MODULE_EXPORT void
fu_plugin_init_vfuncs (FuPluginVfuncs *vfuncs)
{
  if (strcmp (fwupd_version_string (), BUILT_FOR) != 0) {
    g_warning ("qubes_coreboot is built for fwupd " BUILT_FOR
               ", this is %s: it stays out; install the build for this version",
               fwupd_version_string ());
    return;
  }
  vfuncs->constructed = fu_qubes_coreboot_plugin_constructed;
  vfuncs->startup = fu_qubes_coreboot_plugin_startup;
  vfuncs->coldplug = fu_qubes_coreboot_plugin_coldplug;
}
