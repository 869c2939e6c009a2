/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-flash-version.h"

#include "testconfig.h"

static void
test_version (void)
{
  g_assert_cmpstr (qfu_flash_version (), !=, "");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/flash-version/version", test_version);
  return g_test_run ();
}
