/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-aftermath.h"

#include "qfu-images.h"
#include "qfu-portion.h"

#include <string.h>

const char *
qfu_chip_holds_name (QfuChipHolds holds)
{
  static const char *const names[] = {"unknown", "new", "old", "other"};

  return names[holds];
}

void
qfu_aftermath_free (QfuAftermath *aftermath)
{
  if (aftermath == NULL)
    return;
  qfu_refstore_close (aftermath->store);
  g_clear_pointer (&aftermath->entries, g_ptr_array_unref);
  g_free (aftermath);
}

QfuAftermath *
qfu_aftermath_load (const QfuConfig *config, const char *device_id, GError **error)
{
  g_autoptr (QfuAftermath) aftermath = g_new0 (QfuAftermath, 1);

  aftermath->entries = qfu_flashjournal_load (config, error);
  if (aftermath->entries == NULL)
    return NULL;
  aftermath->store = qfu_refstore_open (config, FALSE, error);
  if (aftermath->store == NULL)
    return NULL;
  for (guint i = 0; i < aftermath->entries->len; i++) {
    const QfuFlashEntry *entry = g_ptr_array_index (aftermath->entries, i);

    if (strcmp (entry->device_id, device_id) == 0)
      aftermath->entry = entry;
  }
  if (aftermath->entry != NULL)
    aftermath->record = qfu_refstore_record (aftermath->store, aftermath->entry->record);
  return g_steal_pointer (&aftermath);
}

gboolean
qfu_aftermath_needs_look (const QfuAftermath *aftermath)
{
  if (aftermath->entry == NULL || aftermath->entry->state != QFU_FLASH_NEW)
    return FALSE;
  return aftermath->record == NULL || (aftermath->record->state != QFU_REF_CURRENT &&
                                       aftermath->record->state != QFU_REF_FAILED);
}

static gboolean
same_firmware (const QfuConfig *config,
               const QfuUntrustedBlob *portion,
               const QfuDigest *image,
               gboolean *same,
               GError **error)
{
  g_autoptr (QfuUntrustedBlob) kept = qfu_images_open (config, image, error);
  g_autoptr (QfuUntrustedBlob) kept_portion =
      kept == NULL ? NULL : qfu_portion_read (config, kept, error);

  if (kept_portion == NULL)
    return FALSE;
  *same = qfu_digest_equal (qfu_untrusted_blob_sha256 (portion),
                            qfu_untrusted_blob_sha256 (kept_portion));
  return TRUE;
}

gboolean
qfu_aftermath_compare (const QfuConfig *config,
                       const QfuAftermath *aftermath,
                       const QfuUntrustedBlob *chip,
                       QfuChipHolds *holds,
                       GError **error)
{
  const QfuFlashEntry *entry = aftermath->entry;
  g_autoptr (QfuUntrustedBlob) portion = qfu_portion_read (config, chip, error);
  gboolean same = FALSE;

  if (portion == NULL || !same_firmware (config, portion, &entry->new_image, &same, error))
    return FALSE;
  *holds = QFU_CHIP_HOLDS_NEW;
  if (same)
    return TRUE;
  if (!same_firmware (config, portion, &entry->old_image, &same, error))
    return FALSE;
  *holds = same ? QFU_CHIP_HOLDS_OLD : QFU_CHIP_HOLDS_OTHER;
  return TRUE;
}

static char *
unfinished_text (const QfuFlashEntry *entry)
{
  return g_strdup_printf ("write %u of the flash chip is unfinished, and the chip may hold neither "
                          "the old nor the new firmware: run `qubes-fwupdmgr recover`",
                          entry->id);
}

char *
qfu_aftermath_obstacle (const QfuConfig *config)
{
  g_autoptr (QfuFlashEntry) entry = NULL;
  g_autoptr (GError) error = NULL;

  if (!qfu_flashjournal_unfinished (config, &entry, &error))
    return g_strdup_printf ("whether a write of the flash chip is unfinished cannot be told: %s",
                            error->message);
  return entry == NULL ? NULL : unfinished_text (entry);
}

/* What journal and reference values say against the write; %NULL: nothing. */
static char *
noted_failure (const QfuAftermath *aftermath)
{
  const QfuFlashEntry *entry = aftermath->entry;

  if (entry != NULL && qfu_flash_entry_unfinished (entry))
    return unfinished_text (entry);
  if (entry != NULL && entry->state == QFU_FLASH_OLD)
    return g_strdup_printf ("the chip holds the old firmware: %s", entry->reason);
  if (aftermath->record != NULL && aftermath->record->state == QFU_REF_FAILED)
    return g_strdup_printf ("the chip holds the new firmware, but reference values %u failed: %s; "
                            "`qubes-fwupdmgr attest` says more",
                            aftermath->record->id, aftermath->record->reason);
  return NULL;
}

static const char *
found_failure (QfuChipHolds holds, gboolean other_version)
{
  switch (holds) {
  case QFU_CHIP_HOLDS_OLD:
    return "the chip holds the old firmware again, though it was read back with the new one: "
           "somebody else has written it";
  case QFU_CHIP_HOLDS_OTHER:
    return "the chip holds neither the old nor the new firmware, though it was read back with "
           "the new one: somebody else has written it";
  case QFU_CHIP_HOLDS_NEW:
  case QFU_CHIP_HOLDS_UNKNOWN:
    break;
  }
  return !other_version ? NULL
                        : "the chip was read back with the new firmware, but another version has "
                          "started: shut the machine down, take its power away, and start again "
                          "([Chip] ColdBoot=true asks for that); with vboot it may have chosen "
                          "another slot";
}

gboolean
qfu_aftermath_judge (const QfuAftermath *aftermath,
                     QfuChipHolds holds,
                     gboolean other_version,
                     char **text)
{
  const QfuRefRecord *record = aftermath->record;

  *text = noted_failure (aftermath);
  if (*text == NULL && aftermath->entry != NULL)
    *text = g_strdup (found_failure (holds, other_version));
  if (*text != NULL)
    return FALSE;
  if (aftermath->entry == NULL)
    *text = g_strdup ("nothing is known of the write");
  else if (record != NULL && record->state == QFU_REF_CURRENT)
    *text = g_strdup_printf ("the chip holds the new firmware, and a boot was attested against "
                             "reference values %u",
                             record->id);
  else
    *text = g_strdup ("the chip holds the new firmware; no boot was attested yet "
                      "(`qubes-fwupdmgr attest`)");
  return TRUE;
}
