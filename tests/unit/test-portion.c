/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-portion.h"
#include "testconfig.h"

#include <string.h>

#define SIZE (3 * QFU_ERASE_BLOCK + 5)

static GArray *
make_ranges (const QfuRange *ranges, guint n)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (QfuRange));

  g_array_append_vals (array, ranges, n);
  return array;
}

static QfuUntrustedBlob *
make_chip (guint8 *bytes)
{
  for (gsize i = 0; i < SIZE; i++)
    bytes[i] = (guint8)(i % 251);
  return test_blob (bytes, SIZE);
}

static void
assert_portion (const QfuRange *ranges, guint n)
{
  g_autoptr (GArray) updatable = make_ranges (ranges, n);
  g_autofree guint8 *bytes = g_malloc (SIZE);
  g_autofree guint8 *expected = g_malloc (SIZE);
  g_autoptr (QfuUntrustedBlob) chip = make_chip (bytes);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuUntrustedBlob) portion = qfu_portion_cut (chip, updatable, &error);

  g_assert_no_error (error);
  memset (expected, 0xff, SIZE);
  for (guint i = 0; i < n; i++)
    memcpy (expected + ranges[i].offset, bytes + ranges[i].offset, ranges[i].length);
  g_assert_cmpuint (qfu_untrusted_blob_size (portion), ==, SIZE);
  g_assert_true (qfu_untrusted_blob_holds (portion, 0, expected, SIZE));
}

static void
test_cut (void)
{
  const QfuRange first[] = {{0, 10}};
  const QfuRange last[] = {{SIZE - 1, 1}};
  const QfuRange all[] = {{0, SIZE}};
  const QfuRange some[] = {{1, 2}, {5, QFU_ERASE_BLOCK}, {2 * QFU_ERASE_BLOCK, 7}};

  assert_portion (first, 1);
  assert_portion (last, 1);
  assert_portion (all, 1);
  assert_portion (some, G_N_ELEMENTS (some));
  assert_portion (some, 0);
}

static void
assert_refused (const QfuRange *ranges, guint n)
{
  g_autoptr (GArray) updatable = make_ranges (ranges, n);
  g_autofree guint8 *bytes = g_malloc (SIZE);
  g_autoptr (QfuUntrustedBlob) chip = make_chip (bytes);
  g_autoptr (GError) error = NULL;

  g_assert_null (qfu_portion_cut (chip, updatable, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

static void
test_bad_ranges (void)
{
  const QfuRange outside[] = {{SIZE - 1, 2}};
  const QfuRange backwards[] = {{10, 5}, {0, 5}};
  const QfuRange overlapping[] = {{0, 5}, {4, 5}};

  assert_refused (outside, 1);
  assert_refused (backwards, 2);
  assert_refused (overlapping, 2);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/portion/cut", test_cut);
  g_test_add_func ("/portion/bad-ranges", test_bad_ranges);
  return g_test_run ();
}
