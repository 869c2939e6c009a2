/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-chipread.h"

#include "chip.h"
#include "testconfig.h"

typedef struct {
  TestChip chip;
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

/* A chip without a descriptor is read as a whole. */
static void
test_whole (Fixture *f, gconstpointer unused)
{
  g_autofree guint8 *bytes = test_chip_pattern (1);
  g_autoptr (QfuUntrustedBlob) expected = test_blob (bytes, TEST_CHIP_SIZE);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuFlash) flash = qfu_flash_open (f->chip.config, &error);
  g_autoptr (GArray) unread = NULL;
  g_autoptr (QfuUntrustedBlob) blob = NULL;

  g_assert_no_error (error);
  blob = qfu_chip_read (f->chip.config, flash, &unread, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (unread->len, ==, 0);
  g_assert_true (
      qfu_digest_equal (qfu_untrusted_blob_sha256 (blob), qfu_untrusted_blob_sha256 (expected)));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/chipread/whole", Fixture, NULL, set_up, test_whole, tear_down);
  return g_test_run ();
}
