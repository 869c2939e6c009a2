/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "qfu-error.h"

#include <string.h>

static void
test_empty (void)
{
  static const guint8 zeros[65536];
  g_autoptr (QfuCollected) nothing = qfu_collect ("eventlog", NULL, "", 0);
  g_autoptr (QfuCollected) unused = qfu_collect ("eventlog", NULL, zeros, sizeof zeros);

  g_assert_error (nothing->error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  g_assert_error (unused->error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
}

static void
test_noise (void)
{
  guint8 noise[512];

  for (guint round = 0; round < 200; round++) {
    g_autoptr (QfuCollected) collected = NULL;

    for (gsize i = 0; i < sizeof noise; i++)
      noise[i] = (guint8)g_test_rand_int ();
    collected = qfu_collect ("eventlog", NULL, noise, sizeof noise);
    g_assert_nonnull (collected->error);
  }
}

static void
test_too_large (void)
{
  const gsize size = 16 * 1024 * 1024 + 1;
  g_autofree guint8 *log = g_malloc (size);
  g_autoptr (QfuCollected) collected = NULL;

  memset (log, 1, size);
  collected = qfu_collect ("eventlog", NULL, log, size);
  g_assert_error (collected->error, QFU_ERROR, QFU_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eventlog/empty", test_empty);
  g_test_add_func ("/eventlog/noise", test_noise);
  g_test_add_func ("/eventlog/too-large", test_too_large);
  return g_test_run ();
}
