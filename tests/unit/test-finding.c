/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-finding.h"
#include "testconfig.h"

static void
test_contradiction (void)
{
  g_autoptr (GPtrArray) findings = qfu_findings_new ();
  const QfuFinding *first;

  g_assert_null (qfu_findings_contradiction (findings));
  qfu_findings_add (findings, QFU_FINDING_AGREES, "image", "it has %u bytes", 5u);
  qfu_findings_add (findings, QFU_FINDING_UNCHECKED, "recipes", "no forecast");
  g_assert_null (qfu_findings_contradiction (findings));
  qfu_findings_add (findings, QFU_FINDING_CONTRADICTS, "A:b", "first");
  qfu_findings_add (findings, QFU_FINDING_CONTRADICTS, "A:c", "second");
  first = qfu_findings_contradiction (findings);
  g_assert_cmpstr (first->object, ==, "A:b");
  g_assert_cmpstr (first->message, ==, "first");
  g_assert_cmpstr (((QfuFinding *)g_ptr_array_index (findings, 0))->message, ==, "it has 5 bytes");
}

static void
test_names (void)
{
  g_assert_cmpstr (qfu_finding_status_name (QFU_FINDING_AGREES), ==, "agrees");
  g_assert_cmpstr (qfu_finding_status_name (QFU_FINDING_CONTRADICTS), ==, "contradicts");
  g_assert_cmpstr (qfu_finding_status_name (QFU_FINDING_UNCHECKED), ==, "unchecked");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/finding/contradiction", test_contradiction);
  g_test_add_func ("/finding/names", test_names);
  return g_test_run ();
}
