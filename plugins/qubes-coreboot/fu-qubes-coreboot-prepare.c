/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fu-qubes-coreboot-prepare.h"

#include "fu-qubes-coreboot-error.h"
#include "fu-qubes-coreboot-read.h"

#include "qfu-board.h"
#include "qfu-reflash.h"

static gboolean
check_board (FuDevice *device, GBytes *bytes, FuProgress *progress, GError **error)
{
  FuContext *ctx = fu_device_get_context (device);
  const QfuBoard machine = {
      .manufacturer = fu_context_get_hwid_value (ctx, FU_HWIDS_KEY_MANUFACTURER),
      .product = fu_context_get_hwid_value (ctx, FU_HWIDS_KEY_PRODUCT_NAME),
  };
  g_autoptr (QfuConfig) config = qfu_config_load (error);
  g_autoptr (QfuUntrustedBlob) image = NULL;
  g_autoptr (QfuRom) rom = NULL;
  g_autoptr (QfuRom) present = NULL;
  QfuBoard wanted;

  if (config != NULL)
    image = qfu_untrusted_blob_new (bytes, QFU_ROM_SIZE_MAX, error);
  if (image != NULL)
    rom = qfu_reflash_read_rom (config, image, "the image to install", error);
  if (rom == NULL)
    return FALSE;
  wanted = qfu_board_of (rom);
  if (!qfu_board_agrees (&machine, &wanted)) {
    present = fu_qubes_coreboot_read_chip_rom (config, progress, error);
    if (present == NULL)
      return FALSE;
  }
  return qfu_board_check (&machine, present, rom, error);
}

FuFirmware *
fu_qubes_coreboot_prepare_firmware (FuDevice *device,
                                    GInputStream *stream,
                                    FuProgress *progress,
                                    FuFirmwareParseFlags flags,
                                    GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GBytes) bytes = NULL;

  /* one byte more tells an image that is too large */
  bytes = fu_input_stream_read_bytes (stream, 0, QFU_ROM_SIZE_MAX + 1, NULL, error);
  if (bytes == NULL)
    return NULL;
  if (!check_board (device, bytes, progress, &problem)) {
    fu_qubes_coreboot_set_error (error, problem);
    return NULL;
  }
  return fu_firmware_new_from_bytes (bytes);
}
