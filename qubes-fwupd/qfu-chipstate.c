/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-chipstate.h"

#include "qfu-range.h"

/* The largest piece that a chip erases at once where it has no smaller one. */
#define NEIGHBOURHOOD (64 * 1024)

/* What is known of a block beforehand. */
enum { WRITTEN = 1, WINDOW = 2, NEAR = 4, PRESERVED = 8 };

static guint64
block_length (guint64 size, gsize block)
{
  return MIN (QFU_ERASE_BLOCK, size - (guint64)block * QFU_ERASE_BLOCK);
}

static gboolean
same (const QfuUntrustedBlob *a, const QfuUntrustedBlob *b, gsize block)
{
  guint64 offset = (guint64)block * QFU_ERASE_BLOCK;

  return a != NULL && qfu_untrusted_blob_equal_range (
                          a, offset, b, offset, block_length (qfu_untrusted_blob_size (b), block));
}

static void
mark (guint8 *known, guint64 size, guint64 offset, guint64 length, guint8 bits)
{
  guint64 end = MIN (offset + length, size);

  for (guint64 at = offset - offset % QFU_ERASE_BLOCK; at < end; at += QFU_ERASE_BLOCK)
    known[at / QFU_ERASE_BLOCK] |= bits;
}

/* (transfer full): the bits of each block. */
static guint8 *
mark_all (const QfuChipPlan *plan, guint64 size, gsize n_blocks)
{
  guint8 *known = g_malloc0 (n_blocks);

  for (guint i = 0; i < plan->steps->len; i++) {
    const QfuStep *step = g_ptr_array_index (plan->steps, i);

    for (guint k = 0; k < step->ranges->len; k++) {
      const QfuRange *range = &g_array_index (step->ranges, QfuRange, k);
      guint64 near = range->offset - range->offset % NEIGHBOURHOOD;
      guint64 end = range->offset + range->length;

      mark (known, size, range->offset, range->length, step->window ? WRITTEN | WINDOW : WRITTEN);
      mark (known, size, near, end + (NEIGHBOURHOOD - end % NEIGHBOURHOOD) % NEIGHBOURHOOD - near,
            NEAR);
    }
  }
  for (guint i = 0; i < plan->preserved->len; i++) {
    const QfuRange *range = &g_array_index (plan->preserved, QfuRange, i);

    mark (known, size, range->offset, range->length, PRESERVED);
  }
  return known;
}

/* A block that an erase has caught holds its old bits and more of them set, as erasing sets bits
 * and writing them again clears them. Whoever stores something there clears some. It may be any
 * block: where a small erase fails, libflashrom tries larger ones, at last that of the whole chip.
 */
static gboolean
looks_erased (const QfuUntrustedBlob *chip, const QfuUntrustedBlob *was, gsize block)
{
  guint64 offset = (guint64)block * QFU_ERASE_BLOCK;

  return qfu_untrusted_blob_covers (chip, was, offset,
                                    block_length (qfu_untrusted_blob_size (chip), block));
}

static QfuChipBlock
judge_beside (const QfuUntrustedBlob *was,
              const QfuUntrustedBlob *chip,
              gboolean steady,
              gsize block,
              guint8 known)
{
  if (steady && same (was, chip, block))
    return QFU_CHIP_UNTOUCHED;
  if (!steady || looks_erased (chip, was, block) || (known & (NEAR | PRESERVED)) == NEAR)
    return QFU_CHIP_BESIDE;
  return (known & PRESERVED) != 0 ? QFU_CHIP_KEPT : QFU_CHIP_FOREIGN;
}

static QfuChipBlock
judge (const QfuChipPlan *plan,
       const QfuUntrustedBlob *chip,
       const QfuUntrustedBlob *again,
       gsize block,
       guint8 known)
{
  const QfuUntrustedBlob *was = plan->old_image != NULL ? plan->old_image : plan->new_image;
  gboolean steady = again == NULL || same (again, chip, block);

  if ((known & WRITTEN) == 0)
    return judge_beside (was, chip, steady, block, known);
  if (!steady)
    return QFU_CHIP_TORN;
  if (same (plan->new_image, chip, block))
    return QFU_CHIP_NEW;
  return same (plan->old_image, chip, block) ? QFU_CHIP_OLD : QFU_CHIP_TORN;
}

QfuChipState *
qfu_chip_state_new (const QfuChipPlan *plan,
                    const QfuUntrustedBlob *chip,
                    const QfuUntrustedBlob *again)
{
  QfuChipState *state = g_new0 (QfuChipState, 1);
  guint64 size = qfu_untrusted_blob_size (chip);
  g_autofree guint8 *known = NULL;

  state->n_blocks = (gsize)((size + QFU_ERASE_BLOCK - 1) / QFU_ERASE_BLOCK);
  state->blocks = g_malloc0 (state->n_blocks);
  known = mark_all (plan, size, state->n_blocks);
  for (gsize i = 0; i < state->n_blocks; i++) {
    QfuChipBlock kind = judge (plan, chip, again, i, known[i]);

    state->blocks[i] = (guint8)kind;
    state->touched += (known[i] & WRITTEN) != 0;
    state->window_not_old += (known[i] & WINDOW) != 0 && kind != QFU_CHIP_OLD;
    state->window_not_new += (known[i] & WINDOW) != 0 && kind != QFU_CHIP_NEW;
    if (kind == QFU_CHIP_FOREIGN && state->count[kind] == 0)
      state->first_foreign = (guint64)i * QFU_ERASE_BLOCK;
    state->count[kind]++;
  }
  return state;
}

void
qfu_chip_state_free (QfuChipState *state)
{
  if (state == NULL)
    return;
  g_free (state->blocks);
  g_free (state);
}

gboolean
qfu_chip_state_is (const QfuChipState *state, QfuChipBlock kind)
{
  return state->count[kind] == state->touched && state->count[QFU_CHIP_BESIDE] == 0 &&
         state->count[QFU_CHIP_FOREIGN] == 0;
}

static void
add_block (GArray *ranges, gsize block)
{
  qfu_ranges_append (ranges, (guint64)block * QFU_ERASE_BLOCK, QFU_ERASE_BLOCK);
}

GArray *
qfu_chip_state_ranges (const QfuChipState *state, guint kinds)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (QfuRange));

  for (gsize i = 0; i < state->n_blocks; i++) {
    if ((kinds & (1U << state->blocks[i])) != 0)
      add_block (ranges, i);
  }
  return ranges;
}

/* The blocks of @step that are not at the target, as a step of their own; %NULL: none. */
static QfuStep *
rest_of_step (const QfuChipState *state, const QfuStep *step, QfuChipBlock target)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (QfuRange));

  for (guint i = 0; i < step->ranges->len; i++) {
    const QfuRange *range = &g_array_index (step->ranges, QfuRange, i);
    gsize end = (gsize)((range->offset + range->length) / QFU_ERASE_BLOCK);

    for (gsize k = (gsize)(range->offset / QFU_ERASE_BLOCK); k < end; k++) {
      if (state->blocks[k] != target)
        add_block (ranges, k);
    }
  }
  if (ranges->len == 0)
    return NULL;
  return qfu_step_new (g_strdup (step->name), g_steal_pointer (&ranges), step->window);
}

static void
step_free (gpointer step)
{
  qfu_step_free (step);
}

GPtrArray *
qfu_chip_state_steps (const QfuChipState *state, const QfuChipPlan *plan, QfuChipBlock target)
{
  GPtrArray *steps = g_ptr_array_new_with_free_func (step_free);
  g_autoptr (GArray) beside = qfu_chip_state_ranges (state, 1U << QFU_CHIP_BESIDE);

  if (beside->len > 0)
    g_ptr_array_add (steps,
                     qfu_step_new (g_strdup ("beside the write"), g_steal_pointer (&beside), TRUE));
  for (guint i = 0; i < plan->steps->len; i++) {
    guint at = target == QFU_CHIP_OLD ? plan->steps->len - 1 - i : i;
    QfuStep *step = rest_of_step (state, g_ptr_array_index (plan->steps, at), target);

    if (step != NULL)
      g_ptr_array_add (steps, step);
  }
  return steps;
}

char *
qfu_chip_state_text (const QfuChipState *state)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text,
                          "of the %" G_GUINT64_FORMAT
                          " blocks of %d bytes that the write touches, %" G_GUINT64_FORMAT
                          " are old, %" G_GUINT64_FORMAT " new, %" G_GUINT64_FORMAT " neither",
                          state->touched, QFU_ERASE_BLOCK, state->count[QFU_CHIP_OLD],
                          state->count[QFU_CHIP_NEW], state->count[QFU_CHIP_TORN]);
  if (state->count[QFU_CHIP_BESIDE] > 0)
    g_string_append_printf (text, "; %" G_GUINT64_FORMAT " beside them are torn",
                            state->count[QFU_CHIP_BESIDE]);
  if (state->count[QFU_CHIP_FOREIGN] > 0)
    g_string_append_printf (
        text, "; %" G_GUINT64_FORMAT " others have changed, the first at %#" G_GINT64_MODIFIER "x",
        state->count[QFU_CHIP_FOREIGN], state->first_foreign);
  return g_string_free (text, FALSE);
}
