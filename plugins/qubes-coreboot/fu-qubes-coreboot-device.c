/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fu-qubes-coreboot-device.h"

#include "qfu-bios.h"

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

  if (version == NULL && major != NULL && minor != NULL)
    version = g_strdup_printf ("%s.%s", major, minor);
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
  fu_device_add_flag (device, FWUPD_DEVICE_FLAG_NEEDS_REBOOT);
  fu_device_add_flag (device, FWUPD_DEVICE_FLAG_REQUIRE_AC);
  fu_device_add_private_flag (device, FU_DEVICE_PRIVATE_FLAG_HOST_FIRMWARE);
  /* whether coreboot itself checks the image's signature, and how versions compare, is the vendor's
   * to say */
  fu_device_add_private_flag (device, FU_DEVICE_PRIVATE_FLAG_MD_SET_SIGNED);
  fu_device_add_private_flag (device, FU_DEVICE_PRIVATE_FLAG_MD_SET_VERFMT);
}

static void
fu_qubes_coreboot_device_class_init (FuQubesCorebootDeviceClass *klass)
{
}
