/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-rewrite.h"

#include "chip.h"
#include "qfu-error.h"
#include "testconfig.h"

#include <glib/gstdio.h>
#include <string.h>

#define HIGH (TEST_CHIP_SIZE - 64 * 1024)

/* status registers of the chip: protected by a pin that software cannot change, from here up */
#define PROTECT_TOP ",hwwp=yes,spi_status=0x84"
#define PROTECT_ALL ",hwwp=yes,spi_status=0x9c"

/* A chip that shall get other bytes at its beginning and near its end. */
typedef struct {
  TestChip chip;
  guint8 *old;
  guint8 *wanted;
  QfuUntrustedBlob *old_blob;
  QfuComposed *composed;
  QfuRewriteResult result;
  GString *stages; /* a letter for each stage that was entered */
  gboolean lose_chip;
} Fixture;

static GArray *
ranges_new (void)
{
  /* so long that it is written in a step of its own */
  const QfuRange ranges[] = {{0, 1024 * 1024}, {HIGH, 4096}};
  GArray *array = g_array_new (FALSE, FALSE, sizeof (QfuRange));

  return g_array_append_vals (array, ranges, G_N_ELEMENTS (ranges));
}

static void
free_step (gpointer step)
{
  qfu_step_free (step);
}

static void
add_step (Fixture *f, const char *name, guint64 offset, guint64 length, gboolean window)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  QfuRange range = {offset, length};

  g_array_append_val (ranges, range);
  g_ptr_array_add (f->composed->steps, qfu_step_new (g_strdup (name), ranges, window));
}

static void
set_up (Fixture *f, gconstpointer more)
{
  g_autofree char *programmer = NULL;

  f->old = test_chip_pattern (1);
  f->wanted = test_chip_pattern (1);
  memset (f->wanted, 'x', 8192);
  memset (f->wanted + HIGH, 'y', 4096);
  test_chip_set_up (&f->chip, f->old);
  programmer = g_strconcat (f->chip.config->programmer, more, NULL);
  test_chip_use (&f->chip, programmer);
  f->old_blob = test_blob (f->old, TEST_CHIP_SIZE);
  f->composed = g_new0 (QfuComposed, 1);
  f->composed->image = test_blob (f->wanted, TEST_CHIP_SIZE);
  f->composed->updatable = ranges_new ();
  f->composed->preserved = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  f->composed->changed = ranges_new ();
  f->composed->steps = g_ptr_array_new_with_free_func (free_step);
  add_step (f, "LOW", 0, 8192, FALSE);
  add_step (f, "HIGH", HIGH, 4096, TRUE);
  f->stages = g_string_new (NULL);
}

static void
tear_down (Fixture *f, gconstpointer more)
{
  g_string_free (f->stages, TRUE);
  qfu_composed_free (f->composed);
  qfu_untrusted_blob_free (f->old_blob);
  g_free (f->wanted);
  g_free (f->old);
  test_chip_tear_down (&f->chip);
}

static void
on_step (gpointer user, QfuRewriteStage stage, guint64 done, guint64 total)
{
  Fixture *f = user;
  char letter = "rwvR"[stage];

  if (f->stages->len == 0 || f->stages->str[f->stages->len - 1] != letter)
    g_string_append_c (f->stages, letter);
  g_assert_cmpuint (done, <=, total);
  if (f->lose_chip && stage == QFU_REWRITE_WRITE) {
    /* the dummy programmer can no longer keep its contents, and forgets them when it is closed */
    g_assert_cmpint (g_unlink (f->chip.path), ==, 0);
    g_assert_cmpint (g_mkdir (f->chip.path, 0700), ==, 0);
    f->lose_chip = FALSE;
  }
}

static gboolean
rewrite (Fixture *f, GError **error)
{
  QfuRewriteProgress progress = {on_step, f};
  g_autoptr (QfuFlash) flash = qfu_flash_open (f->chip.config, error);

  g_assert_nonnull (flash);
  return qfu_rewrite_chip (flash, f->old_blob, f->composed, &progress, &f->result, error);
}

static void
test_success (Fixture *f, gconstpointer more)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (rewrite (f, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (f->stages->str, ==, "wv");
  g_assert_cmpuint (f->result.state, ==, QFU_FLASH_NEW);
  g_assert_cmpuint (f->result.bytes_written, ==, 8192 + 4096);
  test_chip_assert_holds (&f->chip, f->wanted);
}

/* The composed image says more than what would be written. */
static void
test_not_all_written (Fixture *f, gconstpointer more)
{
  g_autoptr (GError) error = NULL;

  g_ptr_array_set_size (f->composed->steps, 1);
  g_assert_false (rewrite (f, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_INTERNAL);
  g_assert_nonnull (strstr (error->message, "still holds its old contents"));
  g_assert_cmpstr (f->stages->str, ==, "");
  g_assert_cmpuint (f->result.state, ==, QFU_FLASH_OLD);
  g_assert_cmpuint (f->result.bytes_written, ==, 0);
  test_chip_assert_holds (&f->chip, f->old);
}

static void
test_fails_in_the_middle (Fixture *f, gconstpointer more)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (rewrite (f, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "step 2 of 2 (HIGH)"));
  g_assert_nonnull (strstr (error->message, "holds its old contents again"));
  g_assert_cmpstr (f->stages->str, ==, "wR");
  g_assert_cmpuint (f->result.state, ==, QFU_FLASH_OLD);
  /* forth, and what was changed back */
  g_assert_cmpuint (f->result.bytes_written, ==, 8192 + 4096 + 8192);
  test_chip_assert_holds (&f->chip, f->old);
}

static void
test_fails_at_once (Fixture *f, gconstpointer more)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (rewrite (f, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "still holds its old contents"));
  test_chip_assert_holds (&f->chip, f->old);
}

static void
test_lost (Fixture *f, gconstpointer more)
{
  g_autoptr (GError) error = NULL;

  f->lose_chip = TRUE;
  g_assert_false (rewrite (f, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_MISMATCH);
  g_assert_nonnull (strstr (error->message, "HOLDS NEITHER ITS OLD NOR ITS NEW CONTENTS"));
  g_assert_nonnull (strstr (error->message, "do not switch this machine off"));
  g_assert_nonnull (strstr (error->message, "`qubes-fwupdmgr recover`"));
  g_assert_cmpuint (f->result.state, ==, QFU_FLASH_NEITHER);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
#define ADD(path, more, func) g_test_add (path, Fixture, more, set_up, func, tear_down)
  ADD ("/rewrite/success", "", test_success);
  ADD ("/rewrite/not-all-written", "", test_not_all_written);
  ADD ("/rewrite/fails-in-the-middle", PROTECT_TOP, test_fails_in_the_middle);
  ADD ("/rewrite/fails-at-once", PROTECT_ALL, test_fails_at_once);
  ADD ("/rewrite/lost", "", test_lost);
  return g_test_run ();
}
