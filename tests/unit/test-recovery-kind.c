/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-recovery-kind.h"
#include "testconfig.h"

static void
test_names (void)
{
  g_assert_cmpstr (qfu_recovery_kind_name (QFU_RECOVERY_NOTHING), ==, "nothing");
  g_assert_cmpstr (qfu_recovery_kind_name (QFU_RECOVERY_FINISHED), ==, "finished");
  g_assert_cmpstr (qfu_recovery_kind_name (QFU_RECOVERY_RESTORED), ==, "restored");
  /* of a recovery that failed */
  g_assert_null (qfu_recovery_kind_name ((QfuRecoveryKind)0));
  g_assert_null (qfu_recovery_kind_name ((QfuRecoveryKind)4));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/recovery-kind/names", test_names);
  return g_test_run ();
}
