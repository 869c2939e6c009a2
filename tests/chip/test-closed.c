/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Chips of which a part cannot be read, as those of Intel's machines whose ME is locked. */

#include "chip.h"
#include "image.h"
#include "nor.h"
#include "qfu-chipread.h"
#include "qfu-error.h"

#include <string.h>

#define SIZE (2 * 1024 * 1024)
#define ME_AT 0x3000
#define ME_SIZE 0xfd000
#define CLOSED_ME (1u << 2)

static const guint32 registers[] = {
    IMAGE_FLREG (0, 0x1000),
    IMAGE_FLREG (SIZE / 2, SIZE / 2),
    IMAGE_FLREG (ME_AT, ME_SIZE),
    IMAGE_FLREG (0x1000, 0x2000),
};

typedef struct {
  char *directory;
  QfuConfig *config;
  guint8 *bytes;
  TestNor *nor;
} Fixture;

static void
set_up (Fixture *f, gconstpointer options)
{
  g_autoptr (GByteArray) head = image_new (4096);

  f->directory = test_directory ();
  f->config = test_config (f->directory, G_STRINGIFY (TEST_WORKER_UID));
  f->bytes = test_chip_pattern (1);
  image_descriptor (head, 16, registers, G_N_ELEMENTS (registers), CLOSED_ME);
  memcpy (f->bytes, head->data, head->len);
  f->nor = test_nor_start (f->directory, f->bytes, SIZE, options);
  test_nor_configure (f->nor, f->config);
}

static void
tear_down (Fixture *f, gconstpointer options)
{
  test_nor_stop (f->nor);
  g_free (f->bytes);
  qfu_config_free (f->config);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

static QfuUntrustedBlob *
read_chip (Fixture *f, const char *rules, GError **error)
{
  g_autofree char *path = g_build_filename (f->directory, "l.conf", NULL);
  g_autofree char *text =
      g_strdup_printf ("[Layout]\nDescription=d\nDefault=preserve\n[Regions]\n%s", rules);
  g_autoptr (QfuFlash) flash = qfu_flash_open (f->config, error);

  g_assert_nonnull (flash);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_free (f->config->layouts);
  g_free (f->config->layout);
  f->config->layouts = g_strdup (f->directory);
  f->config->layout = g_strdup ("l");
  return qfu_chip_read (f->config, flash, NULL, NULL, error);
}

/* The message names the part of the chip, the region, and what leaves it out. */
static void
test_named (Fixture *f, gconstpointer options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) blob = read_chip (f, "SI_ME=preserve\n", &error);

  g_assert_null (blob);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "between 0 and 0xfffff"));
  g_assert_nonnull (strstr (error->message, "SI_ME (0x3000-0xfffff)"));
  g_assert_nonnull (strstr (error->message, "rule `never`"));
  g_assert_null (strstr (error->message, "SI_GBE"));
}

static void
test_around (Fixture *f, gconstpointer options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) blob = read_chip (f, "SI_ME=never\n", &error);
  g_autoptr (QfuUntrustedBlob) expected = NULL;

  g_assert_no_error (error);
  memset (f->bytes + ME_AT, 0xff, ME_SIZE);
  expected = test_blob (f->bytes, SIZE);
  g_assert_true (
      qfu_digest_equal (qfu_untrusted_blob_sha256 (blob), qfu_untrusted_blob_sha256 (expected)));
}

/* A part that fails although the descriptor opens it: the cause is another one. */
static void
test_elsewhere (Fixture *f, gconstpointer options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) blob = read_chip (f, "SI_ME=never\n", &error);

  g_assert_null (blob);
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "between 0x100000 and 0x1fffff"));
  g_assert_null (strstr (error->message, "descriptor"));
}

int
main (int argc, char **argv)
{
  static const char *const me[] = {"--closed", "0x3000:0xfd000", NULL};
  static const char *const bios[] = {"--closed", "0x180000:1", NULL};

  test_init (&argc, &argv);
#define ADD(path, more, func) g_test_add (path, Fixture, more, set_up, func, tear_down)
  ADD ("/closed/named", me, test_named);
  ADD ("/closed/around", me, test_around);
  ADD ("/closed/elsewhere", bios, test_elsewhere);
  return g_test_run ();
}
