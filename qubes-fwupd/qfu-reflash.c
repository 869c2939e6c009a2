/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-reflash.h"

#include "qfu-build.h"
#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-refstore.h"

static QfuRom *
read_rom (const QfuConfig *config, const QfuUntrustedBlob *image, const char *what, GError **error)
{
  QfuRom *rom = qfu_rom_read (config, image, error);

  if (rom != NULL)
    return rom;
  g_prefix_error (error, "%s: ", what);
  if (error != NULL && g_error_matches (*error, QFU_ERROR, QFU_ERROR_SANDBOX)) {
    g_autofree char *before = (*error)->message;

    (*error)->message =
        g_strdup_printf ("%s (inside fwupd.service a worker needs %s)", before, QFU_FWUPD_DROPIN);
  }
  return NULL;
}

static QfuComposed *
compose (const QfuConfig *config,
         const QfuUntrustedBlob *old_chip,
         const QfuUntrustedBlob *image,
         GError **error)
{
  g_autoptr (QfuLayout) layout = qfu_layout_load (config, config->layout, error);
  g_autoptr (QfuRom) old_rom = NULL;
  g_autoptr (QfuRom) new_rom = NULL;

  if (layout == NULL)
    return NULL;
  old_rom = read_rom (config, old_chip, "what the chip holds", error);
  if (old_rom == NULL)
    return NULL;
  new_rom = read_rom (config, image, "the image to install", error);
  if (new_rom == NULL)
    return NULL;
  return qfu_layout_compose (layout, old_chip, old_rom, image, new_rom, error);
}

static gboolean
consume_record (QfuRefStore *store,
                const QfuConfig *config,
                const char *device_id,
                const QfuUntrustedBlob *old_chip,
                const QfuComposed *composed,
                guint *record,
                GError **error)
{
  g_autofree char *boot_id = qfu_config_boot_id (config, error);
  QfuRefBinding binding = {
      .boot_id = boot_id,
      .device_id = device_id,
      .old_chip = qfu_untrusted_blob_sha256 (old_chip),
      .image = qfu_untrusted_blob_sha256 (composed->image),
  };

  return boot_id != NULL && qfu_clock_now (config, &binding.now, error) &&
         qfu_refstore_consume (store, &binding, record, error);
}

/* Everything before the first erase. */
static QfuComposed *
prepare (QfuFlash *flash,
         const QfuConfig *config,
         const QfuUntrustedBlob *image,
         const QfuRewriteProgress *progress,
         QfuUntrustedBlob **old_chip,
         GError **error)
{
  g_autoptr (QfuComposed) composed = NULL;

  *old_chip = qfu_rewrite_read (flash, QFU_REWRITE_READ, progress, error);
  if (*old_chip == NULL)
    return NULL;
  composed = compose (config, *old_chip, image, error);
  if (composed == NULL || !qfu_flash_check_writable (flash, composed->changed, error))
    return NULL;
  return g_steal_pointer (&composed);
}

gboolean
qfu_reflash (const QfuConfig *config,
             const char *device_id,
             const QfuUntrustedBlob *image,
             const QfuRewriteProgress *progress,
             GError **error)
{
  g_autoptr (QfuFlash) flash = qfu_flash_open (config, error);
  g_autoptr (QfuUntrustedBlob) old_chip = NULL;
  g_autoptr (QfuComposed) composed = NULL;
  g_autoptr (QfuRefStore) store = NULL;
  g_autoptr (GError) unnoted = NULL;
  guint record;

  if (flash != NULL)
    composed = prepare (flash, config, image, progress, &old_chip, error);
  if (composed != NULL)
    store = qfu_refstore_open (config, TRUE, error);
  if (store == NULL) {
    g_prefix_error (error, "nothing was written to the chip: ");
    return FALSE;
  }
  if (!consume_record (store, config, device_id, old_chip, composed, &record, error))
    return FALSE;
  if (!qfu_rewrite_chip (flash, old_chip, composed, progress, error)) {
    if (!qfu_refstore_move (store, record, QFU_REF_FAILED, "writing the chip failed", &unnoted))
      g_warning ("record %u: %s", record, unnoted->message);
    return FALSE;
  }
  if (qfu_refstore_move (store, record, QFU_REF_WRITTEN, "the chip was read back", error))
    return TRUE;
  g_prefix_error (error, "the chip holds the new firmware, but that could not be noted: ");
  return FALSE;
}
