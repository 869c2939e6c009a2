/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-digest.h"
#include "qfu-parse-selection.h"

static void
test_add (void)
{
  QfuSelection selection = {0};

  g_assert_true (qfu_selection_add (&selection, 0));
  g_assert_true (qfu_selection_add (&selection, 23));
  g_assert_cmphex (selection.pcrs, ==, 0x800001);
  g_assert_false (qfu_selection_add (&selection, 24));
  g_assert_false (qfu_selection_add (&selection, G_MAXUINT64));
  g_assert_cmphex (selection.pcrs, ==, 0x800001);
}

static void
test_list (void)
{
  static const char *const bad[] = {" ", "x", "0,", ",0", "0,,1", "-1", "24", "0x1", "0-3", "1;2"};
  QfuSelection selection = {0};

  g_assert_true (qfu_selection_add_list (&selection, ""));
  g_assert_cmphex (selection.pcrs, ==, 0);
  g_assert_true (qfu_selection_add_list (&selection, "0, 2,7,2"));
  g_assert_cmphex (selection.pcrs, ==, 0x85);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_test_message ("%s", bad[i]);
    g_assert_false (qfu_selection_add_list (&selection, bad[i]));
  }
}

static void
test_bank (void)
{
  static const char *const bad[] = {"", "sha", "sm3_256", "0x12", "0x", "0x1000b", "11", "sha256 "};
  QfuSelection selection = {0};

  g_assert_true (qfu_selection_set_bank (&selection, "sha256"));
  g_assert_cmpuint (selection.bank, ==, QFU_HASH_SHA256);
  g_assert_true (qfu_selection_set_bank (&selection, "SHA384"));
  g_assert_cmpuint (selection.bank, ==, QFU_HASH_SHA384);
  g_assert_true (qfu_selection_set_bank (&selection, "0x4"));
  g_assert_cmpuint (selection.bank, ==, QFU_HASH_SHA1);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_test_message ("%s", bad[i]);
    g_assert_false (qfu_selection_set_bank (&selection, bad[i]));
    g_assert_cmpuint (selection.bank, ==, 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/selection/add", test_add);
  g_test_add_func ("/selection/list", test_list);
  g_test_add_func ("/selection/bank", test_bank);
  return g_test_run ();
}
