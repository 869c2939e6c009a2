/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fu-qubes-coreboot-device.h"

#include "fu-qubes-coreboot-error.h"
#include "fu-qubes-coreboot-history.h"
#include "fu-qubes-coreboot-prepare.h"
#include "fu-qubes-coreboot-read.h"

#include "qfu-bios.h"
#include "qfu-board.h"
#include "qfu-reflash.h"

struct _FuQubesCorebootDevice {
  FuDevice parent_instance;
};

G_DEFINE_TYPE (FuQubesCorebootDevice, fu_qubes_coreboot_device, FU_TYPE_DEVICE)

/* Each of these SMBIOS values, joined and hashed, is a GUID that LVFS metadata of coreboot firmware
 * may name; BiosVendor is in the last two, the version in none. */
static const char *const hardware_ids[] = {
    "HardwareID-03", "HardwareID-04", "HardwareID-05", "HardwareID-06",
    "HardwareID-10", "fwupd-04",      "fwupd-05",
};

static void
set_version (FuDevice *device, FuContext *ctx)
{
  const char *text = fu_context_get_hwid_value (ctx, FU_HWIDS_KEY_BIOS_VERSION);
  const char *major = fu_context_get_hwid_value (ctx, FU_HWIDS_KEY_BIOS_MAJOR_RELEASE);
  const char *minor = fu_context_get_hwid_value (ctx, FU_HWIDS_KEY_BIOS_MINOR_RELEASE);
  g_autofree char *version = text != NULL ? qfu_bios_version (text) : NULL;

  if (version == NULL)
    version = qfu_bios_release (major, minor);
  if (version == NULL)
    return;
  fu_device_set_version_format (device, fu_version_guess_format (version));
  fu_device_set_version (device, version);
}

static void
add_instance_ids (FuDevice *device, FuContext *ctx)
{
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (hardware_ids); i++) {
    g_autofree char *values = fu_context_get_hwid_replace_value (ctx, hardware_ids[i], NULL);

    if (values != NULL)
      fu_device_add_instance_id (device, values);
  }
  fu_device_add_instance_str (device, "VENDOR",
                              fu_context_get_hwid_value (ctx, FU_HWIDS_KEY_MANUFACTURER));
  fu_device_add_instance_str (device, "PRODUCT",
                              fu_context_get_hwid_value (ctx, FU_HWIDS_KEY_PRODUCT_NAME));
  if (!fu_device_build_instance_id (device, &error, "COREBOOT", "VENDOR", "PRODUCT", NULL))
    g_debug ("no instance id by vendor and product: %s", error->message);
}

FuDevice *
fu_qubes_coreboot_device_new (FuContext *ctx)
{
  FuDevice *device = g_object_new (FU_TYPE_QUBES_COREBOOT_DEVICE, "context", ctx, NULL);
  const char *product = fu_context_get_hwid_value (ctx, FU_HWIDS_KEY_PRODUCT_NAME);
  const char *vendor = fu_context_get_hwid_value (ctx, FU_HWIDS_KEY_MANUFACTURER);

  fu_device_set_name (device, product != NULL ? product : "System firmware");
  if (vendor != NULL)
    fu_device_set_vendor (device, vendor);
  fu_device_build_vendor_id (device, "DMI",
                             fu_context_get_hwid_value (ctx, FU_HWIDS_KEY_BIOS_VENDOR));
  add_instance_ids (device, ctx);
  set_version (device, ctx);
  return device;
}

/* fwupd's progress, and how many of its steps are done: one for each stage but the last, which is
 * no step, as it undoes the others. */
typedef struct {
  FuProgress *progress;
  guint done;
} Steps;

static void
on_step (gpointer user, QfuRewriteStage stage, guint64 done, guint64 total)
{
  Steps *steps = user;

  if (stage == QFU_REWRITE_RESTORE)
    return;
  for (; steps->done < (guint)stage; steps->done++)
    fu_progress_step_done (steps->progress);
  fu_progress_set_percentage_full (fu_progress_get_child (steps->progress), done, total);
}

static QfuUntrustedBlob *
copy_firmware (FuFirmware *firmware, GError **error)
{
  g_autoptr (GBytes) bytes = fu_firmware_get_bytes (firmware, error);
  g_autoptr (QfuBlobBuilder) builder =
      bytes == NULL ? NULL : qfu_blob_builder_new (QFU_ROM_SIZE_MAX, error);

  if (builder == NULL || !qfu_blob_builder_append (builder, g_bytes_get_data (bytes, NULL),
                                                   g_bytes_get_size (bytes), error))
    return NULL;
  return qfu_blob_builder_finish (g_steal_pointer (&builder), error);
}

static gboolean
fu_qubes_coreboot_device_write_firmware (FuDevice *device,
                                         FuFirmware *firmware,
                                         FuProgress *progress,
                                         FwupdInstallFlags flags,
                                         GError **error)
{
  Steps steps = {progress, 0};
  QfuRewriteProgress on_progress = {on_step, &steps};
  g_autoptr (GError) problem = NULL;
  g_autoptr (QfuConfig) config = qfu_config_load (&problem);
  g_autoptr (QfuUntrustedBlob) image = config == NULL ? NULL : copy_firmware (firmware, &problem);

  fu_progress_set_id (progress, G_STRLOC);
  fu_progress_add_step (progress, FWUPD_STATUS_DEVICE_READ, 20, NULL);
  fu_progress_add_step (progress, FWUPD_STATUS_DEVICE_WRITE, 60, NULL);
  fu_progress_add_step (progress, FWUPD_STATUS_DEVICE_VERIFY, 20, NULL);
  if (image == NULL ||
      !qfu_reflash (config, fu_device_get_id (device), image, &on_progress, NULL, &problem)) {
    fu_qubes_coreboot_set_error (error, problem);
    fu_qubes_coreboot_follow_journal (device);
    return FALSE;
  }
  /* of what was there before: fwupd would store them as the new firmware's */
  g_ptr_array_set_size (fu_device_get_checksums (device), 0);
  fu_progress_finished (progress);
  return TRUE;
}

/* The version of a machine whose SMBIOS has none: the chip is read for it, whenever fwupd starts.
 */
static void
set_version_from_chip (FuDevice *device, const QfuConfig *config)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRom) rom = fu_qubes_coreboot_read_chip_rom (config, NULL, &error);
  g_autofree char *version = rom == NULL ? NULL : qfu_board_version (rom);

  if (version != NULL) {
    fu_device_set_version_format (device, fu_version_guess_format (version));
    fu_device_set_version (device, version);
  } else {
    g_warning ("neither SMBIOS nor the chip says which firmware this is: %s",
               error != NULL ? error->message : "its image has no version");
  }
}

static gboolean
fu_qubes_coreboot_device_setup (FuDevice *device, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (QfuConfig) config = qfu_config_load (&problem);

  if (config == NULL) {
    fu_qubes_coreboot_set_error (error, problem);
    return FALSE;
  }
  fu_device_add_flag (device, config->cold_boot ? FWUPD_DEVICE_FLAG_NEEDS_SHUTDOWN
                                                : FWUPD_DEVICE_FLAG_NEEDS_REBOOT);
  if (fu_device_get_version (device) == NULL)
    set_version_from_chip (device, config);
  if (config->minimum_version[0] != '\0')
    fu_device_set_version_lowest (device, config->minimum_version);
  fu_qubes_coreboot_follow_journal (device);
  return TRUE;
}

static void
fu_qubes_coreboot_device_set_progress (FuDevice *device, FuProgress *progress)
{
  fu_progress_set_id (progress, G_STRLOC);
  fu_progress_add_step (progress, FWUPD_STATUS_DECOMPRESSING, 0, "prepare-fw");
  fu_progress_add_step (progress, FWUPD_STATUS_DEVICE_RESTART, 0, "detach");
  fu_progress_add_step (progress, FWUPD_STATUS_DEVICE_WRITE, 100, "write");
  fu_progress_add_step (progress, FWUPD_STATUS_DEVICE_RESTART, 0, "attach");
  fu_progress_add_step (progress, FWUPD_STATUS_DEVICE_BUSY, 0, "reload");
}

static void
fu_qubes_coreboot_device_init (FuQubesCorebootDevice *self)
{
  FuDevice *device = FU_DEVICE (self);

  fu_device_set_physical_id (device, "qubes-coreboot");
  fu_device_set_summary (device, "coreboot in the flash chip of this machine");
  fu_device_add_icon (device, FU_DEVICE_ICON_COMPUTER);
  fu_device_add_protocol (device, "org.flashrom");
  fu_device_add_flag (device, FWUPD_DEVICE_FLAG_INTERNAL);
  fu_device_add_flag (device, FWUPD_DEVICE_FLAG_UPDATABLE);
  fu_device_add_flag (device, FWUPD_DEVICE_FLAG_REQUIRE_AC);
  fu_device_add_flag (device, FWUPD_DEVICE_FLAG_CAN_VERIFY);
  fu_device_add_flag (device, FWUPD_DEVICE_FLAG_CAN_VERIFY_IMAGE);
  fu_device_add_private_flag (device, FU_DEVICE_PRIVATE_FLAG_HOST_FIRMWARE);
  /* whether coreboot itself checks the image's signature, and how versions compare, is the vendor's
   * to say */
  fu_device_add_private_flag (device, FU_DEVICE_PRIVATE_FLAG_MD_SET_SIGNED);
  fu_device_add_private_flag (device, FU_DEVICE_PRIVATE_FLAG_MD_SET_VERFMT);
}

static void
fu_qubes_coreboot_device_class_init (FuQubesCorebootDeviceClass *klass)
{
  FuDeviceClass *device_class = FU_DEVICE_CLASS (klass);

  device_class->write_firmware = fu_qubes_coreboot_device_write_firmware;
  device_class->dump_firmware = fu_qubes_coreboot_dump_firmware;
  device_class->read_firmware = fu_qubes_coreboot_read_firmware;
  device_class->prepare_firmware = fu_qubes_coreboot_prepare_firmware;
  device_class->report_metadata_pre = fu_qubes_coreboot_report_metadata_pre;
  device_class->report_metadata_post = fu_qubes_coreboot_report_metadata_post;
  device_class->get_results = fu_qubes_coreboot_get_results;
  device_class->setup = fu_qubes_coreboot_device_setup;
  device_class->set_progress = fu_qubes_coreboot_device_set_progress;
}
