/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-recover.h"

#include "qfu-error.h"
#include "qfu-images.h"
#include "recover-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#define PROTECT_ALL ",hwwp=yes,spi_status=0x9c"

/* Recovers, and compares what it came to. */
static void
recover (const RecoverFixture *f, QfuRecoveryKind kind)
{
  QfuRecovery result;
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_recover (f->chip.config, NULL, &result, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (result.kind, ==, kind);
}

static void
fail (const RecoverFixture *f, QfuError code, const char *part)
{
  QfuRecovery result;
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_recover (f->chip.config, NULL, &result, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, QFU_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, part));
  /* it came to an end all the same where only that could not be noted */
  g_assert_cmpint (result.kind != 0, ==, strstr (error->message, "could not be noted") != NULL);
}

static void
assert_finished (const RecoverFixture *f)
{
  test_chip_assert_holds (&f->chip, f->new);
  g_assert_cmpuint (recover_entry_state (f), ==, QFU_FLASH_NEW);
  g_assert_cmpuint (recover_record_state (f), ==, QFU_REF_WRITTEN);
  recover (f, QFU_RECOVERY_NOTHING);
}

static void
assert_restored (const RecoverFixture *f)
{
  test_chip_assert_holds (&f->chip, f->old);
  g_assert_cmpuint (recover_entry_state (f), ==, QFU_FLASH_OLD);
  g_assert_cmpuint (recover_record_state (f), ==, QFU_REF_FAILED);
  recover (f, QFU_RECOVERY_NOTHING);
}

/* The cut came before the first erase. */
static void
test_old (RecoverFixture *f, gconstpointer more)
{
  recover (f, QFU_RECOVERY_RESTORED);
  assert_restored (f);
}

/* The cut came after the last write. */
static void
test_new (RecoverFixture *f, gconstpointer more)
{
  recover_copy (f, f->new, 0, TEST_CHIP_SIZE);
  recover_put (f);
  recover (f, QFU_RECOVERY_FINISHED);
  assert_finished (f);
}

/* What boot needs has not been touched. */
static void
test_before_window (RecoverFixture *f, gconstpointer more)
{
  QfuRecovery result;
  g_autoptr (GError) error = NULL;

  recover_copy (f, f->new, 0, 4096);
  recover_fill (f, 4096, 4096, 0xff);
  recover_put (f);
  g_assert_true (qfu_recover_look (f->chip.config, NULL, &result, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (result.kind, ==, QFU_RECOVERY_RESTORED);
  g_assert_cmpuint (result.blocks, ==, 3);
  g_assert_cmpuint (result.blocks_old, ==, 1);
  g_assert_cmpuint (result.blocks_new, ==, 1);
  g_assert_cmpuint (result.blocks_neither, ==, 1);
  g_assert_cmpuint (result.bytes_written, ==, 0);
  test_chip_assert_holds (&f->chip, f->now);
  g_assert_cmpuint (recover_entry_state (f), ==, QFU_FLASH_INTENT);
  recover (f, QFU_RECOVERY_RESTORED);
  assert_restored (f);
}

/* Neither is nearer: the write is finished. */
static void
test_in_window (RecoverFixture *f, gconstpointer more)
{
  recover_copy (f, f->new, 0, 8192);
  recover_fill (f, 65536, 256, 0xff);
  recover_put (f);
  recover (f, QFU_RECOVERY_FINISHED);
  assert_finished (f);
}

static void
test_after_window (RecoverFixture *f, gconstpointer more)
{
  recover_copy (f, f->new, 65536, 4096);
  recover_put (f);
  recover (f, QFU_RECOVERY_FINISHED);
  assert_finished (f);
}

/* A later boot: it started with a mixture, so that it is not judged by the record. */
static void
test_later_boot (RecoverFixture *f, gconstpointer more)
{
  g_autoptr (QfuRefStore) store = NULL;

  fixture_boot (f->chip.config, f->chip.directory, FIXTURE_LATER_BOOT);
  recover_copy (f, f->new, 65536, 4096);
  recover_put (f);
  recover (f, QFU_RECOVERY_FINISHED);
  assert_finished (f);
  store = qfu_refstore_open (f->chip.config, FALSE, NULL);
  g_assert_cmpstr (qfu_refstore_record (store, f->record)->boot_id, ==, FIXTURE_BOOT);
  g_assert_cmpstr (qfu_refstore_record (store, f->record)->state_boot_id, ==, FIXTURE_LATER_BOOT);
}

/* What is preserved has changed since, and stays. */
static void
test_preserved (RecoverFixture *f, gconstpointer more)
{
  recover_fill (f, RECOVER_KEPT, 4096, 0x5a);
  memcpy (f->new + RECOVER_KEPT, f->now + RECOVER_KEPT, 4096);
  recover_copy (f, f->new, 65536, 4096);
  recover_put (f);
  recover (f, QFU_RECOVERY_FINISHED);
  assert_finished (f);
}

/* Somebody else has written the chip: nothing is overwritten. */
static void
test_foreign (RecoverFixture *f, gconstpointer more)
{
  g_autofree char *journal = qfu_flashjournal_path (f->chip.config, 1);

  recover_fill (f, RECOVER_FAR, 4096, 0x5a);
  recover_copy (f, f->new, 65536, 4096);
  recover_put (f);
  fail (f, QFU_ERROR_REFUSED,
        "1 blocks have changed that this write does not touch, the first at "
        "0x100000");
  test_chip_assert_holds (&f->chip, f->now);
  g_assert_cmpuint (recover_entry_state (f), ==, QFU_FLASH_NEITHER);
  g_assert_cmpuint (recover_record_state (f), ==, QFU_REF_CONSUMED);
  /* how one gets out of it is said */
  fail (f, QFU_ERROR_REFUSED, journal);
  recover_copy (f, f->old, 0, TEST_CHIP_SIZE);
  recover_put (f);
  recover (f, QFU_RECOVERY_RESTORED);
  assert_restored (f);
}

/* An erase that was cut off caught what lies beside. */
static void
test_beside (RecoverFixture *f, gconstpointer more)
{
  recover_fill (f, 0, 65536, 0xff);
  recover_put (f);
  recover (f, QFU_RECOVERY_RESTORED);
  assert_restored (f);
}

static void
remove_image (const RecoverFixture *f, const QfuDigest *digest)
{
  g_autofree char *path = qfu_images_path (f->chip.config, digest);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
test_one_image (RecoverFixture *f, gconstpointer more)
{
  remove_image (f, &f->entry->old_image);
  recover_copy (f, f->new, 0, 4096);
  recover_put (f);
  recover (f, QFU_RECOVERY_FINISHED);
  assert_finished (f);
}

static void
test_no_image (RecoverFixture *f, gconstpointer more)
{
  g_autofree char *path = qfu_images_path (f->chip.config, &f->entry->new_image);
  g_autoptr (GError) error = NULL;

  remove_image (f, &f->entry->old_image);
  g_file_set_contents (path, "damaged", -1, &error);
  g_assert_no_error (error);
  recover_fill (f, 0, 4096, 0xff);
  recover_put (f);
  fail (f, QFU_ERROR_NOT_FOUND, path);
  test_chip_assert_holds (&f->chip, f->now);
  g_assert_cmpuint (recover_entry_state (f), ==, QFU_FLASH_INTENT);
}

/* Neither way can be gone. */
static void
test_protected (RecoverFixture *f, gconstpointer more)
{
  recover_fill (f, 0, 4096, 0xff);
  recover_put (f);
  fail (f, QFU_ERROR_IO, "2 are old, 0 new, 1 neither");
  test_chip_assert_holds (&f->chip, f->now);
  g_assert_cmpuint (recover_entry_state (f), ==, QFU_FLASH_NEITHER);
  fail (f, QFU_ERROR_IO, "external programmer");
}

/* Keeps an image of half the chip. */
static void
keep_half (const RecoverFixture *f, const guint8 *bytes, QfuDigest *digest)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob (bytes, TEST_CHIP_SIZE / 2);
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_images_keep (f->chip.config, blob, NULL, &error));
  g_assert_no_error (error);
  *digest = *qfu_untrusted_blob_sha256 (blob);
}

/* The write was of another chip than the one that answers. */
static void
test_other_size (RecoverFixture *f, gconstpointer more)
{
  g_autoptr (QfuFlashEntry) entry = fixture_entry ();
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_flashjournal_move (f->chip.config, f->entry, QFU_FLASH_OLD, "x", &error));
  g_assert_no_error (error);
  entry->size = TEST_CHIP_SIZE / 2;
  g_array_set_size (entry->preserved, 0);
  keep_half (f, f->old, &entry->old_image);
  keep_half (f, f->new, &entry->new_image);
  g_assert_true (qfu_flashjournal_begin (f->chip.config, entry, &error));
  g_assert_no_error (error);
  fail (f, QFU_ERROR_MISMATCH, "has 16777216 bytes");
  test_chip_assert_holds (&f->chip, f->old);
}

static void
test_unreachable (RecoverFixture *f, gconstpointer more)
{
  test_chip_use (&f->chip, "dummy:bus=spi,emulate=none-such");
  fail (f, QFU_ERROR_UNREACHABLE, "flash write 1 is unfinished");
  g_assert_cmpuint (recover_entry_state (f), ==, QFU_FLASH_INTENT);
}

/* The journal was told, and the record was not; the chip need not be asked. */
static void
test_record_untold (RecoverFixture *f, gconstpointer more)
{
  g_autoptr (QfuRefStore) store = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (
      qfu_flashjournal_move (f->chip.config, f->entry, QFU_FLASH_NEW, "read back", &error));
  g_assert_no_error (error);
  test_chip_use (&f->chip, "dummy:bus=spi,emulate=none-such");
  fixture_boot (f->chip.config, f->chip.directory, FIXTURE_LATER_BOOT);
  recover (f, QFU_RECOVERY_FINISHED);
  g_assert_cmpuint (recover_record_state (f), ==, QFU_REF_WRITTEN);
  /* it came true in the boot of the write, so that this one is judged by it */
  store = qfu_refstore_open (f->chip.config, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (qfu_refstore_record (store, f->record)->state_boot_id, ==, FIXTURE_BOOT);
  recover (f, QFU_RECOVERY_NOTHING);
}

/* A boot failed the record before the recovery could run. */
static void
test_record_failed (RecoverFixture *f, gconstpointer more)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuRefStore) store = qfu_refstore_open (f->chip.config, TRUE, &error);

  g_assert_true (qfu_refstore_move (store, f->record, QFU_REF_FAILED, "x", &error));
  g_assert_no_error (error);
  g_clear_pointer (&store, qfu_refstore_close);
  recover_copy (f, f->new, 65536, 4096);
  recover_put (f);
  recover (f, QFU_RECOVERY_FINISHED);
  assert_finished (f);
}

/* The same, where the store of records cannot be written at first: the journal stays open, and a
 * second recovery does the rest. */
static void
test_record_later (RecoverFixture *f, gconstpointer more)
{
  g_autofree char *folder = g_build_filename (f->chip.config->state, "refvals", NULL);

  recover_copy (f, f->new, 65536, 4096);
  recover_put (f);
  g_assert_cmpint (g_chmod (folder, 0777), ==, 0);
  fail (f, QFU_ERROR_REFUSED, "the chip holds exactly its new contents");
  test_chip_assert_holds (&f->chip, f->new);
  g_assert_cmpuint (recover_entry_state (f), ==, QFU_FLASH_INTENT);
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  recover (f, QFU_RECOVERY_FINISHED);
  assert_finished (f);
}

/* The kept images outlive the recovery, as the last backup. */
static void
test_images_stay (RecoverFixture *f, gconstpointer more)
{
  g_autofree char *path = qfu_images_path (f->chip.config, &f->entry->old_image);

  recover (f, QFU_RECOVERY_RESTORED);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_nothing (RecoverFixture *f, gconstpointer more)
{
  g_autofree char *path = qfu_flashjournal_path (f->chip.config, 1);

  g_assert_cmpint (g_unlink (path), ==, 0);
  recover (f, QFU_RECOVERY_NOTHING);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
#define ADD(path, more, func)                                                                      \
  g_test_add (path, RecoverFixture, more, recover_set_up, func, recover_tear_down)
  ADD ("/recover/old", "", test_old);
  ADD ("/recover/new", "", test_new);
  ADD ("/recover/before-window", "", test_before_window);
  ADD ("/recover/in-window", "", test_in_window);
  ADD ("/recover/after-window", "", test_after_window);
  ADD ("/recover/later-boot", "", test_later_boot);
  ADD ("/recover/preserved", "", test_preserved);
  ADD ("/recover/foreign", "", test_foreign);
  ADD ("/recover/beside", "", test_beside);
  ADD ("/recover/one-image", "", test_one_image);
  ADD ("/recover/no-image", "", test_no_image);
  ADD ("/recover/protected", PROTECT_ALL, test_protected);
  ADD ("/recover/other-size", "", test_other_size);
  ADD ("/recover/unreachable", "", test_unreachable);
  ADD ("/recover/record-untold", "", test_record_untold);
  ADD ("/recover/record-failed", "", test_record_failed);
  ADD ("/recover/record-later", "", test_record_later);
  ADD ("/recover/images-stay", "", test_images_stay);
  ADD ("/recover/nothing", "", test_nothing);
  return g_test_run ();
}
