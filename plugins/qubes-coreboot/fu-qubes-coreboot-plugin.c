/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* fwupd's plugin for the flash chip of a machine with coreboot. The logic is in libqubesfwupd. */

#include "fu-qubes-coreboot-device.h"
#include "fu-qubes-coreboot-history.h"

#include "qfu-config.h"

#include <string.h>

#define BUILT_FOR                                                                                  \
  G_STRINGIFY (FWUPD_MAJOR_VERSION)                                                                \
  "." G_STRINGIFY (FWUPD_MINOR_VERSION) "." G_STRINGIFY (FWUPD_MICRO_VERSION)

#define ESRT_SYSTEM_FIRMWARE "1" /* type of an entry: UEFI, EFI System Resource Table */

/* Programmers that end at the chip of this very machine, which the kernel may lend to fwupd, too.
 */
static const char *const own_chip[] = {"internal", "linux_mtd", "linux_spi"};

static void
fu_qubes_coreboot_plugin_constructed (GObject *object)
{
  FuPlugin *plugin = FU_PLUGIN (object);

  /* it opens the programmer when fwupd starts, and writes without asking for a record */
  fu_plugin_add_rule (plugin, FU_PLUGIN_RULE_CONFLICTS, "flashrom");
  fu_plugin_add_rule (plugin, FU_PLUGIN_RULE_METADATA_SOURCE, "linux_lockdown");
  fu_plugin_add_device_gtype (plugin, FU_TYPE_QUBES_COREBOOT_DEVICE);
}

static gboolean
is_own_chip (const char *programmer)
{
  g_auto (GStrv) parts = g_strsplit (programmer, ":", 2);

  for (gsize i = 0; i < G_N_ELEMENTS (own_chip); i++) {
    if (g_strcmp0 (parts[0], own_chip[i]) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Whether the firmware takes updates of itself as capsules. */
static gboolean
takes_capsules (FuContext *ctx)
{
  g_autofree char *folder = fu_compat_firmware_folder (ctx);
  g_autofree char *entries =
      folder == NULL ? NULL : g_build_filename (folder, "efi", "esrt", "entries", NULL);
  g_autoptr (GDir) dir = entries == NULL ? NULL : g_dir_open (entries, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (entries, name, "fw_type", NULL);
    g_autofree char *type = NULL;

    if (g_file_get_contents (path, &type, NULL, NULL) &&
        strcmp (g_strstrip (type), ESRT_SYSTEM_FIRMWARE) == 0)
      return TRUE;
  }
  return FALSE;
}

/* One writer for one chip: other plugins that would offer it stay out. This is only done on a
 * machine that is ours, as their other devices are lost with them. */
static void
keep_others_out (FuPlugin *plugin, const QfuConfig *config)
{
  /* also where there is no such device yet: the kernel's driver may be loaded later */
  if (is_own_chip (config->programmer))
    fu_plugin_add_rule (plugin, FU_PLUGIN_RULE_CONFLICTS, "mtd");
  if (!takes_capsules (fu_plugin_get_context (plugin)))
    return;
  g_info ("uefi_capsule stays out, as it offers the same firmware; to let it write instead of this "
          "plugin, leave [Chip] Programmer= empty");
  fu_plugin_add_rule (plugin, FU_PLUGIN_RULE_CONFLICTS, "uefi_capsule");
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
    g_set_error (error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED, "%s [Chip] Programmer= is empty",
                 qfu_config_place (config, "Chip", "Programmer"));
    return FALSE;
  }
  if (config->bios_vendor[0] != '\0' && g_strcmp0 (vendor, config->bios_vendor) != 0) {
    g_set_error (error, FWUPD_ERROR, FWUPD_ERROR_NOT_SUPPORTED,
                 "the firmware's vendor is '%s', not '%s' as [Chip] BiosVendor= says",
                 vendor != NULL ? vendor : "", config->bios_vendor);
    return FALSE;
  }
  keep_others_out (plugin, config);
  return TRUE;
}

static gboolean
fu_qubes_coreboot_plugin_coldplug (FuPlugin *plugin, FuProgress *progress, GError **error)
{
  g_autoptr (FuDevice) device = fu_qubes_coreboot_device_new (fu_plugin_get_context (plugin));

  if (!fu_device_setup (device, error))
    return FALSE;
  fu_compat_plugin_add_device (plugin, device);
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
  vfuncs->reboot_cleanup = fu_qubes_coreboot_reboot_cleanup;
}
