/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-version.h"
#include "testconfig.h"

typedef struct {
  const char *a;
  const char *b;
  const char *format;
  int order;
} Row;

/* The order of every row is what fwupd 2.0.20 answers. */
static const Row rows[] = {
    {"1.2.3", "1.2.3", NULL, 0},
    {"1.2.3", "1.2.4", NULL, -1},
    {"1.2.10", "1.2.9", "triplet", 1},
    {"1.2", "1.2.0", NULL, -1},
    {"1.2.3.", "1.2.3", NULL, 1},
    {"1.2.3a", "1.2.3", NULL, 1},
    {"1.2.3a", "1.2.3b", NULL, -1},
    {"1.2.3~rc1", "1.2.3", NULL, -1},
    {"1.2.3~rc1", "1.2.3~rc2", NULL, -1},
    {"1.0~", "1.0~~", NULL, 1},
    {"1.0~a", "1.0a", NULL, -1},
    {"1.0a", "1.0aa", NULL, -1},
    {"1.2.3-r1", "1.2.3-r2", NULL, -1},
    {"1.2.3-5", "1.2.3-10", NULL, 1},
    {"001.02", "1.2", NULL, 0},
    {"A10", "A9", NULL, -1},
    {"1.a.2", "1.b.1", NULL, -1},
    {"1..2", "1.0.2", NULL, 0},
    {"", "1", NULL, -1},
    {"-1", "1", NULL, -1},
    {"2.0.20-1", "2.0.20", NULL, 1},
    {"10", "9", "number", 1},
    {"16", "0x10", "number", 1},
    {"26.02", "26.10", "pair", -1},
    {"0x10", "0x9", "hex", 1},
    {"0x10", "0xa", "hex", 1},
    {"16", "0x10", "hex", 0},
    {"0xffffffff", "0x1", "hex", 1},
    {"99999999999999999999", "99999999999999999998", NULL, 0},
};

static int
sign (int n)
{
  return (n > 0) - (n < 0);
}

static void
test_order (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];

    g_test_message ("%s %s %s", row->a, row->b, row->format);
    g_assert_cmpint (sign (qfu_version_compare (row->a, row->b, row->format)), ==, row->order);
    g_assert_cmpint (sign (qfu_version_compare (row->b, row->a, row->format)), ==, -row->order);
  }
}

static void
test_plain (void)
{
  g_assert_cmpint (qfu_version_compare ("N1", "N1", "plain"), ==, 0);
  g_assert_cmpint (qfu_version_compare ("N1", "N2", "plain"), !=, 0);
}

static void
test_matches (void)
{
  static const struct {
    const char *compare;
    gboolean older, same, newer;
  } words[] = {
      {"eq", FALSE, TRUE, FALSE}, {"ne", TRUE, FALSE, TRUE},  {"lt", TRUE, FALSE, FALSE},
      {"le", TRUE, TRUE, FALSE},  {"gt", FALSE, FALSE, TRUE}, {"ge", FALSE, TRUE, TRUE},
  };
  gboolean holds;

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++) {
    g_assert_true (qfu_version_matches ("1.1", words[i].compare, "1.2", "pair", &holds));
    g_assert_cmpint (holds, ==, words[i].older);
    g_assert_true (qfu_version_matches ("1.2", words[i].compare, "1.2", "pair", &holds));
    g_assert_cmpint (holds, ==, words[i].same);
    g_assert_true (qfu_version_matches ("1.10", words[i].compare, "1.2", "pair", &holds));
    g_assert_cmpint (holds, ==, words[i].newer);
  }
  g_assert_true (qfu_version_matches ("USB:0x273F", "glob", "PCI:*|USB:0x27*", NULL, &holds));
  g_assert_true (holds);
  g_assert_true (qfu_version_matches ("USB:0x1234", "glob", "PCI:*|USB:0x27*", NULL, &holds));
  g_assert_false (holds);
  g_assert_false (qfu_version_matches ("1", "regex", "1", NULL, &holds));
  g_assert_false (qfu_version_matches ("1", "", "1", NULL, &holds));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/version/order", test_order);
  g_test_add_func ("/version/plain", test_plain);
  g_test_add_func ("/version/matches", test_matches);
  return g_test_run ();
}
