/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The emulator as libflashrom and the library on top of it see it. */

#include "chip.h"
#include "nor.h"
#include "qfu-error.h"
#include "qfu-flash.h"

#include <string.h>

#define SIZE (2 * 1024 * 1024)
#define BLOCK 4096

typedef struct {
  char *directory;
  QfuConfig *config;
  guint8 *old;
  guint8 *wanted; /* two blocks of the last four are others */
  TestNor *nor;
} Fixture;

static void
set_up (Fixture *f, gconstpointer options)
{
  f->directory = test_directory ();
  f->config = test_config (f->directory, "nobody");
  f->old = test_chip_pattern (1);
  f->wanted = g_memdup2 (f->old, SIZE);
  memset (f->wanted + SIZE - 3 * BLOCK, 'x', BLOCK);
  memset (f->wanted + SIZE - BLOCK, 'y', BLOCK / 2);
  f->nor = test_nor_start (f->directory, f->old, SIZE, options);
  test_nor_configure (f->nor, f->config);
}

static void
tear_down (Fixture *f, gconstpointer options)
{
  test_nor_stop (f->nor);
  g_free (f->wanted);
  g_free (f->old);
  qfu_config_free (f->config);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

static QfuFlash *
open_flash (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  QfuFlash *flash = qfu_flash_open (f->config, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (qfu_flash_size (flash), ==, SIZE);
  return flash;
}

static gboolean
holds (QfuFlash *flash, const guint8 *contents)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) blob = qfu_flash_read (flash, NULL, NULL, &error);
  g_autoptr (GMappedFile) map = NULL;

  g_assert_no_error (error);
  map = g_mapped_file_new_from_fd (qfu_untrusted_blob_fd (blob), FALSE, &error);
  g_assert_no_error (error);
  return memcmp (g_mapped_file_get_contents (map), contents, SIZE) == 0;
}

static gboolean
write_wanted (Fixture *f, QfuFlash *flash, GError **error)
{
  const QfuRange range = {SIZE - 4 * BLOCK, 4 * BLOCK};
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  g_autoptr (QfuUntrustedBlob) image = test_blob (f->wanted, SIZE);

  g_array_append_val (ranges, range);
  return qfu_flash_write (flash, image, ranges, FALSE, NULL, error);
}

static void
test_write (Fixture *f, gconstpointer options)
{
  g_autoptr (QfuFlash) flash = open_flash (f);
  g_autoptr (GError) error = NULL;

  g_assert_true (holds (flash, f->old));
  g_assert_true (write_wanted (f, flash, &error));
  g_assert_no_error (error);
  test_nor_assert_holds (f->nor, f->wanted, SIZE);
  g_assert_cmpuint (test_nor_count (f->nor, "erased"), ==, 2 * BLOCK);
  g_assert_cmpuint (test_nor_count (f->nor, "programmed"), ==, 2 * BLOCK);
  g_assert_cmpuint (test_nor_count (f->nor, "refused"), ==, 0);
  g_assert_true (qfu_flash_reopen (flash, &error));
  g_assert_no_error (error);
  g_assert_true (holds (flash, f->wanted));
}

static void
assert_write_fails (Fixture *f)
{
  g_autoptr (QfuFlash) flash = open_flash (f);
  g_autoptr (GError) error = NULL;

  g_assert_false (write_wanted (f, flash, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  g_test_message ("%s", error->message);
}

static void
test_write_fails (Fixture *f, gconstpointer options)
{
  assert_write_fails (f);
}

static void
test_protected (Fixture *f, gconstpointer options)
{
  assert_write_fails (f);
  test_nor_assert_holds (f->nor, f->old, SIZE);
  g_assert_cmpuint (test_nor_count (f->nor, "operations"), ==, 0);
  g_assert_cmpuint (test_nor_count (f->nor, "refused"), >, 0);
}

static void
test_unsteady (Fixture *f, gconstpointer options)
{
  g_autoptr (QfuFlash) flash = open_flash (f);

  g_assert_false (holds (flash, f->old));
  g_assert_true (holds (flash, f->old));
}

/* The program that was given dies with the emulator, in the middle of what it did to the chip. */
static void
test_cut (gconstpointer options)
{
  g_autofree char *directory = test_directory ();
  g_autofree char *image = g_build_filename (directory, "chip.bin", NULL);
  g_autofree char *wanted = g_build_filename (directory, "wanted.bin", NULL);
  g_autofree char *program =
      g_build_filename (g_getenv ("QFU_BUILD_ROOT"), "tests", "chip", "nor-emulator", NULL);
  g_autofree guint8 *old = test_chip_pattern (1);
  g_autofree char *held = NULL;
  const char *words[] = {program, "--cut",
                         "3:100", image,
                         "--",    "flashrom",
                         "-p",    "serprog:ip=127.0.0.1:{port}",
                         "-c",    test_nor_model (SIZE),
                         "-w",    wanted,
                         NULL};
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;

  g_file_set_contents (image, (const char *)old, SIZE, &error);
  g_assert_no_error (error);
  memset (old, 'x', BLOCK);
  g_file_set_contents (wanted, (const char *)old, SIZE, &error);
  g_assert_no_error (error);
  process = g_subprocess_newv (words, G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait (process, NULL, &error));
  g_assert_true (g_subprocess_get_if_signaled (process));
  g_assert_cmpint (g_subprocess_get_term_sig (process), ==, SIGKILL);
  /* an erase, a page, a part of the next page */
  g_file_get_contents (image, &held, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (held, 256 + 100, old, 256 + 100);
  g_assert_cmpuint ((guint8)held[256 + 100 + 16], ==, 0xff);
  g_assert_cmpmem (held + BLOCK, SIZE - BLOCK, old + BLOCK, SIZE - BLOCK);
  test_directory_remove (directory);
}

int
main (int argc, char **argv)
{
  static const char *const none[] = {NULL};
  static const char *const protect[] = {"--protect", "0x1fc000:0x4000", NULL};
  static const char *const locked[] = {"--status", "84", "--wp-low", NULL};
  static const char *const worn[] = {"--fail-erase", "0x1fd010:1", NULL};
  static const char *const partly[] = {"--short", "2:100", NULL};
  static const char *const unsteady[] = {"--unsteady", "0x1000:1:1", NULL};

  g_test_init (&argc, &argv, NULL);
#define ADD(path, more, func) g_test_add (path, Fixture, more, set_up, func, tear_down)
  ADD ("/serprog/write", none, test_write);
  ADD ("/serprog/protected", protect, test_protected);
  ADD ("/serprog/locked", locked, test_protected);
  ADD ("/serprog/fail-erase", worn, test_write_fails);
  ADD ("/serprog/short", partly, test_write_fails);
  ADD ("/serprog/unsteady", unsteady, test_unsteady);
  g_test_add_data_func ("/serprog/cut", NULL, test_cut);
  return g_test_run ();
}
