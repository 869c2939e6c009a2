/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-tree.h"
#include "testconfig.h"

#include <string.h>

/* Draws devices, given as "name" or "name:parent"; a name is an id here. @below: under a line. */
static char *
draw (const char *const *names, gboolean below)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_device_free);
  g_autoptr (GPtrArray) rows = NULL;
  GString *text = g_string_new (NULL);

  for (gsize i = 0; names[i] != NULL; i++) {
    const char *colon = strchr (names[i], ':');
    QfuDevice *device = g_new0 (QfuDevice, 1);

    device->id = colon == NULL ? g_strdup (names[i]) : g_strndup (names[i], colon - names[i]);
    device->parent = colon == NULL ? NULL : g_strdup (colon + 1);
    g_ptr_array_add (devices, device);
  }
  rows = qfu_tree_rows (devices);
  g_assert_cmpuint (rows->len, ==, devices->len);
  if (below)
    qfu_tree_rows_below (rows);
  for (guint i = 0; i < rows->len; i++) {
    const QfuTreeRow *row = g_ptr_array_index (rows, i);

    g_string_append_printf (text, "%s%s\n%s.\n", row->first, row->device->id, row->rest);
  }
  return g_string_free (text, FALSE);
}

static void
assert_drawn (const char *const *names, const char *expected)
{
  g_autofree char *drawn = draw (names, FALSE);

  g_assert_cmpstr (drawn, ==, expected);
}

static void
test_shapes (void)
{
  static const char *const none[] = {NULL};
  static const char *const plain[] = {"a", "b", NULL};
  static const char *const nested[] = {"a:root", "root", "b:root", "c:a", "other", NULL};
  static const char *const orphan[] = {"a:elsewhere", "b:a", NULL};

  assert_drawn (none, "");
  assert_drawn (plain, "a\n .\nb\n .\n");
  assert_drawn (nested, "root\n|.\n"
                        "|- a\n|  |.\n"
                        "|  `- c\n|      .\n"
                        "`- b\n    .\n"
                        "other\n .\n");
  assert_drawn (orphan, "a\n|.\n`- b\n    .\n");
}

/* fwupd's word on what is a part of what leads in circles: each device is shown all the same. */
static void
test_circles (void)
{
  static const char *const self[] = {"a:a", "b:a", NULL};
  static const char *const pair[] = {"a:b", "b:a", "c:b", NULL};

  assert_drawn (self, "a\n|.\n`- b\n    .\n");
  assert_drawn (pair, "a\n|.\n`- b\n   |.\n   `- c\n       .\n");
}

static void
test_deep (void)
{
  static const char *const chain[] = {"a",   "b:a", "c:b", "d:c", "e:d",
                                      "f:e", "g:f", "h:g", "i:h", NULL};
  g_autofree char *drawn = draw (chain, FALSE);

  g_assert_nonnull (strstr (drawn, "`- g\n"));
  g_assert_nonnull (strstr (drawn, "\nh\n|.\n`- i\n"));
}

static void
assert_drawn_below (const char *const *names, const char *expected)
{
  g_autofree char *drawn = draw (names, TRUE);

  g_assert_cmpstr (drawn, ==, expected);
}

static void
test_below (void)
{
  static const char *const none[] = {NULL};
  static const char *const plain[] = {"a", "b", NULL};
  static const char *const nested[] = {"a:root", "root", "b:root", "c:a", "other", "d:other", NULL};
  static const char *const circle[] = {"top", "a:b", "b:a", NULL};

  assert_drawn_below (none, "");
  assert_drawn_below (plain, "|- a\n|   .\n`- b\n    .\n");
  assert_drawn_below (nested, "|- root\n|  |.\n"
                              "|  |- a\n|  |  |.\n"
                              "|  |  `- c\n|  |      .\n"
                              "|  `- b\n|      .\n"
                              "`- other\n   |.\n"
                              "   `- d\n       .\n");
  assert_drawn_below (circle, "|- top\n|   .\n`- a\n   |.\n   `- b\n       .\n");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/tree/shapes", test_shapes);
  g_test_add_func ("/tree/circles", test_circles);
  g_test_add_func ("/tree/deep", test_deep);
  g_test_add_func ("/tree/below", test_below);
  return g_test_run ();
}
