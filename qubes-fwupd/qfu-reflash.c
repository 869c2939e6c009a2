/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-reflash.h"

#include "qfu-chipread.h"
#include "qfu-build.h"
#include "qfu-clock.h"
#include "qfu-error.h"
#include "qfu-flashjournal.h"
#include "qfu-images.h"
#include "qfu-range.h"
#include "qfu-refstore.h"
#include "qfu-text.h"

QfuRom *
qfu_reflash_read_rom (const QfuConfig *config,
                      const QfuUntrustedBlob *image,
                      const char *what,
                      GError **error)
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
  old_rom = qfu_reflash_read_rom (config, old_chip, "what the chip holds", error);
  if (old_rom == NULL)
    return NULL;
  new_rom = qfu_reflash_read_rom (config, image, "the image to install", error);
  if (new_rom == NULL)
    return NULL;
  return qfu_layout_compose (layout, old_chip, old_rom, image, new_rom, error);
}

static void
replace (char **member, char *value)
{
  g_free (*member);
  *member = value;
}

/* A write at work. */
typedef struct {
  const QfuConfig *config;
  const char *device_id;
  const QfuRewriteProgress *progress;
  QfuReflashReport *report;
  QfuFlash *flash;
  QfuUntrustedBlob *old_chip;
  QfuComposed *composed;
  QfuFlashEntry *entry;
} Reflash;

static void
reflash_clear (Reflash *reflash)
{
  qfu_flash_entry_free (reflash->entry);
  qfu_composed_free (reflash->composed);
  g_clear_pointer (&reflash->old_chip, qfu_untrusted_blob_free);
  qfu_flash_free (reflash->flash);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reflash, reflash_clear)

/* Nothing may be built on a chip whose contents are in doubt. */
static gboolean
check_finished (const QfuConfig *config, GError **error)
{
  g_autoptr (QfuFlashEntry) entry = NULL;

  if (!qfu_flashjournal_unfinished (config, &entry, error))
    return FALSE;
  if (entry == NULL)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_REFUSED,
               "an earlier write of the chip (number %u) is unfinished: run `qubes-fwupdmgr "
               "recover` first",
               entry->id);
  return FALSE;
}

static void
on_read (gpointer user, guint64 done, guint64 total)
{
  const QfuRewriteProgress *progress = user;

  progress->step (progress->user, QFU_REWRITE_READ, done, total);
}

static QfuUntrustedBlob *
read_chip (const Reflash *reflash, GError **error)
{
  QfuFlashProgress steps = {on_read, (gpointer)reflash->progress};

  return qfu_chip_read (reflash->config, reflash->flash, NULL,
                        reflash->progress != NULL ? &steps : NULL, error);
}

/* Reads the chip and finds out what it shall hold. */
static gboolean
prepare (Reflash *reflash, const QfuUntrustedBlob *image, GError **error)
{
  const QfuConfig *config = reflash->config;

  reflash->flash = qfu_flash_open (config, error);
  if (reflash->flash == NULL || !check_finished (config, error))
    return FALSE;
  reflash->old_chip = read_chip (reflash, error);
  if (reflash->old_chip == NULL)
    return FALSE;
  reflash->report->old_image = *qfu_untrusted_blob_sha256 (reflash->old_chip);
  reflash->composed = compose (config, reflash->old_chip, image, error);
  if (reflash->composed == NULL)
    return FALSE;
  reflash->report->new_image = *qfu_untrusted_blob_sha256 (reflash->composed->image);
  return qfu_flash_check_writable (reflash->flash, reflash->composed->changed, error);
}

/* The chip is not what the record is about: somebody changed it, or it reads badly. In the latter
 * case it says so in @error. */
static gboolean
reads_the_same (const Reflash *reflash, GError **error)
{
  g_autoptr (QfuUntrustedBlob) again = qfu_rewrite_read_anew (
      reflash->flash, reflash->composed->unread, QFU_REWRITE_READ, reflash->progress, error);
  g_autoptr (GArray) blocks = NULL;

  if (again == NULL)
    return FALSE;
  if (qfu_untrusted_blob_size (again) != qfu_untrusted_blob_size (reflash->old_chip)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_IO, "another chip answers each time");
    return FALSE;
  }
  blocks = qfu_ranges_diff (again, reflash->old_chip, QFU_ERASE_BLOCK);
  if (blocks->len == 0)
    return TRUE;
  g_set_error (error, QFU_ERROR, QFU_ERROR_IO,
               "the flash chip reads differently each time, in %" G_GUINT64_FORMAT
               " blocks of %d bytes, the first at %#" G_GINT64_MODIFIER
               "x: look after its connection, or whether something else uses it",
               qfu_ranges_length (blocks) / QFU_ERASE_BLOCK, QFU_ERASE_BLOCK,
               g_array_index (blocks, QfuRange, 0).offset);
  return FALSE;
}

/* Whether there is a pending record of exactly this write. */
static gboolean
check_record (Reflash *reflash, QfuRefStore *store, QfuRefBinding *binding, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint record;

  binding->device_id = reflash->device_id;
  binding->old_chip = &reflash->report->old_image;
  binding->image = &reflash->report->new_image;
  if (!qfu_clock_now (reflash->config, &binding->now, error))
    return FALSE;
  if (qfu_refstore_fits (store, binding, &record, &local)) {
    reflash->report->record = record;
    return TRUE;
  }
  if (g_error_matches (local, QFU_ERROR, QFU_ERROR_STALE) && !reads_the_same (reflash, error))
    return FALSE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static QfuStep *
copy_step (const QfuStep *step)
{
  return qfu_step_new (qfu_text_clean (step->name), g_array_copy (step->ranges), step->window);
}

static QfuFlashEntry *
make_entry (const Reflash *reflash, const char *boot_id)
{
  const QfuComposed *composed = reflash->composed;
  QfuFlashEntry *entry = qfu_flash_entry_new ();

  entry->record = reflash->report->record;
  entry->size = qfu_untrusted_blob_size (reflash->old_chip);
  entry->old_image = reflash->report->old_image;
  entry->new_image = reflash->report->new_image;
  replace (&entry->boot_id, g_strdup (boot_id));
  replace (&entry->device_id, g_strdup (reflash->device_id));
  replace (&entry->programmer, g_strdup (reflash->config->programmer));
  for (guint i = 0; i < composed->steps->len; i++)
    g_ptr_array_add (entry->steps, copy_step (g_ptr_array_index (composed->steps, i)));
  g_array_append_vals (entry->preserved, composed->preserved->data, composed->preserved->len);
  if (composed->unread != NULL)
    g_array_append_vals (entry->unread, composed->unread->data, composed->unread->len);
  return entry;
}

/* Makes sure that whatever happens from here on can be set right: both images are on the disk, and
 * that there is a write. */
static gboolean
begin (Reflash *reflash, const char *boot_id, GError **error)
{
  if (!qfu_images_keep (reflash->config, reflash->old_chip, NULL, error) ||
      !qfu_images_keep (reflash->config, reflash->composed->image, NULL, error))
    return FALSE;
  reflash->entry = make_entry (reflash, boot_id);
  if (!qfu_flashjournal_begin (reflash->config, reflash->entry, error))
    return FALSE;
  reflash->report->entry = reflash->entry->id;
  return TRUE;
}

/* Notes what the chip holds, first in the journal: what is only there is found by a recovery. */
static gboolean
note (Reflash *reflash, QfuRefStore *store, QfuFlashState state, const char *reason, GError **error)
{
  QfuRefState record = state == QFU_FLASH_NEW ? QFU_REF_WRITTEN : QFU_REF_FAILED;

  reflash->entry->bytes_written = reflash->report->bytes_written;
  return qfu_flashjournal_move (reflash->config, reflash->entry, state, reason, error) &&
         qfu_refstore_move (store, reflash->report->record, record, reason, error);
}

/* After a failure: the chip's state is in @error already. */
static void
note_failure (Reflash *reflash, QfuRefStore *store, QfuFlashState state, GError **error)
{
  g_autoptr (GError) unnoted = NULL;

  if (!note (reflash, store, state, "writing the chip failed", &unnoted))
    g_prefix_error (error, "(the outcome could not be noted: %s; run `qubes-fwupdmgr recover`) ",
                    unnoted->message);
}

static gboolean
write_chip (Reflash *reflash, QfuRefStore *store, GError **error)
{
  QfuRewriteResult result;
  gboolean good = qfu_rewrite_chip (reflash->flash, reflash->old_chip, reflash->composed,
                                    reflash->progress, &result, error);

  reflash->report->bytes_erased = reflash->report->bytes_written = result.bytes_written;
  if (!good) {
    note_failure (reflash, store, result.state, error);
    return FALSE;
  }
  if (note (reflash, store, QFU_FLASH_NEW, "the chip was read back", error))
    return TRUE;
  g_prefix_error (error, "the chip holds the new firmware, every byte of it, but that could not be "
                         "noted (run `qubes-fwupdmgr recover`): ");
  return FALSE;
}

/* Uses the record up. When that fails nothing was written yet. */
static gboolean
consume (Reflash *reflash, QfuRefStore *store, const QfuRefBinding *binding, GError **error)
{
  g_autoptr (GError) unnoted = NULL;
  guint record;

  if (qfu_refstore_consume (store, binding, &record, error))
    return TRUE;
  if (!qfu_flashjournal_move (reflash->config, reflash->entry, QFU_FLASH_OLD,
                              "given up before the first erase", &unnoted))
    g_prefix_error (error, "(that could not be noted: %s; run `qubes-fwupdmgr recover`) ",
                    unnoted->message);
  return FALSE;
}

/* Everything before the first erase. */
static QfuRefStore *
begin_all (Reflash *reflash, const QfuUntrustedBlob *image, GError **error)
{
  g_autofree char *boot_id = qfu_config_boot_id (reflash->config, error);
  QfuRefBinding binding = {.boot_id = boot_id};
  g_autoptr (QfuRefStore) store = NULL;

  if (boot_id == NULL || !prepare (reflash, image, error))
    return NULL;
  store = qfu_refstore_open (reflash->config, TRUE, error);
  if (store == NULL || !check_record (reflash, store, &binding, error) ||
      !begin (reflash, boot_id, error) || !consume (reflash, store, &binding, error))
    return NULL;
  return g_steal_pointer (&store);
}

gboolean
qfu_reflash (const QfuConfig *config,
             const char *device_id,
             const QfuUntrustedBlob *image,
             const QfuRewriteProgress *progress,
             QfuReflashReport *report,
             GError **error)
{
  QfuReflashReport unwanted;
  g_auto (Reflash) reflash = {.config = config,
                              .device_id = device_id,
                              .progress = progress,
                              .report = report != NULL ? report : &unwanted};
  g_autoptr (QfuRefStore) store = NULL;
  g_autoptr (GError) unpruned = NULL;

  *reflash.report = (QfuReflashReport){0};
  store = begin_all (&reflash, image, error);
  if (store == NULL) {
    g_prefix_error (error, "nothing was written to the chip: ");
    return FALSE;
  }
  if (!write_chip (&reflash, store, error))
    return FALSE;
  if (!qfu_flashjournal_prune (config, &unpruned))
    g_warning ("%s", unpruned->message);
  return TRUE;
}
