/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "recover-fixture.h"

#include "qfu-images.h"

#include <string.h>

void
recover_keep (const RecoverFixture *f, const guint8 *bytes, QfuDigest *digest)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob (bytes, TEST_CHIP_SIZE);
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_images_keep (f->chip.config, blob, NULL, &error));
  g_assert_no_error (error);
  *digest = *qfu_untrusted_blob_sha256 (blob);
}

static void
set (char **member, const char *value)
{
  g_free (*member);
  *member = g_strdup (value);
}

static void
stage (RecoverFixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRefStore) store = qfu_refstore_open (f->chip.config, TRUE, &error);
  QfuRefRecord *record = qfu_ref_record_new ();

  set (&record->boot_id, FIXTURE_BOOT);
  set (&record->device_id, FIXTURE_DEVICE);
  record->old_chip = record->payload = record->cab = f->entry->old_image;
  record->image = f->entry->new_image;
  g_assert_true (qfu_refstore_stage (store, record, &f->record, &error));
  g_assert_no_error (error);
  f->entry->record = f->record;
  g_assert_true (qfu_flashjournal_begin (f->chip.config, f->entry, &error));
  g_assert_no_error (error);
  g_assert_true (qfu_refstore_move (store, f->record, QFU_REF_CONSUMED, "x", &error));
  g_assert_no_error (error);
}

void
recover_set_up (RecoverFixture *f, gconstpointer more)
{
  g_autofree char *programmer = NULL;

  f->old = test_chip_pattern (1);
  f->new = g_memdup2 (f->old, TEST_CHIP_SIZE);
  memset (f->new, 'x', 8192);
  memset (f->new + 65536, 'y', 4096);
  f->now = g_memdup2 (f->old, TEST_CHIP_SIZE);
  test_chip_set_up (&f->chip, f->old);
  programmer = g_strconcat (f->chip.config->programmer, more, NULL);
  test_chip_use (&f->chip, programmer);
  fixture_boot (f->chip.config, f->chip.directory, FIXTURE_BOOT);
  f->entry = fixture_entry ();
  recover_keep (f, f->old, &f->entry->old_image);
  recover_keep (f, f->new, &f->entry->new_image);
  stage (f);
}

void
recover_tear_down (RecoverFixture *f, gconstpointer more)
{
  qfu_flash_entry_free (f->entry);
  g_free (f->now);
  g_free (f->new);
  g_free (f->old);
  test_chip_tear_down (&f->chip);
}

void
recover_put (const RecoverFixture *f)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (f->chip.path, (const char *)f->now, TEST_CHIP_SIZE, &error);
  g_assert_no_error (error);
}

void
recover_fill (const RecoverFixture *f, gsize offset, gsize length, guint8 value)
{
  memset (f->now + offset, value, length);
}

void
recover_copy (const RecoverFixture *f, const guint8 *from, gsize offset, gsize length)
{
  memcpy (f->now + offset, from + offset, length);
}

QfuRefState
recover_record_state (const RecoverFixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRefStore) store = qfu_refstore_open (f->chip.config, FALSE, &error);

  g_assert_no_error (error);
  return qfu_refstore_record (store, f->record)->state;
}

QfuFlashState
recover_entry_state (const RecoverFixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = qfu_flashjournal_load (f->chip.config, &error);

  g_assert_no_error (error);
  return ((const QfuFlashEntry *)g_ptr_array_index (entries, 0))->state;
}
