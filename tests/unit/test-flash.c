/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash.h"

#include "chip.h"
#include "qfu-error.h"
#include "testconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define MIB (1024 * 1024)

/* A chip, and the progress that was reported. */
typedef struct {
  TestChip chip;
  guint steps;
  guint64 done;
  guint64 total;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_autofree guint8 *bytes = test_chip_pattern (1);

  test_chip_set_up (&f->chip, bytes);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  test_chip_tear_down (&f->chip);
}

static void
assert_holds (const QfuUntrustedBlob *blob, const guint8 *bytes)
{
  g_autoptr (QfuUntrustedBlob) expected = test_blob (bytes, TEST_CHIP_SIZE);

  g_assert_cmpuint (qfu_untrusted_blob_size (blob), ==, TEST_CHIP_SIZE);
  g_assert_true (
      qfu_digest_equal (qfu_untrusted_blob_sha256 (blob), qfu_untrusted_blob_sha256 (expected)));
}

static QfuFlash *
open_chip (const Fixture *f)
{
  g_autoptr (GError) error = NULL;
  QfuFlash *flash = qfu_flash_open (f->chip.config, &error);

  g_assert_no_error (error);
  g_assert_nonnull (flash);
  return flash;
}

static void
assert_open_fails (const Fixture *f, QfuError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuFlash) flash = qfu_flash_open (f->chip.config, &error);

  g_assert_null (flash);
  g_assert_error (error, QFU_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, part));
}

static void
count_step (gpointer user, guint64 done, guint64 total)
{
  Fixture *f = user;

  f->steps++;
  g_assert_cmpuint (done, >, f->done);
  f->done = done;
  f->total = total;
}

static void
test_read (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuFlash) flash = open_chip (f);
  g_autofree guint8 *bytes = test_chip_pattern (1);
  g_autoptr (GError) error = NULL;
  QfuFlashProgress progress = {count_step, f};
  g_autoptr (QfuUntrustedBlob) blob = qfu_flash_read (flash, NULL, &progress, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (qfu_flash_name (flash), ==, "dummy");
  g_assert_cmpuint (qfu_flash_size (flash), ==, TEST_CHIP_SIZE);
  assert_holds (blob, bytes);
  g_assert_cmpuint (f->steps, ==, 16);
  g_assert_cmpuint (f->done, ==, TEST_CHIP_SIZE);
  g_assert_cmpuint (f->total, ==, TEST_CHIP_SIZE);
}

static GArray *
ranges_new (const QfuRange *ranges, gsize n)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (QfuRange));

  return g_array_append_vals (array, ranges, (guint)n);
}

/* What is left out is not asked of the chip and counts as erased. */
static void
test_read_around (Fixture *f, gconstpointer unused)
{
  const QfuRange ranges[] = {{4096, 3 * MIB}, {TEST_CHIP_SIZE - 100, 100}};
  const QfuRange beyond[] = {{TEST_CHIP_SIZE - 100, 101}};
  g_autoptr (GArray) unread = ranges_new (ranges, G_N_ELEMENTS (ranges));
  g_autoptr (GArray) bad = ranges_new (beyond, 1);
  g_autoptr (QfuFlash) flash = open_chip (f);
  g_autofree guint8 *bytes = test_chip_pattern (1);
  g_autoptr (GError) error = NULL;
  QfuFlashProgress progress = {count_step, f};
  g_autoptr (QfuUntrustedBlob) blob = qfu_flash_read (flash, unread, &progress, &error);

  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (ranges); i++)
    memset (bytes + ranges[i].offset, 0xff, ranges[i].length);
  assert_holds (blob, bytes);
  g_assert_cmpuint (f->total, ==, TEST_CHIP_SIZE - 3 * MIB - 100);
  g_assert_null (qfu_flash_read (flash, bad, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

/* Only the ranges change, although the image differs everywhere. */
static void
test_write (Fixture *f, gconstpointer unused)
{
  const QfuRange ranges[] = {
      {0, 4096}, {8192, 12288}, {2 * MIB - 4096, MIB}, {TEST_CHIP_SIZE - 4096, 4096}};
  g_autoptr (GArray) array = ranges_new (ranges, G_N_ELEMENTS (ranges));
  g_autoptr (QfuFlash) flash = open_chip (f);
  g_autofree guint8 *expected = test_chip_pattern (1);
  g_autofree guint8 *bytes = test_chip_pattern (2);
  g_autoptr (QfuUntrustedBlob) image = test_blob (bytes, TEST_CHIP_SIZE);
  g_autoptr (QfuUntrustedBlob) after = NULL;
  g_autoptr (GError) error = NULL;
  QfuFlashProgress progress = {count_step, f};

  for (gsize i = 0; i < G_N_ELEMENTS (ranges); i++)
    memcpy (expected + ranges[i].offset, bytes + ranges[i].offset, ranges[i].length);
  g_assert_true (qfu_flash_write (flash, image, array, TRUE, &progress, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (f->done, ==, f->total);
  g_assert_cmpuint (f->total, ==, 4096 + 12288 + MIB + 4096);
  assert_holds (image, bytes); /* libflashrom did not change the caller's */
  g_assert_true (qfu_flash_reopen (flash, &error));
  g_assert_no_error (error);
  test_chip_assert_holds (&f->chip, expected);
  after = qfu_flash_read (flash, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_holds (after, expected);
}

static void
test_write_nothing (Fixture *f, gconstpointer unused)
{
  g_autoptr (GArray) none = ranges_new (NULL, 0);
  g_autofree guint8 *old = test_chip_pattern (1);
  g_autofree guint8 *bytes = test_chip_pattern (2);
  g_autoptr (QfuUntrustedBlob) image = test_blob (bytes, TEST_CHIP_SIZE);
  g_autoptr (GError) error = NULL;
  QfuFlash *flash = open_chip (f);

  g_assert_true (qfu_flash_write (flash, image, none, TRUE, NULL, &error));
  g_assert_no_error (error);
  qfu_flash_free (flash);
  test_chip_assert_holds (&f->chip, old);
}

static void
test_write_refused (Fixture *f, gconstpointer unused)
{
  const QfuRange beyond[] = {{0, 4096}, {TEST_CHIP_SIZE - 4096, 8192}};
  const QfuRange all[] = {{0, TEST_CHIP_SIZE}};
  const QfuRange cut[] = {{0, 4095}};
  g_autoptr (GArray) uneven = ranges_new (cut, 1);
  g_autoptr (GArray) bad = ranges_new (beyond, 2);
  g_autoptr (GArray) good = ranges_new (all, 1);
  g_autofree guint8 *old = test_chip_pattern (1);
  g_autofree guint8 *bytes = test_chip_pattern (2);
  g_autoptr (QfuUntrustedBlob) image = test_blob (bytes, TEST_CHIP_SIZE);
  g_autoptr (QfuUntrustedBlob) smaller = test_blob (bytes, TEST_CHIP_SIZE - 1);
  g_autoptr (GError) error = NULL;
  QfuFlash *flash = open_chip (f);

  g_assert_false (qfu_flash_write (flash, image, bad, TRUE, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_false (qfu_flash_write (flash, image, uneven, TRUE, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_false (qfu_flash_write (flash, smaller, good, TRUE, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  qfu_flash_free (flash);
  test_chip_assert_holds (&f->chip, old);
}

static void
test_write_protected (Fixture *f, gconstpointer unused)
{
  const QfuRange all[] = {{0, 4096}};
  g_autoptr (GArray) ranges = ranges_new (all, 1);
  g_autofree guint8 *old = test_chip_pattern (1);
  g_autofree guint8 *bytes = test_chip_pattern (2);
  g_autoptr (QfuUntrustedBlob) image = test_blob (bytes, TEST_CHIP_SIZE);
  g_autoptr (GError) error = NULL;
  /* SRP0, and all block-protect bits: hardware write protection of the whole chip */
  g_autofree char *programmer =
      g_strdup_printf ("%s,spi_status=0x9c,hwwp=yes", f->chip.config->programmer);
  QfuFlash *flash;

  test_chip_use (&f->chip, programmer);
  flash = open_chip (f);
  g_assert_false (qfu_flash_write (flash, image, ranges, TRUE, NULL, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  g_test_message ("%s", error->message);
  qfu_flash_free (flash);
  test_chip_assert_holds (&f->chip, old);
}

static void
test_busy (Fixture *f, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (f->chip.config->runtime, "chip.lock", NULL);
  g_autoptr (QfuFlash) flash = open_chip (f);
  int fd = open (path, O_RDWR | O_CLOEXEC);

  assert_open_fails (f, QFU_ERROR_BUSY, "already");
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, -1);
  g_assert_cmpint (errno, ==, EWOULDBLOCK);
  g_clear_pointer (&flash, qfu_flash_free);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, 0);
  assert_open_fails (f, QFU_ERROR_BUSY, path);
  g_assert_cmpint (close (fd), ==, 0);
  flash = open_chip (f);
  g_assert_nonnull (flash);
}

static void
test_bad_programmers (Fixture *f, gconstpointer unused)
{
  g_autofree char *good = g_strdup (f->chip.config->programmer);
  g_autofree char *with_nonsense = g_strconcat (good, ",colour=blue", NULL);
  const char *unusable[] = {"", ":dev=0", "Dummy", "../dummy", "dummy bus=spi"};

  for (gsize i = 0; i < G_N_ELEMENTS (unusable); i++) {
    test_chip_use (&f->chip, unusable[i]);
    assert_open_fails (f, QFU_ERROR_USAGE, "[Chip] Programmer=");
  }
  test_chip_use (&f->chip, "nosuchprogrammer");
  assert_open_fails (f, QFU_ERROR_UNREACHABLE, "nosuchprogrammer");
  test_chip_use (&f->chip, with_nonsense);
  assert_open_fails (f, QFU_ERROR_UNREACHABLE, "colour=blue");
  /* none of the failures keeps the next from working */
  test_chip_use (&f->chip, good);
  qfu_flash_free (open_chip (f));
}

static void
test_model_and_size (Fixture *f, gconstpointer unused)
{
  f->chip.config->chip_size = TEST_CHIP_SIZE;
  qfu_flash_free (open_chip (f));
  f->chip.config->chip_size = TEST_CHIP_SIZE / 2;
  assert_open_fails (f, QFU_ERROR_MISMATCH, "[Chip] Size=");
  f->chip.config->chip_size = 0;
  g_free (f->chip.config->chip_model);
  f->chip.config->chip_model = g_strdup ("W25Q128.V");
  qfu_flash_free (open_chip (f));
  g_free (f->chip.config->chip_model);
  f->chip.config->chip_model = g_strdup ("MX25L6406E/MX25L6408E");
  assert_open_fails (f, QFU_ERROR_UNREACHABLE, "MX25L6406E");
}

/* libflashrom asks a chip for its identification once a process, so another chip needs another
 * process. */
static void
test_several_models (Fixture *f, gconstpointer unused)
{
  if (!g_test_subprocess ()) {
    g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed ();
    return;
  }
  test_chip_use (&f->chip, "dummy:bus=spi,emulate=MX25L6436");
  assert_open_fails (f, QFU_ERROR_UNSUPPORTED, "Model=");
  g_free (f->chip.config->chip_model);
  f->chip.config->chip_model = g_strdup ("MX25L6405D");
  qfu_flash_free (open_chip (f));
}

static void
test_no_chip (Fixture *f, gconstpointer unused)
{
  if (!g_test_subprocess ()) {
    g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_passed ();
    return;
  }
  test_chip_use (&f->chip, "dummy:bus=spi");
  assert_open_fails (f, QFU_ERROR_UNREACHABLE, "no flash chip");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/flash/read", test_read);
  ADD ("/flash/read-around", test_read_around);
  ADD ("/flash/write", test_write);
  ADD ("/flash/write-nothing", test_write_nothing);
  ADD ("/flash/write-refused", test_write_refused);
  ADD ("/flash/write-protected", test_write_protected);
  ADD ("/flash/busy", test_busy);
  ADD ("/flash/bad-programmers", test_bad_programmers);
  ADD ("/flash/model-and-size", test_model_and_size);
  ADD ("/flash/several-models", test_several_models);
  ADD ("/flash/no-chip", test_no_chip);
  return g_test_run ();
}
