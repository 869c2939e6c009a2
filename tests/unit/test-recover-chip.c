/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-recover-chip.h"

#include "qfu-error.h"
#include "recover-fixture.h"

#include <string.h>

#define PROTECT_TOP ",hwwp=yes,spi_status=0x84" /* the last 256 KiB */

typedef struct {
  QfuFlash *flash;
  QfuChipRecovery recovery;
} Opened;

static void
opened_clear (Opened *opened)
{
  qfu_chip_recovery_clear (&opened->recovery);
  qfu_flash_free (opened->flash);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Opened, opened_clear)

static void
open_chip (const RecoverFixture *f, Opened *opened)
{
  g_autoptr (GError) error = NULL;

  opened->flash = qfu_flash_open (f->chip.config, &error);
  g_assert_no_error (error);
  opened->recovery.config = f->chip.config;
  opened->recovery.flash = opened->flash;
  opened->recovery.entry = f->entry;
  g_assert_true (qfu_chip_recovery_look (&opened->recovery, &error));
  g_assert_no_error (error);
}

/* Which way is taken, of chips whose window is so far. */
static void
test_choose (RecoverFixture *f, gconstpointer more)
{
  static const struct {
    gboolean first_new;
    guint8 window; /* o, n or torn */
    QfuChipBlock expected;
  } cases[] = {
      {FALSE, 'o', QFU_CHIP_OLD}, {TRUE, 'o', QFU_CHIP_OLD},  {TRUE, 't', QFU_CHIP_NEW},
      {TRUE, 'n', QFU_CHIP_NEW},  {FALSE, 'n', QFU_CHIP_NEW},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (Opened) opened = {0};

    recover_copy (f, cases[i].first_new ? f->new : f->old, 0, 8192);
    recover_copy (f, cases[i].window == 'n' ? f->new : f->old, 65536, 4096);
    if (cases[i].window == 't')
      recover_fill (f, 65536, 1, (guint8)~f->old[65536]);
    recover_put (f);
    open_chip (f, &opened);
    g_assert_cmpuint (qfu_chip_recovery_choose (&opened.recovery), ==, cases[i].expected);
  }
}

/* Without a window anything that has begun is finished. */
static void
test_choose_without_window (RecoverFixture *f, gconstpointer more)
{
  g_auto (Opened) opened = {0};

  ((QfuStep *)g_ptr_array_index (f->entry->steps, 1))->window = FALSE;
  recover_fill (f, 0, 1, (guint8)~f->old[0]);
  recover_put (f);
  open_chip (f, &opened);
  g_assert_cmpuint (qfu_chip_recovery_choose (&opened.recovery), ==, QFU_CHIP_NEW);
}

/* A part of the new contents cannot be written; the old ones can. */
static void
test_other_way (RecoverFixture *f, gconstpointer more)
{
  QfuChipBlock target = QFU_CHIP_NEW;
  g_auto (Opened) opened = {0};
  g_autoptr (GError) error = NULL;
  QfuRange *range;

  /* the window is where the chip is protected, and still old */
  range = &g_array_index (((QfuStep *)g_ptr_array_index (f->entry->steps, 1))->ranges, QfuRange, 0);
  range->offset = TEST_CHIP_SIZE - 65536;
  g_array_set_size (f->entry->preserved, 0);
  memcpy (f->new + 65536, f->old + 65536, 4096);
  memset (f->new + range->offset, 'y', 4096);
  recover_keep (f, f->new, &f->entry->new_image);
  recover_copy (f, f->new, 0, 4096);
  recover_fill (f, 4096, 4096, 0xff);
  recover_put (f);
  open_chip (f, &opened);
  g_assert_true (qfu_chip_recovery_bring (&opened.recovery, &target, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (target, ==, QFU_CHIP_OLD);
  g_assert_true (qfu_chip_state_is (opened.recovery.state, QFU_CHIP_OLD));
  g_assert_cmpuint (opened.recovery.bytes_written, >, 0);
  g_clear_pointer (&opened.flash, qfu_flash_free);
  test_chip_assert_holds (&f->chip, f->old);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
#define ADD(path, more, func)                                                                      \
  g_test_add (path, RecoverFixture, more, recover_set_up, func, recover_tear_down)
  ADD ("/recover-chip/choose", "", test_choose);
  ADD ("/recover-chip/choose-without-window", "", test_choose_without_window);
  ADD ("/recover-chip/other-way", PROTECT_TOP, test_other_way);
  return g_test_run ();
}
