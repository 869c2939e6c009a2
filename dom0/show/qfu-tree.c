/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-tree.h"

#define DEPTH 6 /* that is drawn; what lies deeper stands beside it */

typedef struct {
  const GPtrArray *devices;
  gboolean *placed; /* for each of them */
  GPtrArray *rows;
} Tree;

static void
row_free (gpointer data)
{
  QfuTreeRow *row = data;

  g_free (row->first);
  g_free (row->rest);
  g_free (row);
}

static const QfuDevice *
device_at (const Tree *tree, guint i)
{
  return g_ptr_array_index (tree->devices, i);
}

static gboolean
is_listed (const Tree *tree, const char *id)
{
  for (guint i = 0; id != NULL && i < tree->devices->len; i++) {
    if (g_strcmp0 (device_at (tree, i)->id, id) == 0)
      return TRUE;
  }
  return FALSE;
}

/* The next part of @parent from @from on that has no row; the number of devices when there is none.
 * Trust: fwupd says what is a part of what, in circles perhaps: whatever has a row is no part. */
static guint
next_part (const Tree *tree, const QfuDevice *parent, guint from)
{
  while (from < tree->devices->len &&
         (tree->placed[from] || g_strcmp0 (device_at (tree, from)->parent, parent->id) != 0))
    from++;
  return from;
}

/* Where a row is: @branch leads to its name, @below to everything under it. */
typedef struct {
  const char *branch;
  const char *below;
} Place;

/* @stem: what stands before all rows of the same parent. */
static void
place (Tree *tree, guint i, const char *stem, const Place *where, guint depth)
{
  static const Place middle = {"|- ", "|  "};
  static const Place last = {"`- ", "   "};
  const QfuDevice *device = device_at (tree, i);
  guint count = tree->devices->len;
  guint part = count;
  g_autofree char *below = g_strconcat (stem, where->below, NULL);
  QfuTreeRow *row = g_new0 (QfuTreeRow, 1);

  tree->placed[i] = TRUE; /* so that it is no part of itself */
  if (depth < DEPTH)
    part = next_part (tree, device, 0);
  row->device = device;
  row->first = g_strconcat (stem, where->branch, NULL);
  row->rest = g_strconcat (below, part < count ? "|" : " ", NULL);
  g_ptr_array_add (tree->rows, row);
  while (part < count) {
    guint next = next_part (tree, device, part + 1);

    place (tree, part, below, next < count ? &middle : &last, depth + 1);
    part = next;
  }
}

GPtrArray *
qfu_tree_rows (const GPtrArray *devices)
{
  g_autofree gboolean *placed = g_new0 (gboolean, devices->len + 1);
  const Place root = {"", ""};
  Tree tree = {devices, placed, g_ptr_array_new_with_free_func (row_free)};

  for (guint i = 0; i < devices->len; i++) {
    if (!is_listed (&tree, device_at (&tree, i)->parent))
      place (&tree, i, "", &root, 0);
  }
  /* what is left is too deep, or a part of itself */
  for (guint i = 0; i < devices->len; i++) {
    if (!placed[i])
      place (&tree, i, "", &root, 0);
  }
  return tree.rows;
}

static void
put_before (char **text, const char *prefix)
{
  char *whole = g_strconcat (prefix, *text, NULL);

  g_free (*text);
  *text = whole;
}

void
qfu_tree_rows_below (const GPtrArray *rows)
{
  gboolean more = FALSE; /* whether a device without a parent comes behind this row */

  for (guint i = rows->len; i > 0; i--) {
    QfuTreeRow *row = g_ptr_array_index (rows, i - 1);
    gboolean top = row->first[0] == '\0';

    put_before (&row->rest, more ? "|  " : "   ");
    if (top)
      put_before (&row->first, more ? "|- " : "`- ");
    else
      put_before (&row->first, more ? "|  " : "   ");
    more = more || top;
  }
}
