/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-chipstate.h"

#include "testconfig.h"

#include <string.h>

#define BLOCKS 48 /* three neighbourhoods of 16 blocks */
#define SIZE (BLOCKS * QFU_ERASE_BLOCK)

/* A write of the blocks 16 and 17, which boot needs, then 19; 18 and 40 to 47 are preserved. */
typedef struct {
  guint8 old[SIZE];
  guint8 new[SIZE];
  guint8 chip[SIZE];
  QfuUntrustedBlob *images[2];
  GPtrArray *steps;
  GArray *preserved;
} Fixture;

static void
step_free (gpointer step)
{
  qfu_step_free (step);
}

static GArray *
blocks (guint first, guint count)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  QfuRange range = {(guint64)first * QFU_ERASE_BLOCK, (guint64)count * QFU_ERASE_BLOCK};

  return g_array_append_val (ranges, range);
}

static void
fill (guint8 *bytes, guint block, guint8 value)
{
  memset (bytes + (gsize)block * QFU_ERASE_BLOCK, value, QFU_ERASE_BLOCK);
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  QfuRange tail = {40 * QFU_ERASE_BLOCK, 8 * QFU_ERASE_BLOCK};

  memset (f->old, 0x55, SIZE);
  memcpy (f->new, f->old, SIZE);
  fill (f->new, 16, 0x66);
  fill (f->new, 17, 0x66);
  fill (f->new, 19, 0x66);
  memcpy (f->chip, f->old, SIZE);
  f->images[0] = test_blob (f->old, SIZE);
  f->images[1] = test_blob (f->new, SIZE);
  f->steps = g_ptr_array_new_with_free_func (step_free);
  g_ptr_array_add (f->steps, qfu_step_new (g_strdup ("BOOT"), blocks (16, 2), TRUE));
  g_ptr_array_add (f->steps, qfu_step_new (g_strdup ("REST"), blocks (19, 1), FALSE));
  f->preserved = blocks (18, 1);
  g_array_append_val (f->preserved, tail);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_array_unref (f->preserved);
  g_ptr_array_unref (f->steps);
  qfu_untrusted_blob_free (f->images[0]);
  qfu_untrusted_blob_free (f->images[1]);
}

static QfuChipState *
look_at (const Fixture *f, const guint8 *again)
{
  QfuChipPlan plan = {f->steps, f->preserved, f->images[0], f->images[1]};
  g_autoptr (QfuUntrustedBlob) chip = test_blob (f->chip, SIZE);
  g_autoptr (QfuUntrustedBlob) second = again == NULL ? NULL : test_blob (again, SIZE);

  return qfu_chip_state_new (&plan, chip, second);
}

/* "NAME OFFSET+LENGTH …" in blocks, of all steps. */
static char *
steps_to (const Fixture *f, const QfuChipState *state, QfuChipBlock target)
{
  QfuChipPlan plan = {f->steps, f->preserved, f->images[0], f->images[1]};
  g_autoptr (GPtrArray) steps = qfu_chip_state_steps (state, &plan, target);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < steps->len; i++) {
    const QfuStep *step = g_ptr_array_index (steps, i);

    g_string_append_printf (text, "%s%s", i == 0 ? "" : ", ", step->name);
    for (guint k = 0; k < step->ranges->len; k++) {
      const QfuRange *range = &g_array_index (step->ranges, QfuRange, k);

      g_string_append_printf (text, " %u+%u", (guint)(range->offset / QFU_ERASE_BLOCK),
                              (guint)(range->length / QFU_ERASE_BLOCK));
    }
  }
  return g_string_free (text, FALSE);
}

static void
test_old_and_new (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuChipState) old = look_at (f, NULL);
  g_autoptr (QfuChipState) new = NULL;
  g_autofree char *forth = steps_to (f, old, QFU_CHIP_NEW);
  g_autofree char *back = steps_to (f, old, QFU_CHIP_OLD);

  g_assert_true (qfu_chip_state_is (old, QFU_CHIP_OLD));
  g_assert_false (qfu_chip_state_is (old, QFU_CHIP_NEW));
  g_assert_cmpuint (old->touched, ==, 3);
  g_assert_cmpuint (old->window_not_old, ==, 0);
  g_assert_cmpuint (old->window_not_new, ==, 2);
  g_assert_cmpstr (forth, ==, "BOOT 16+2, REST 19+1");
  g_assert_cmpstr (back, ==, "");
  memcpy (f->chip, f->new, SIZE);
  new = look_at (f, f->chip);
  g_assert_true (qfu_chip_state_is (new, QFU_CHIP_NEW));
  g_assert_cmpuint (new->window_not_new, ==, 0);
}

static void
test_torn (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuChipState) state = NULL;
  g_autofree char *forth = NULL;
  g_autofree char *back = NULL;
  g_autofree char *text = NULL;

  fill (f->chip, 16, 0x66);
  fill (f->chip, 17, 0xff);
  state = look_at (f, NULL);
  g_assert_false (qfu_chip_state_is (state, QFU_CHIP_OLD));
  g_assert_false (qfu_chip_state_is (state, QFU_CHIP_NEW));
  g_assert_cmpuint (state->count[QFU_CHIP_TORN], ==, 1);
  g_assert_cmpuint (state->window_not_old, ==, 2);
  g_assert_cmpuint (state->window_not_new, ==, 1);
  forth = steps_to (f, state, QFU_CHIP_NEW);
  g_assert_cmpstr (forth, ==, "BOOT 17+1, REST 19+1");
  back = steps_to (f, state, QFU_CHIP_OLD);
  g_assert_cmpstr (back, ==, "BOOT 16+2");
  text = qfu_chip_state_text (state);
  g_assert_cmpstr (text, ==,
                   "of the 3 blocks of 4096 bytes that the write touches, 1 are old, 1 new, 1 "
                   "neither");
}

static void
test_back_in_reverse (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuChipState) state = NULL;
  g_autofree char *back = NULL;

  memcpy (f->chip, f->new, SIZE);
  fill (f->chip, 20, 0xff);
  state = look_at (f, NULL);
  back = steps_to (f, state, QFU_CHIP_OLD);
  g_assert_cmpstr (back, ==, "beside the write 20+1, REST 19+1, BOOT 16+2");
}

/* A torn block may read right once. */
static void
test_unsteady (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuChipState) state = NULL;
  g_autofree guint8 *again = g_memdup2 (f->chip, SIZE);

  fill (f->chip, 16, 0x66);
  fill (again, 16, 0x64);
  fill (again, 18, 0x54); /* near the write */
  fill (again, 2, 0x54);
  fill (again, 41, 0x54); /* preserved */
  state = look_at (f, again);
  g_assert_cmpuint (state->count[QFU_CHIP_TORN], ==, 1);
  g_assert_cmpuint (state->count[QFU_CHIP_NEW], ==, 0);
  g_assert_cmpuint (state->blocks[18], ==, QFU_CHIP_BESIDE);
  g_assert_cmpuint (state->blocks[2], ==, QFU_CHIP_BESIDE);
  g_assert_cmpuint (state->blocks[41], ==, QFU_CHIP_BESIDE);
}

/* What lies beside: an erase that caught it is told from who stored something there. */
static void
test_beside (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuChipState) state = NULL;
  g_autofree char *text = NULL;

  fill (f->chip, 18, 0x54); /* preserved, stored: a bit cleared */
  fill (f->chip, 21, 0x54); /* near, and not preserved */
  fill (f->chip, 38, 0x54); /* far */
  fill (f->chip, 39, 0x52); /* far */
  state = look_at (f, NULL);
  g_assert_cmpuint (state->blocks[18], ==, QFU_CHIP_KEPT);
  g_assert_cmpuint (state->blocks[21], ==, QFU_CHIP_BESIDE);
  g_assert_cmpuint (state->blocks[38], ==, QFU_CHIP_FOREIGN);
  g_assert_cmpuint (state->blocks[39], ==, QFU_CHIP_FOREIGN);
  g_assert_cmpuint (state->first_foreign, ==, 38 * QFU_ERASE_BLOCK);
  g_assert_false (qfu_chip_state_is (state, QFU_CHIP_OLD));
  text = qfu_chip_state_text (state);
  g_assert_nonnull (strstr (text, "1 beside them are torn"));
  g_assert_nonnull (strstr (text, "2 others have changed, the first at 0x26000"));
}

/* What holds its old bits and more was caught by an erase, wherever it is: of the whole chip, too.
 */
static void
test_erased_beside (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuChipState) state = NULL;

  fill (f->chip, 18, 0xd5); /* preserved, near */
  fill (f->chip, 39, 0xff); /* far */
  fill (f->chip, 40, 0xff); /* preserved, far */
  state = look_at (f, NULL);
  g_assert_cmpuint (state->blocks[18], ==, QFU_CHIP_BESIDE);
  g_assert_cmpuint (state->blocks[39], ==, QFU_CHIP_BESIDE);
  g_assert_cmpuint (state->blocks[40], ==, QFU_CHIP_BESIDE);
}

/* What is preserved does not count. */
static void
test_kept (Fixture *f, gconstpointer unused)
{
  g_autoptr (QfuChipState) state = NULL;

  fill (f->chip, 18, 0x50);
  fill (f->chip, 47, 0x50);
  state = look_at (f, NULL);
  g_assert_true (qfu_chip_state_is (state, QFU_CHIP_OLD));
  g_assert_cmpuint (state->count[QFU_CHIP_KEPT], ==, 2);
}

static void
test_one_image (Fixture *f, gconstpointer unused)
{
  QfuChipPlan plan = {f->steps, f->preserved, NULL, f->images[1]};
  g_autoptr (QfuUntrustedBlob) chip = NULL;
  g_autoptr (QfuChipState) state = NULL;

  fill (f->chip, 16, 0x66);
  chip = test_blob (f->chip, SIZE);
  state = qfu_chip_state_new (&plan, chip, NULL);
  g_assert_cmpuint (state->count[QFU_CHIP_NEW], ==, 1);
  g_assert_cmpuint (state->count[QFU_CHIP_TORN], ==, 2);
  g_assert_cmpuint (state->count[QFU_CHIP_FOREIGN], ==, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/chipstate/old-and-new", test_old_and_new);
  ADD ("/chipstate/torn", test_torn);
  ADD ("/chipstate/back-in-reverse", test_back_in_reverse);
  ADD ("/chipstate/unsteady", test_unsteady);
  ADD ("/chipstate/beside", test_beside);
  ADD ("/chipstate/erased-beside", test_erased_beside);
  ADD ("/chipstate/kept", test_kept);
  ADD ("/chipstate/one-image", test_one_image);
  return g_test_run ();
}
