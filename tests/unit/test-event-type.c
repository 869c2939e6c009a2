/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-event-type.h"
#include "testconfig.h"

static void
test_names (void)
{
  g_assert_cmpstr (qfu_event_type_name (0), ==, "EV_PREBOOT_CERT");
  g_assert_cmpstr (qfu_event_type_name (5), ==, "EV_ACTION");
  g_assert_cmpstr (qfu_event_type_name (0x404), ==, "TXT_MLE_HASH");
  g_assert_cmpstr (qfu_event_type_name (0x502), ==, "SLAUNCH");
  g_assert_cmpstr (qfu_event_type_name (0x800000e0), ==, "EV_EFI_VARIABLE_AUTHORITY");
  g_assert_cmpstr (qfu_event_type_name (2), ==, "unknown");
  g_assert_cmpstr (qfu_event_type_name (0xffffffff), ==, "unknown");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/event-type/names", test_names);
  return g_test_run ();
}
