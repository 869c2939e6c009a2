/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An update of a machine whose ME is locked: the host can neither read nor write that region. */

#include "chip.h"
#include "nor.h"
#include "qfu-chipread.h"
#include "qfu-error.h"
#include "qfu-fd.h"
#include "qfu-flashjournal.h"
#include "qfu-images.h"
#include "qfu-recover.h"
#include "qfu-reflash.h"
#include "qfu-refstore.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SIZE (4 * 1024 * 1024)
#define ME_AT 0x3000
#define ME_SIZE (SIZE / 8 - ME_AT)
#define ME_AREA "0x3000:0x7d000"
#define DEVICE "0123456789abcdef0123456789abcdef01234567"
#define BOOT_ID "11111111-2222-3333-4444-555555555555"
#define LAYOUT                                                                                     \
  "[Layout]\nDescription=d\nDefault=preserve\n[Regions]\nCOREBOOT=update\nFMAP=update\n"           \
  "SI_ME=never\n"

typedef struct {
  char *directory;
  QfuConfig *config;
  GBytes *old;
  TestNor *nor;
} Fixture;

/* An image as scripts/lab-rom makes it; @more: options, %NULL at the end. */
static GBytes *
make_rom (const Fixture *f, const char *version, const char *const *more)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_autofree char *path = g_build_filename (f->directory, version, NULL);
  g_autofree char *script =
      g_build_filename (g_getenv ("QFU_SOURCE_ROOT"), "scripts", "lab-rom", NULL);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  char *contents;
  gsize size;
  int status;

  g_strv_builder_add_many (words, script, path, "--size", "4M", "--version", version, NULL);
  g_strv_builder_addv (words, (const char **)more);
  argv = g_strv_builder_end (words);
  g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  g_file_get_contents (path, &contents, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (size, ==, SIZE);
  return g_bytes_new_take (contents, size);
}

static void
replace (char **member, char *value)
{
  g_free (*member);
  *member = value;
}

static void
write_file (const Fixture *f, const char *name, const char *text, char **path)
{
  g_autoptr (GError) error = NULL;

  replace (path, g_build_filename (f->directory, name, NULL));
  g_file_set_contents (*path, text, -1, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *f, gconstpointer more)
{
  static const char *const locked[] = {"--descriptor",     "pch", "--closed", "SI_ME",
                                       "--no-intel-areas", NULL};
  static const char *const options[] = {"--closed", ME_AREA, "--protect", ME_AREA, NULL};
  g_autofree char *layout = NULL;

  f->directory = test_directory ();
  f->config = test_config (f->directory, G_STRINGIFY (TEST_WORKER_UID));
  f->old = make_rom (f, "1.0", locked);
  f->nor = test_nor_start (f->directory, g_bytes_get_data (f->old, NULL), SIZE, options);
  test_nor_configure (f->nor, f->config);
  write_file (f, "boot_id", BOOT_ID "\n", &f->config->boot_id_file);
  write_file (f, "locked.conf", LAYOUT, &layout);
  replace (&f->config->layouts, g_strdup (f->directory));
  replace (&f->config->layout, g_strdup ("locked"));
}

static void
tear_down (Fixture *f, gconstpointer more)
{
  test_nor_stop (f->nor);
  g_bytes_unref (f->old);
  qfu_config_free (f->config);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

static QfuUntrustedBlob *
read_chip (const Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuFlash) flash = qfu_flash_open (f->config, &error);
  QfuUntrustedBlob *chip;

  g_assert_no_error (error);
  chip = qfu_chip_read (f->config, flash, NULL, NULL, &error);
  g_assert_no_error (error);
  return chip;
}

/* What dom0 does: reads the chip, composes and stages a record. */
static QfuComposed *
foresee (const Fixture *f, const QfuUntrustedBlob *image)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) chip = read_chip (f);
  g_autoptr (QfuLayout) layout = qfu_layout_load (f->config, f->config->layout, &error);
  g_autoptr (QfuRom) old_rom = qfu_rom_read (f->config, chip, &error);
  g_autoptr (QfuRom) new_rom = qfu_rom_read (f->config, image, &error);
  g_autoptr (QfuRefStore) store = NULL;
  QfuRefRecord *record = qfu_ref_record_new ();
  QfuComposed *composed;
  guint id;

  g_assert_no_error (error);
  composed = qfu_layout_compose (layout, chip, old_rom, image, new_rom, &error);
  g_assert_no_error (error);
  replace (&record->boot_id, g_strdup (BOOT_ID));
  replace (&record->device_id, g_strdup (DEVICE));
  record->old_chip = *qfu_untrusted_blob_sha256 (chip);
  record->image = *qfu_untrusted_blob_sha256 (composed->image);
  record->payload = *qfu_untrusted_blob_sha256 (image);
  record->cab = *qfu_untrusted_blob_sha256 (image);
  store = qfu_refstore_open (f->config, TRUE, &error);
  g_assert_true (qfu_refstore_stage (store, record, &id, &error));
  g_assert_no_error (error);
  return composed;
}

/* The bytes that the host can reach, of the chip or of an image that stands for it. */
static QfuUntrustedBlob *
reachable (const guint8 *bytes)
{
  g_autofree guint8 *copy = g_memdup2 (bytes, SIZE);

  memset (copy + ME_AT, 0xff, ME_SIZE);
  return test_blob (copy, SIZE);
}

/* What the emulated chip holds, of which the locked part must be what it was. */
static QfuUntrustedBlob *
held (const Fixture *f)
{
  const char *old = g_bytes_get_data (f->old, NULL);
  g_autofree char *chip = NULL;

  g_assert_true (g_file_get_contents (f->nor->path, &chip, NULL, NULL));
  g_assert_cmpmem (chip + ME_AT, ME_SIZE, old + ME_AT, ME_SIZE);
  return reachable ((const guint8 *)chip);
}

/* The image may know of a descriptor or not; the chip's counts. */
static void
test_update (Fixture *f, gconstpointer more)
{
  g_autoptr (GBytes) bytes = make_rom (f, "2.0", more);
  g_autoptr (QfuUntrustedBlob) image = test_blob (g_bytes_get_data (bytes, NULL), SIZE);
  g_autoptr (QfuComposed) composed = foresee (f, image);
  g_autoptr (QfuUntrustedBlob) now = NULL;
  g_autoptr (GError) error = NULL;
  QfuReflashReport report;

  g_assert_cmpuint (composed->unread->len, ==, 1);
  g_assert_cmpuint (g_array_index (composed->unread, QfuRange, 0).offset, ==, ME_AT);
  g_assert_cmpuint (g_array_index (composed->unread, QfuRange, 0).length, ==, ME_SIZE);
  g_assert_cmpuint (composed->changed->len, >, 0);
  g_assert_true (qfu_reflash (f->config, DEVICE, image, NULL, &report, &error));
  g_assert_no_error (error);
  now = held (f);
  g_assert_true (qfu_digest_equal (qfu_untrusted_blob_sha256 (now), &report.new_image));
  g_assert_true (qfu_digest_equal (qfu_untrusted_blob_sha256 (composed->image), &report.new_image));
  g_assert_cmpuint (test_nor_count (f->nor, "refused"), ==, 0);
}

/* Notes the intent of that write, and that it was cut off: the first of its blocks are erased. */
static void
cut_off (const Fixture *f, const QfuUntrustedBlob *chip, const QfuComposed *composed)
{
  g_autoptr (QfuFlashEntry) entry = qfu_flash_entry_new ();
  const QfuRange *first = &g_array_index (composed->changed, QfuRange, 0);
  g_auto (QfuFd) fd = open (f->nor->path, O_WRONLY | O_CLOEXEC);
  guint8 erased[QFU_ERASE_BLOCK];
  g_autoptr (GError) error = NULL;

  entry->size = SIZE;
  entry->old_image = *qfu_untrusted_blob_sha256 (chip);
  entry->new_image = *qfu_untrusted_blob_sha256 (composed->image);
  replace (&entry->boot_id, g_strdup (BOOT_ID));
  replace (&entry->device_id, g_strdup (DEVICE));
  replace (&entry->programmer, g_strdup (f->config->programmer));
  for (guint i = 0; i < composed->steps->len; i++) {
    const QfuStep *step = g_ptr_array_index (composed->steps, i);

    g_ptr_array_add (entry->steps, qfu_step_new (g_strdup (step->name), g_array_copy (step->ranges),
                                                 step->window));
  }
  g_array_append_vals (entry->unread, composed->unread->data, composed->unread->len);
  g_array_append_vals (entry->preserved, composed->preserved->data, composed->preserved->len);
  g_assert_true (qfu_images_keep (f->config, chip, NULL, &error));
  g_assert_true (qfu_images_keep (f->config, composed->image, NULL, &error));
  g_assert_true (qfu_flashjournal_begin (f->config, entry, &error));
  g_assert_no_error (error);
  memset (erased, 0xff, sizeof erased);
  g_assert_cmpint (pwrite (fd, erased, sizeof erased, (off_t)first->offset), ==, sizeof erased);
}

/* Who comes after a cut leaves the locked part alone, too. */
static void
test_recover (Fixture *f, gconstpointer more)
{
  g_autoptr (GBytes) bytes = make_rom (f, "2.0", more);
  g_autoptr (QfuUntrustedBlob) image = test_blob (g_bytes_get_data (bytes, NULL), SIZE);
  g_autoptr (QfuUntrustedBlob) chip = read_chip (f);
  g_autoptr (QfuComposed) composed = foresee (f, image);
  g_autoptr (QfuUntrustedBlob) now = NULL;
  g_autoptr (GError) error = NULL;
  QfuRecovery recovery;

  cut_off (f, chip, composed);
  g_assert_true (qfu_recover (f->config, NULL, &recovery, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (recovery.blocks_neither, ==, 1);
  now = held (f);
  g_assert_true (qfu_digest_equal (qfu_untrusted_blob_sha256 (now),
                                   recovery.kind == QFU_RECOVERY_RESTORED
                                       ? qfu_untrusted_blob_sha256 (chip)
                                       : qfu_untrusted_blob_sha256 (composed->image)));
  g_assert_cmpuint (test_nor_count (f->nor, "refused"), ==, 0);
}

int
main (int argc, char **argv)
{
  static const char *const described[] = {"--descriptor", "pch", "--no-intel-areas", NULL};
  static const char *const plain[] = {"--no-intel-areas", NULL};

  test_init (&argc, &argv);
#define ADD(path, more, func) g_test_add (path, Fixture, more, set_up, func, tear_down)
  ADD ("/locked/described-image", described, test_update);
  ADD ("/locked/plain-image", plain, test_update);
  ADD ("/locked/recover", described, test_recover);
  return g_test_run ();
}
