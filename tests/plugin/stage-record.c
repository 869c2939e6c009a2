/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* usage: stage-record DEVICE-ID CHIP IMAGE
 *
 * Leaves the pending record that `qubes-fwupdmgr update` leaves, without a forecast: to put IMAGE
 * on the chip whose contents are in the file CHIP. QFU_CONFIG says where. */

#include "qfu-error.h"
#include "qfu-layout.h"
#include "qfu-refstore.h"

static QfuComposed *
compose (const QfuConfig *config,
         const QfuUntrustedBlob *chip,
         const QfuUntrustedBlob *image,
         GError **error)
{
  g_autoptr (QfuLayout) layout = qfu_layout_load (config, config->layout, error);
  g_autoptr (QfuRom) old_rom = layout == NULL ? NULL : qfu_rom_read (config, chip, error);
  g_autoptr (QfuRom) new_rom = old_rom == NULL ? NULL : qfu_rom_read (config, image, error);

  if (new_rom == NULL)
    return NULL;
  return qfu_layout_compose (layout, chip, old_rom, image, new_rom, error);
}

static QfuRefRecord *
make_record (const QfuConfig *config, char **argv, GError **error)
{
  g_autoptr (QfuUntrustedBlob) chip =
      qfu_untrusted_blob_load (argv[2], QFU_ROM_SIZE_MAX, FALSE, error);
  g_autoptr (QfuUntrustedBlob) image =
      chip == NULL ? NULL : qfu_untrusted_blob_load (argv[3], QFU_ROM_SIZE_MAX, FALSE, error);
  g_autoptr (QfuComposed) composed = image == NULL ? NULL : compose (config, chip, image, error);
  g_autofree char *boot_id = composed == NULL ? NULL : qfu_config_boot_id (config, error);
  QfuRefRecord *record;

  if (boot_id == NULL)
    return NULL;
  record = qfu_ref_record_new ();
  g_free (record->boot_id);
  record->boot_id = g_steal_pointer (&boot_id);
  g_free (record->device_id);
  record->device_id = g_strdup (argv[1]);
  record->old_chip = *qfu_untrusted_blob_sha256 (chip);
  record->image = *qfu_untrusted_blob_sha256 (composed->image);
  record->payload = *qfu_untrusted_blob_sha256 (image);
  record->cab = *qfu_untrusted_blob_sha256 (image);
  return record;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuConfig) config = argc == 4 ? qfu_config_load (&error) : NULL;
  g_autoptr (QfuRefRecord) record = config == NULL ? NULL : make_record (config, argv, &error);
  g_autoptr (QfuRefStore) store = record == NULL ? NULL : qfu_refstore_open (config, TRUE, &error);
  guint id;

  if (store != NULL && qfu_refstore_stage (store, g_steal_pointer (&record), &id, &error))
    return 0;
  g_printerr ("%s\n", error == NULL ? "usage: stage-record DEVICE-ID CHIP IMAGE" : error->message);
  return 1;
}
