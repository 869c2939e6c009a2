/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-range.h"

#include "qfu-error.h"
#include "testconfig.h"

#define RANGES(...)                                                                                \
  ranges_new ((const QfuRange[]){__VA_ARGS__}, G_N_ELEMENTS (((const QfuRange[]){__VA_ARGS__})))

static GArray *
ranges_new (const QfuRange *ranges, gsize n)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (QfuRange));

  return g_array_append_vals (array, ranges, (guint)n);
}

static QfuUntrustedBlob *
blob_new (const char *text)
{
  g_autoptr (GError) error = NULL;
  QfuBlobBuilder *builder = qfu_blob_builder_new (64, &error);

  g_assert_no_error (error);
  g_assert_true (qfu_blob_builder_append (builder, text, strlen (text), &error));
  return qfu_blob_builder_finish (builder, &error);
}

static void
assert_refused (GArray *ranges)
{
  g_autoptr (GArray) owned = ranges;
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_ranges_check (owned, 4096, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
}

static void
test_check (void)
{
  g_autoptr (GArray) good = RANGES ({0, 1}, {1, 4094}, {4095, 1});
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_ranges_check (good, 4096, &error));
  g_assert_no_error (error);
  g_assert_true (qfu_ranges_check (none, 4096, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (qfu_ranges_length (good), ==, 4096);
  g_assert_cmpuint (qfu_ranges_length (none), ==, 0);
  assert_refused (RANGES ({0, 0}));
  assert_refused (RANGES ({0, 4097}));
  assert_refused (RANGES ({4096, 1}));
  assert_refused (RANGES ({1, G_MAXUINT64}));
  assert_refused (RANGES ({G_MAXUINT64, 2}));
  assert_refused (RANGES ({0, 16}, {15, 16}));
  assert_refused (RANGES ({16, 16}, {0, 16}));
}

static void
test_check_blocks (void)
{
  g_autoptr (GArray) good = RANGES ({0, 4096}, {8192, 8192});
  g_autoptr (GArray) short_one = RANGES ({0, 4096}, {8192, 8191});
  g_autoptr (GArray) late = RANGES ({1, 4096});
  g_autoptr (GArray) beyond = RANGES ({8192, 12288});
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_ranges_check_blocks (good, 4096, 16384, &error));
  g_assert_no_error (error);
  g_assert_false (qfu_ranges_check_blocks (short_one, 4096, 16384, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_assert_false (qfu_ranges_check_blocks (late, 4096, 16384, NULL));
  g_assert_false (qfu_ranges_check_blocks (beyond, 4096, 16384, NULL));
}

static void
test_cut (void)
{
  g_autoptr (GArray) ranges = RANGES ({10, 5}, {90, 220});
  g_autoptr (GArray) pieces = qfu_ranges_cut (ranges, 100);
  const QfuRange expected[] = {{10, 5}, {90, 10}, {100, 100}, {200, 100}, {300, 10}};

  g_assert_cmpuint (pieces->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < pieces->len; i++) {
    g_assert_cmpuint (g_array_index (pieces, QfuRange, i).offset, ==, expected[i].offset);
    g_assert_cmpuint (g_array_index (pieces, QfuRange, i).length, ==, expected[i].length);
  }
}

static void
test_diff (void)
{
  g_autoptr (QfuUntrustedBlob) a = blob_new ("0123456789");
  g_autoptr (QfuUntrustedBlob) b = blob_new ("x1234x6x8y");
  g_autoptr (GArray) none = qfu_ranges_diff (a, a, 3);
  g_autoptr (GArray) ranges = qfu_ranges_diff (a, b, 3);
  g_autoptr (GArray) bytes = qfu_ranges_diff (a, b, 1);
  const QfuRange expected[] = {{0, 10}};

  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (ranges->len, ==, 1);
  g_assert_cmpmem (ranges->data, sizeof expected, expected, sizeof expected);
  g_assert_cmpuint (bytes->len, ==, 4);
  g_assert_cmpuint (qfu_ranges_length (bytes), ==, 4);
  g_assert_cmpuint (g_array_index (bytes, QfuRange, 2).offset, ==, 7);
}

static void
test_rest (void)
{
  g_autoptr (GArray) some = RANGES ({10, 5}, {15, 5}, {90, 10});
  g_autoptr (GArray) all = RANGES ({0, 100});
  g_autoptr (GArray) rest = qfu_ranges_rest (some, 100);
  g_autoptr (GArray) beyond = qfu_ranges_rest (some, 101);
  g_autoptr (GArray) nothing = qfu_ranges_rest (all, 100);
  g_autoptr (GArray) whole = qfu_ranges_rest (NULL, 100);
  const QfuRange expected[] = {{0, 10}, {20, 70}, {100, 1}};

  g_assert_cmpmem (rest->data, rest->len * sizeof (QfuRange), expected, 2 * sizeof (QfuRange));
  g_assert_cmpmem (beyond->data, beyond->len * sizeof (QfuRange), expected, sizeof expected);
  g_assert_cmpuint (nothing->len, ==, 0);
  g_assert_cmpuint (whole->len, ==, 1);
  g_assert_cmpuint (qfu_ranges_length (whole), ==, 100);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/range/check", test_check);
  g_test_add_func ("/range/check-blocks", test_check_blocks);
  g_test_add_func ("/range/cut", test_cut);
  g_test_add_func ("/range/diff", test_diff);
  g_test_add_func ("/range/rest", test_rest);
  return g_test_run ();
}
