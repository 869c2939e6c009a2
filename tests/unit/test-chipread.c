/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-chipread.h"

#include "chip.h"
#include "image.h"
#include "qfu-error.h"

#include <string.h>

#define MIB (1024 * 1024)
#define CLOSED_ME (1u << 2)

static const guint32 registers[] = {
    IMAGE_FLREG (0, 4096),
    IMAGE_FLREG (8 * MIB, 8 * MIB),
    IMAGE_FLREG (3 * 4096, 8 * MIB - 3 * 4096),
    IMAGE_FLREG (4096, 8192),
};

typedef struct {
  TestChip chip;
  guint8 *bytes;
} Fixture;

/* A chip, with a descriptor where @user is not %NULL: its signature lies at *@user. */
static void
set_up (Fixture *f, gconstpointer user)
{
  const guint *at = user;

  f->bytes = test_chip_pattern (1);
  if (at != NULL) {
    g_autoptr (GByteArray) head = image_new (4096);

    image_descriptor (head, *at, registers, G_N_ELEMENTS (registers), CLOSED_ME);
    memcpy (f->bytes, head->data, head->len);
  }
  test_chip_set_up (&f->chip, f->bytes);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  test_chip_tear_down (&f->chip);
  g_free (f->bytes);
}

static void
use_layout (Fixture *f, const char *rules)
{
  g_autofree char *path = g_build_filename (f->chip.directory, "l.conf", NULL);
  g_autofree char *text =
      g_strdup_printf ("[Layout]\nDescription=d\nDefault=preserve\n[Regions]\n%s", rules);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, text, -1, &error));
  g_free (f->chip.config->layouts);
  f->chip.config->layouts = g_strdup (f->chip.directory);
  g_free (f->chip.config->layout);
  f->chip.config->layout = g_strdup ("l");
}

/* What was read is what the fixture says now. */
static void
assert_reads (Fixture *f, const QfuRange *expected, gsize n)
{
  g_autoptr (QfuUntrustedBlob) wanted = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuFlash) flash = qfu_flash_open (f->chip.config, &error);
  g_autoptr (GArray) unread = NULL;
  g_autoptr (QfuUntrustedBlob) blob = NULL;

  g_assert_no_error (error);
  blob = qfu_chip_read (f->chip.config, flash, &unread, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (unread->data, unread->len * sizeof (QfuRange), expected, n * sizeof (QfuRange));
  for (gsize i = 0; i < n; i++)
    memset (f->bytes + expected[i].offset, 0xff, expected[i].length);
  wanted = test_blob (f->bytes, TEST_CHIP_SIZE);
  g_assert_true (
      qfu_digest_equal (qfu_untrusted_blob_sha256 (blob), qfu_untrusted_blob_sha256 (wanted)));
}

/* Without a descriptor, or a region of it that is not to be touched, all of it is read. */
static void
test_whole (Fixture *f, gconstpointer unused)
{
  use_layout (f, "SI_ME=preserve\nSI_GBE=must-equal\n");
  assert_reads (f, NULL, 0);
}

static void
test_around (Fixture *f, gconstpointer unused)
{
  const QfuRange me[] = {{3 * 4096, 8 * MIB - 3 * 4096}};
  const QfuRange both[] = {{4096, 8 * MIB - 4096}};

  use_layout (f, "SI_ME=never\n");
  assert_reads (f, me, 1);
  use_layout (f, "SI_ME=never\nSI_GBE=never\nSI_DESC=never\nSI_BIOS=never\n");
  assert_reads (f, both, 1);
}

static void
assert_fails (Fixture *f, QfuError code, const char *why)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuFlash) flash = qfu_flash_open (f->chip.config, &error);

  g_assert_no_error (error);
  g_assert_null (qfu_chip_read (f->chip.config, flash, NULL, NULL, &error));
  g_assert_error (error, QFU_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, why));
}

/* A descriptor that cannot be true, or a layout that cannot be read, and nothing is read. */
static void
test_refused (Fixture *f, gconstpointer unused)
{
  use_layout (f, "SI_ME=never\n");
  f->bytes[0x44] = 0;
  f->bytes[0x45] = 0;
  g_assert_true (g_file_set_contents (f->chip.path, (const char *)f->bytes, TEST_CHIP_SIZE, NULL));
  assert_fails (f, QFU_ERROR_FORMAT, "SI_BIOS lies in another region");
  use_layout (f, "SI_ME=now\n");
  assert_fails (f, QFU_ERROR_USAGE, "SI_ME=now");
}

int
main (int argc, char **argv)
{
  static const guint newer = 16;
  static const guint oldest = 0;

  test_init (&argc, &argv);
#define ADD(path, at, func) g_test_add (path, Fixture, at, set_up, func, tear_down)
  ADD ("/chipread/no-descriptor", NULL, test_whole);
  ADD ("/chipread/whole", &newer, test_whole);
  ADD ("/chipread/around", &newer, test_around);
  ADD ("/chipread/around-oldest", &oldest, test_around);
  ADD ("/chipread/refused", &newer, test_refused);
  return g_test_run ();
}
