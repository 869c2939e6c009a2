/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-reflash.h"

#include "chip.h"
#include "qfu-error.h"
#include "qfu-flashjournal.h"
#include "qfu-highwater.h"
#include "qfu-images.h"
#include "qfu-range.h"
#include "qfu-refstore.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define DEVICE "0123456789abcdef0123456789abcdef01234567"
#define BOOT_ID "11111111-2222-3333-4444-555555555555"
#define PROTECT_ALL ",hwwp=yes,spi_status=0x9c"
/* a chip that answers no command which erases or programs, and says nothing of it before */
#define REJECT_ALL ",spi_blacklist=02205260c7d8"

/* Images that scripts/lab-rom makes once for all tests. */
static QfuUntrustedBlob *old_image;
static QfuUntrustedBlob *new_image;
static QfuUntrustedBlob *other_board;

/* A chip with the old image. */
typedef struct {
  TestChip chip;
  guint8 *old;
  QfuComposed *composed; /* what the new image shall give */
} Fixture;

static QfuUntrustedBlob *
make_rom (const char *directory, const char *version, const char *preserved, const char *board)
{
  g_autofree char *script =
      g_build_filename (g_getenv ("QFU_SOURCE_ROOT"), "scripts", "lab-rom", NULL);
  g_autofree char *path = g_build_filename (directory, version, NULL);
  const char *argv[] = {script,    path,           "--version", version, "--preserved-seed",
                        preserved, "--board-part", board,       NULL};
  g_autoptr (GError) error = NULL;
  QfuUntrustedBlob *blob;
  int status;

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  blob = qfu_untrusted_blob_load (path, TEST_CHIP_SIZE, TRUE, &error);
  g_assert_no_error (error);
  return blob;
}

static void
make_roms (void)
{
  g_autofree char *directory = test_directory ();

  old_image = make_rom (directory, "1.0", "1", "Board");
  new_image = make_rom (directory, "2.0", "2", "Board");
  other_board = make_rom (directory, "3.0", "1", "Other Board");
  test_directory_remove (directory);
}

static guint8 *
contents (const QfuUntrustedBlob *blob)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) map =
      g_mapped_file_new_from_fd (qfu_untrusted_blob_fd (blob), FALSE, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_mapped_file_get_length (map), ==, TEST_CHIP_SIZE);
  return g_memdup2 (g_mapped_file_get_contents (map), TEST_CHIP_SIZE);
}

static void
replace (char **member, char *value)
{
  g_free (*member);
  *member = value;
}

static QfuComposed *
compose (const Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuLayout) layout = qfu_layout_load (f->chip.config, "coreboot", &error);
  g_autoptr (QfuRom) old_rom = qfu_rom_read (f->chip.config, old_image, &error);
  g_autoptr (QfuRom) new_rom = qfu_rom_read (f->chip.config, new_image, &error);
  QfuComposed *composed;

  g_assert_no_error (error);
  composed = qfu_layout_compose (layout, old_image, old_rom, new_image, new_rom, &error);
  g_assert_no_error (error);
  return composed;
}

static void
set_up (Fixture *f, gconstpointer more)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *programmer = NULL;
  QfuConfig *config;

  f->old = contents (old_image);
  test_chip_set_up (&f->chip, f->old);
  config = f->chip.config;
  programmer = g_strconcat (config->programmer, more, NULL);
  test_chip_use (&f->chip, programmer);
  replace (&config->layouts, g_build_filename (g_getenv ("QFU_SOURCE_ROOT"), "data/layouts", NULL));
  replace (&config->boot_id_file, g_build_filename (f->chip.directory, "boot_id", NULL));
  g_file_set_contents (config->boot_id_file, BOOT_ID "\n", -1, &error);
  g_assert_no_error (error);
  f->composed = compose (f);
}

static void
tear_down (Fixture *f, gconstpointer more)
{
  qfu_composed_free (f->composed);
  g_free (f->old);
  test_chip_tear_down (&f->chip);
}

static QfuRefStore *
open_store (const Fixture *f, gboolean writable)
{
  g_autoptr (GError) error = NULL;
  QfuRefStore *store = qfu_refstore_open (f->chip.config, writable, &error);

  g_assert_no_error (error);
  return store;
}

/* Stages a record for the composed image on a chip that holds @old_chip. */
static void
stage (const Fixture *f, const QfuUntrustedBlob *old_chip)
{
  g_autoptr (QfuRefStore) store = open_store (f, TRUE);
  g_autoptr (GError) error = NULL;
  QfuRefRecord *record = qfu_ref_record_new ();
  guint id;

  replace (&record->boot_id, g_strdup (BOOT_ID));
  replace (&record->device_id, g_strdup (DEVICE));
  record->old_chip = *qfu_untrusted_blob_sha256 (old_chip);
  record->image = *qfu_untrusted_blob_sha256 (f->composed->image);
  record->payload = *qfu_untrusted_blob_sha256 (new_image);
  record->cab = *qfu_untrusted_blob_sha256 (new_image);
  g_assert_true (qfu_refstore_stage (store, record, &id, &error));
  g_assert_no_error (error);
}

static void
assert_state (const Fixture *f, QfuRefState state)
{
  g_autoptr (QfuRefStore) store = open_store (f, FALSE);
  const GPtrArray *records = qfu_refstore_records (store);

  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpuint (((const QfuRefRecord *)g_ptr_array_index (records, 0))->state, ==, state);
}

/* The state of the only entry of the journal. */
static void
assert_entry (const Fixture *f, QfuFlashState state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = qfu_flashjournal_load (f->chip.config, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (entries->len, ==, 1);
  g_assert_cmpuint (((const QfuFlashEntry *)g_ptr_array_index (entries, 0))->state, ==, state);
}

static void
assert_kept (const Fixture *f, const QfuDigest *digest)
{
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autoptr (QfuUntrustedBlob) image =
      qfu_images_open (f->chip.config, digest, &error);

  g_assert_no_error (error);
}

static void
assert_refused (Fixture *f, const QfuUntrustedBlob *image, QfuError code, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_reflash (f->chip.config, DEVICE, image, NULL, NULL, &error));
  g_assert_error (error, QFU_ERROR, (int)code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, part));
  test_chip_assert_holds (&f->chip, f->old);
}

static void
on_step (gpointer user, QfuRewriteStage stage_now, guint64 done, guint64 total)
{
  GString *stages = user;
  char letter = "rwvR"[stage_now];

  if (stages->len == 0 || stages->str[stages->len - 1] != letter)
    g_string_append_c (stages, letter);
}

static void
test_success (Fixture *f, gconstpointer more)
{
  g_autofree guint8 *expected = contents (f->composed->image);
  g_autoptr (GString) stages = g_string_new (NULL);
  QfuRewriteProgress progress = {on_step, stages};
  QfuReflashReport report;
  g_autoptr (GError) error = NULL;

  stage (f, old_image);
  g_assert_true (qfu_reflash (f->chip.config, DEVICE, new_image, &progress, &report, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (stages->str, ==, "rwv");
  test_chip_assert_holds (&f->chip, expected);
  assert_state (f, QFU_REF_WRITTEN);
  assert_entry (f, QFU_FLASH_NEW);
  g_assert_cmpuint (report.entry, ==, 1);
  g_assert_cmpuint (report.record, ==, 1);
  g_assert_true (qfu_digest_equal (&report.old_image, qfu_untrusted_blob_sha256 (old_image)));
  g_assert_true (
      qfu_digest_equal (&report.new_image, qfu_untrusted_blob_sha256 (f->composed->image)));
  g_assert_cmpuint (report.bytes_written, ==, qfu_ranges_length (f->composed->changed));
  g_assert_cmpuint (report.bytes_erased, ==, report.bytes_written);
  assert_kept (f, &report.old_image);
  /* the record was for one write */
  g_assert_false (qfu_reflash (f->chip.config, DEVICE, new_image, NULL, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  test_chip_assert_holds (&f->chip, expected);
}

static void
test_no_record (Fixture *f, gconstpointer more)
{
  assert_refused (f, new_image, QFU_ERROR_NOT_FOUND, "`qubes-fwupdmgr update`");
}

static void
test_other_chip_contents (Fixture *f, gconstpointer more)
{
  stage (f, new_image);
  assert_refused (f, new_image, QFU_ERROR_STALE, "the chip holds something else");
  assert_state (f, QFU_REF_PENDING);
}

/* What limits the life of a record is the clock. */
static void
test_clock_behind (Fixture *f, gconstpointer more)
{
  QfuHighWater mark = {.time = g_get_real_time () / G_USEC_PER_SEC + 1000};
  g_autoptr (GError) error = NULL;

  qfu_digest_compute (QFU_HASH_SHA256, "x", 1, &mark.metadata);
  stage (f, old_image);
  g_assert_true (qfu_highwater_store (f->chip.config, "lvfs", &mark, &error));
  g_assert_no_error (error);
  assert_refused (f, new_image, QFU_ERROR_CLOCK, "qvm-sync-clock");
  assert_state (f, QFU_REF_PENDING);
}

static void
test_other_boot (Fixture *f, gconstpointer more)
{
  g_autoptr (GError) error = NULL;

  stage (f, old_image);
  g_file_set_contents (f->chip.config->boot_id_file, "22222222\n", -1, &error);
  g_assert_no_error (error);
  assert_refused (f, new_image, QFU_ERROR_STALE, "another boot");
}

static void
test_other_image (Fixture *f, gconstpointer more)
{
  stage (f, old_image);
  assert_refused (f, other_board, QFU_ERROR_REFUSED, "another board");
  assert_refused (f, old_image, QFU_ERROR_STALE, "another image");
  assert_state (f, QFU_REF_PENDING);
}

static void
test_garbage (Fixture *f, gconstpointer more)
{
  g_autofree guint8 *noise = test_chip_pattern (3);
  g_autoptr (QfuUntrustedBlob) garbage = test_blob (noise, TEST_CHIP_SIZE);

  stage (f, old_image);
  assert_refused (f, garbage, QFU_ERROR_FORMAT, "nothing was written to the chip");
  assert_refused (f, garbage, QFU_ERROR_FORMAT, "the image to install");
}

static void
test_no_lock_down (Fixture *f, gconstpointer more)
{
  if (geteuid () != 0) {
    g_test_skip ("only a worker that is started by root changes its user");
    return;
  }
  stage (f, old_image);
  replace (&f->chip.config->worker_user, g_strdup ("nobody"));
  assert_refused (f, new_image, QFU_ERROR_SANDBOX, "fwupd.service.d/qubes-fwupd.conf");
  assert_state (f, QFU_REF_PENDING);
}

/* Known before the record is used and anything erased. */
static void
test_protected (Fixture *f, gconstpointer more)
{
  stage (f, old_image);
  assert_refused (f, new_image, QFU_ERROR_UNSUPPORTED, "WP# is low");
  assert_state (f, QFU_REF_PENDING);
}

static void
test_write_fails (Fixture *f, gconstpointer more)
{
  stage (f, old_image);
  assert_refused (f, new_image, QFU_ERROR_IO, "still holds its old contents");
  assert_state (f, QFU_REF_FAILED);
  assert_entry (f, QFU_FLASH_OLD);
}

/* Nothing is built on a chip whose contents are in doubt. */
static void
test_unfinished (Fixture *f, gconstpointer more)
{
  g_autoptr (QfuFlashEntry) entry = qfu_flash_entry_new ();
  g_autoptr (GError) error = NULL;

  stage (f, old_image);
  entry->size = TEST_CHIP_SIZE;
  entry->old_image = entry->new_image = *qfu_untrusted_blob_sha256 (old_image);
  g_assert_true (qfu_flashjournal_begin (f->chip.config, entry, &error));
  g_assert_no_error (error);
  assert_refused (f, new_image, QFU_ERROR_REFUSED, "`qubes-fwupdmgr recover`");
  assert_state (f, QFU_REF_PENDING);
}

/* Where nothing can be kept nothing is written. */
static void
test_no_backup (Fixture *f, gconstpointer more)
{
  g_autofree char *images = g_build_filename (f->chip.config->state, "images", NULL);
  g_autoptr (GError) error = NULL;

  stage (f, old_image);
  g_file_set_contents (images, "in the way", -1, &error);
  g_assert_no_error (error);
  assert_refused (f, new_image, QFU_ERROR_REFUSED, "nothing was written to the chip");
  assert_state (f, QFU_REF_PENDING);
}

static void
test_no_journal (Fixture *f, gconstpointer more)
{
  g_autofree char *journal = g_build_filename (f->chip.config->state, "flash", NULL);

  stage (f, old_image);
  g_assert_cmpint (g_mkdir_with_parents (journal, 0777), ==, 0);
  g_assert_cmpint (g_chmod (journal, 0777), ==, 0);
  assert_refused (f, new_image, QFU_ERROR_REFUSED, "nothing was written to the chip");
  assert_state (f, QFU_REF_PENDING);
}

int
main (int argc, char **argv)
{
  int status;

  test_init (&argc, &argv);
  make_roms ();
#define ADD(path, more, func) g_test_add (path, Fixture, more, set_up, func, tear_down)
  ADD ("/reflash/success", "", test_success);
  ADD ("/reflash/no-record", "", test_no_record);
  ADD ("/reflash/other-chip-contents", "", test_other_chip_contents);
  ADD ("/reflash/clock-behind", "", test_clock_behind);
  ADD ("/reflash/other-boot", "", test_other_boot);
  ADD ("/reflash/other-image", "", test_other_image);
  ADD ("/reflash/garbage", "", test_garbage);
  ADD ("/reflash/no-lock-down", "", test_no_lock_down);
  ADD ("/reflash/protected", PROTECT_ALL, test_protected);
  ADD ("/reflash/write-fails", REJECT_ALL, test_write_fails);
  ADD ("/reflash/unfinished", "", test_unfinished);
  ADD ("/reflash/no-backup", "", test_no_backup);
  ADD ("/reflash/no-journal", "", test_no_journal);
  status = g_test_run ();
  qfu_untrusted_blob_free (old_image);
  qfu_untrusted_blob_free (new_image);
  qfu_untrusted_blob_free (other_board);
  return status;
}
