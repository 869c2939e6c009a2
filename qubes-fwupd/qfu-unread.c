/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-unread.h"

/* These are read whatever the rule is: the one tells where the others lie, and firmware is what it
 * is all about. */
static const char *const always_read[] = {"SI_DESC", "SI_BIOS", NULL};

static int
compare_offsets (gconstpointer a, gconstpointer b)
{
  guint64 left = ((const QfuRange *)a)->offset;
  guint64 right = ((const QfuRange *)b)->offset;

  return left < right ? -1 : left > right;
}

GArray *
qfu_unread_ranges (const QfuLayout *layout, const GArray *regions)
{
  g_autoptr (GArray) apart = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  GArray *joined = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  QfuRange *last = NULL;

  for (guint i = 0; i < regions->len; i++) {
    const QfuRomRegion *region = &g_array_index (regions, QfuRomRegion, i);
    QfuRange range = {region->offset, region->size};

    if (region->descriptor && region->size > 0 && !g_strv_contains (always_read, region->name) &&
        qfu_layout_rule (layout, region->name) == QFU_RULE_NEVER)
      g_array_append_val (apart, range);
  }
  g_array_sort (apart, compare_offsets);
  for (guint i = 0; i < apart->len; i++) {
    QfuRange range = g_array_index (apart, QfuRange, i);

    if (last != NULL && last->offset + last->length == range.offset) {
      last->length += range.length;
      continue;
    }
    g_array_append_val (joined, range);
    last = &g_array_index (joined, QfuRange, joined->len - 1);
  }
  return joined;
}
