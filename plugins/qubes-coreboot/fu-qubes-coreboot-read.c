/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fu-qubes-coreboot-read.h"

#include "fu-qubes-coreboot-error.h"

#include "qfu-aftermath.h"
#include "qfu-chipread.h"
#include "qfu-portion.h"
#include "qfu-reflash.h"

static void
on_step (gpointer user, guint64 done, guint64 total)
{
  if (user != NULL)
    fu_progress_set_percentage_full (user, done, total);
}

QfuUntrustedBlob *
fu_qubes_coreboot_read_chip (const QfuConfig *config, FuProgress *progress, GError **error)
{
  QfuFlashProgress on_progress = {on_step, progress};
  g_autoptr (QfuFlash) flash = qfu_flash_open (config, error);

  return flash == NULL ? NULL : qfu_chip_read (config, flash, NULL, &on_progress, error);
}

QfuRom *
fu_qubes_coreboot_read_chip_rom (const QfuConfig *config, FuProgress *progress, GError **error)
{
  g_autoptr (QfuUntrustedBlob) chip = fu_qubes_coreboot_read_chip (config, progress, error);

  return chip == NULL ? NULL : qfu_reflash_read_rom (config, chip, "what the chip holds", error);
}

/* The bytes go to fwupd as they are: it hashes them, or writes them into a file. */
static GBytes *
blob_bytes (const QfuUntrustedBlob *blob, GError **error)
{
  g_autoptr (GMappedFile) map =
      g_mapped_file_new_from_fd (qfu_untrusted_blob_fd (blob), FALSE, error);

  return map == NULL ? NULL : g_mapped_file_get_bytes (map);
}

GBytes *
fu_qubes_coreboot_dump_firmware (FuDevice *device, FuProgress *progress, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (QfuConfig) config = qfu_config_load (&problem);
  g_autoptr (QfuUntrustedBlob) chip = NULL;
  GBytes *bytes = NULL;

  fu_progress_set_id (progress, G_STRLOC);
  fu_progress_set_status (progress, FWUPD_STATUS_DEVICE_READ);
  if (config != NULL)
    chip = fu_qubes_coreboot_read_chip (config, progress, &problem);
  if (chip != NULL)
    bytes = blob_bytes (chip, &problem);
  if (bytes == NULL)
    fu_qubes_coreboot_set_error (error, problem);
  return bytes;
}

/* Metadata knows the checksum of a release's image, which no chip holds byte by byte. Where the
 * chip holds the firmware of the last write, the image of that write is what it was made from. */
static void
add_release_checksum (FuDevice *device, const QfuConfig *config, const QfuUntrustedBlob *chip)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuAftermath) aftermath =
      qfu_aftermath_load (config, fu_device_get_id (device), &error);
  QfuChipHolds holds = QFU_CHIP_HOLDS_UNKNOWN;
  const QfuDigest *payload;
  g_autofree char *hex = NULL;

  if (aftermath == NULL || aftermath->record == NULL ||
      !qfu_aftermath_compare (config, aftermath, chip, &holds, &error)) {
    g_info ("the chip is not compared with a release: %s",
            error != NULL ? error->message : "no write is known");
    return;
  }
  payload = holds == QFU_CHIP_HOLDS_NEW ? &aftermath->record->payload : NULL;
  if (payload == NULL || payload->size == 0)
    return;
  hex = qfu_digest_to_hex (payload);
  fu_device_add_checksum (device, hex);
}

FuFirmware *
fu_qubes_coreboot_read_firmware (FuDevice *device, FuProgress *progress, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (QfuConfig) config = qfu_config_load (&problem);
  g_autoptr (QfuUntrustedBlob) chip = NULL;
  g_autoptr (QfuUntrustedBlob) portion = NULL;
  g_autoptr (GBytes) bytes = NULL;

  fu_progress_set_id (progress, G_STRLOC);
  fu_progress_set_status (progress, FWUPD_STATUS_DEVICE_READ);
  /* fwupd adds to them, and one that fits would be enough for it */
  g_ptr_array_set_size (fu_device_get_checksums (device), 0);
  if (config != NULL)
    chip = fu_qubes_coreboot_read_chip (config, progress, &problem);
  if (chip != NULL)
    portion = qfu_portion_read (config, chip, &problem);
  if (portion != NULL)
    bytes = blob_bytes (portion, &problem);
  if (bytes == NULL) {
    fu_qubes_coreboot_set_error (error, problem);
    return NULL;
  }
  add_release_checksum (device, config, chip);
  return fu_firmware_new_from_bytes (bytes);
}
