/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-rom.h"

#include "qfu-descriptor.h"
#include "qfu-error.h"
#include "qfu-rommap.h"
#include "qfu-vboot.h"
#include "qfu-worker.h"

#include <string.h>

#define MAIN_REGION "COREBOOT"

struct _QfuRomReader {
  QfuProcess *process;
  QfuUntrustedBlob *image;
  gboolean described; /* the image has a flash descriptor */
  QfuIfd descriptor;
};

static void
clear_region (gpointer element)
{
  g_free (((QfuRomRegion *)element)->name);
}

static void
clear_file (gpointer element)
{
  g_free (((QfuRomFile *)element)->name);
}

static QfuRom *
rom_new (guint64 size)
{
  QfuRom *rom = g_new0 (QfuRom, 1);

  rom->size = size;
  rom->regions = g_array_new (FALSE, TRUE, sizeof (QfuRomRegion));
  g_array_set_clear_func (rom->regions, clear_region);
  rom->files = g_array_new (FALSE, TRUE, sizeof (QfuRomFile));
  g_array_set_clear_func (rom->files, clear_file);
  rom->unused = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  rom->hwid_region = -1;
  rom->vblocks = g_array_new (FALSE, TRUE, sizeof (QfuRomVblock));
  rom->volumes = g_array_new (FALSE, TRUE, sizeof (QfuRomVolume));
  rom->settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return rom;
}

void
qfu_rom_free (QfuRom *rom)
{
  if (rom == NULL)
    return;
  g_array_unref (rom->regions);
  g_array_unref (rom->files);
  g_array_unref (rom->unused);
  g_array_unref (rom->vblocks);
  g_array_unref (rom->volumes);
  g_hash_table_unref (rom->settings);
  g_free (rom);
}

static gboolean
take_file (QfuRom *rom, const QfuMessage *message, GError **error)
{
  QfuRomFile file = {0};
  const QfuRomRegion *region;
  guint64 untrusted_kind;

  if (!qfu_rommap_take_index (rom, message, &file.region, error))
    return FALSE;
  region = &g_array_index (rom->regions, QfuRomRegion, file.region);
  if (!qfu_rommap_take_range (message, region->offset, region->size, &file.offset, &file.size,
                              error) ||
      !qfu_message_number (message, QFU_FIELD_KIND, 0, G_MAXUINT32, &untrusted_kind, error))
    return FALSE;
  if (rom->files->len >= QFU_ROM_FILES_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "the image has too many files");
    return FALSE;
  }
  file.kind = (guint)untrusted_kind;
  file.load_address = qfu_message_number_or (message, QFU_FIELD_LOAD_ADDRESS, 0, G_MAXUINT64, 0);
  file.name = g_strdup (qfu_message_text (message, QFU_FIELD_NAME, 0));
  g_array_append_val (rom->files, file);
  return TRUE;
}

static char *
setting_key (const QfuRom *rom, guint region, const char *name)
{
  const char *where = g_array_index (rom->regions, QfuRomRegion, region).name;

  return strcmp (where, MAIN_REGION) == 0 ? g_strdup (name)
                                          : g_strdup_printf ("%s:%s", where, name);
}

static gboolean
take_setting (QfuRom *rom, const QfuMessage *message, GError **error)
{
  const char *untrusted_name = qfu_message_text (message, QFU_FIELD_NAME, 0);
  guint region;

  if (!qfu_rommap_take_index (rom, message, &region, error))
    return FALSE;
  if ((!g_str_has_prefix (untrusted_name, "CONFIG_") &&
       !g_str_has_prefix (untrusted_name, "BUILD_")) ||
      g_hash_table_size (rom->settings) >= QFU_ROM_SETTINGS_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT,
                         "the image has too many settings, or one of another kind");
    return FALSE;
  }
  g_hash_table_insert (rom->settings, setting_key (rom, region, untrusted_name),
                       g_strdup (qfu_message_text (message, QFU_FIELD_VALUE, 0)));
  return TRUE;
}

static gboolean
false_claim (const char *what, GError **error)
{
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
               "the worker for rom sends %s that the image does not hold", what);
  return FALSE;
}

static gboolean
take_hwid (QfuRom *rom, const QfuUntrustedBlob *image, const QfuMessage *message, GError **error)
{
  const QfuRomRegion *region;
  const guint8 *untrusted_hwid;
  gsize size;
  guint index;

  if (!qfu_rommap_take_index (rom, message, &index, error))
    return FALSE;
  region = &g_array_index (rom->regions, QfuRomRegion, index);
  untrusted_hwid = qfu_message_bytes (message, QFU_FIELD_HWID, 0, &size);
  if (rom->hwid_region >= 0 || size != QFU_HWID_SIZE ||
      !qfu_vboot_holds_hwid (image, region, untrusted_hwid))
    return false_claim ("a hardware id", error);
  memcpy (rom->hwid, untrusted_hwid, QFU_HWID_SIZE);
  rom->hwid_region = (int)index;
  return TRUE;
}

static gboolean
take_vblock (QfuRom *rom, const QfuUntrustedBlob *image, const QfuMessage *message, GError **error)
{
  QfuRomVblock block = {0};
  const QfuRomRegion *region;
  guint64 untrusted_size;
  guint64 untrusted_flags;
  guint64 untrusted_key;
  guint64 untrusted_firmware;

  if (!qfu_rommap_take_index (rom, message, &block.region, error))
    return FALSE;
  region = &g_array_index (rom->regions, QfuRomRegion, block.region);
  if (!qfu_message_number (message, QFU_FIELD_SIZE, 1, region->size, &untrusted_size, error) ||
      !qfu_message_number (message, QFU_FIELD_FLAGS, 0, G_MAXUINT32, &untrusted_flags, error) ||
      !qfu_message_number (message, QFU_FIELD_KEY_VERSION, 0, G_MAXUINT16, &untrusted_key, error) ||
      !qfu_message_number (message, QFU_FIELD_FIRMWARE_VERSION, 0, G_MAXUINT16, &untrusted_firmware,
                           error))
    return FALSE;
  block.keyblock = (guint)untrusted_size;
  block.flags = (guint)untrusted_flags;
  block.key_version = (guint)untrusted_key;
  block.firmware_version = (guint)untrusted_firmware;
  if (qfu_rom_vblock (rom, region->name) != NULL || !qfu_vboot_holds_block (image, region, &block))
    return false_claim ("a keyblock", error);
  g_array_append_val (rom->vblocks, block);
  return TRUE;
}

static gboolean
take_volume (QfuRom *rom, const QfuMessage *message, GError **error)
{
  QfuRomVolume volume;

  if (!qfu_rommap_take_range (message, 0, rom->size, &volume.offset, &volume.size, error))
    return FALSE;
  if (rom->volumes->len >= QFU_ROM_VOLUMES_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "the image has too many volumes");
    return FALSE;
  }
  g_array_append_val (rom->volumes, volume);
  return TRUE;
}

static gboolean
take_descriptor (QfuRomReader *reader, const QfuRom *rom, const QfuMessage *message, GError **error)
{
  if (reader->described || rom->regions->len > 0) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "the worker for rom sends a flash descriptor too much or too late");
    return FALSE;
  }
  reader->described = TRUE;
  return qfu_descriptor_take (message, reader->image, &reader->descriptor, error);
}

static gboolean
take (QfuRomReader *reader, QfuRom *rom, const QfuMessage *message, GError **error)
{
  const QfuUntrustedBlob *image = reader->image;
  QfuFrameType type = qfu_message_type (message);

  if (type == QFU_FRAME_DESCRIPTOR)
    return take_descriptor (reader, rom, message, error);
  if (type == QFU_FRAME_REGION)
    return qfu_rommap_take_region (rom, message, error);
  if (type == QFU_FRAME_UNUSED)
    return qfu_rommap_take_unused (rom, image, message, error);
  if (type == QFU_FRAME_FILE)
    return take_file (rom, message, error);
  if (type == QFU_FRAME_SETTING)
    return take_setting (rom, message, error);
  if (type == QFU_FRAME_HWID)
    return take_hwid (rom, image, message, error);
  if (type == QFU_FRAME_VBLOCK)
    return take_vblock (rom, image, message, error);
  if (type == QFU_FRAME_VOLUME)
    return take_volume (rom, message, error);
  g_set_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL, "the worker for rom sends %s",
               qfu_message_name (message));
  return FALSE;
}

QfuRomReader *
qfu_rom_start (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuRomReader) reader = g_new0 (QfuRomReader, 1);

  if (qfu_untrusted_blob_size (image) > QFU_ROM_SIZE_MAX) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_LIMIT, "the image is larger than any chip");
    return NULL;
  }
  reader->image = qfu_untrusted_blob_ref (image);
  reader->process = qfu_worker_start (config, QFU_OP_ROM, NULL, &image, 1, error);
  return reader->process != NULL ? g_steal_pointer (&reader) : NULL;
}

void
qfu_rom_reader_free (QfuRomReader *reader)
{
  if (reader == NULL)
    return;
  qfu_process_free (reader->process);
  qfu_untrusted_blob_free (reader->image);
  g_free (reader);
}

QfuRom *
qfu_rom_finish (QfuRomReader *reader, GError **error)
{
  g_autoptr (QfuRom) rom = rom_new (qfu_untrusted_blob_size (reader->image));

  for (;;) {
    g_autoptr (QfuMessage) message = NULL;

    if (!qfu_process_next (reader->process, &message, error))
      return NULL;
    if (message == NULL)
      break;
    if (!take (reader, rom, message, error))
      return NULL;
  }
  if (!qfu_rommap_finish (rom, reader->image, reader->described ? &reader->descriptor : NULL,
                          error))
    return NULL;
  return g_steal_pointer (&rom);
}

QfuRom *
qfu_rom_read (const QfuConfig *config, const QfuUntrustedBlob *image, GError **error)
{
  g_autoptr (QfuRomReader) reader = qfu_rom_start (config, image, error);

  return reader != NULL ? qfu_rom_finish (reader, error) : NULL;
}

const QfuRomRegion *
qfu_rom_region (const QfuRom *rom, const char *name)
{
  for (guint i = 0; i < rom->regions->len; i++) {
    const QfuRomRegion *region = &g_array_index (rom->regions, QfuRomRegion, i);

    if (strcmp (region->name, name) == 0)
      return region;
  }
  return NULL;
}

const QfuRomRegion *
qfu_rom_region_at (const QfuRom *rom, guint i)
{
  return &g_array_index (rom->regions, QfuRomRegion, i);
}

const QfuRomFile *
qfu_rom_file (const QfuRom *rom, guint region, const char *name)
{
  for (guint i = 0; i < rom->files->len; i++) {
    const QfuRomFile *file = &g_array_index (rom->files, QfuRomFile, i);

    if (file->region == region && strcmp (file->name, name) == 0)
      return file;
  }
  return NULL;
}

const char *
qfu_rom_setting (const QfuRom *rom, const char *name)
{
  return g_hash_table_lookup (rom->settings, name);
}

const char *
qfu_rom_region_setting (const QfuRom *rom, guint region, const char *name)
{
  g_autofree char *key = setting_key (rom, region, name);

  return g_hash_table_lookup (rom->settings, key);
}

const QfuRomVblock *
qfu_rom_vblock (const QfuRom *rom, const char *name)
{
  for (guint i = 0; i < rom->vblocks->len; i++) {
    const QfuRomVblock *block = &g_array_index (rom->vblocks, QfuRomVblock, i);

    if (strcmp (g_array_index (rom->regions, QfuRomRegion, block->region).name, name) == 0)
      return block;
  }
  return NULL;
}
