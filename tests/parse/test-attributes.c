/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-parse-attributes.h"

static void
test_set (void)
{
  g_autoptr (QfuAttributes) attributes = qfu_attributes_new ();
  const char **values;
  const char **names = qfu_attributes_get (attributes, TRUE, &values);

  g_assert_null (names[0]);
  g_assert_null (values[0]);
  for (gsize n = 40; n-- > 0;) {
    g_autofree char *value = g_strnfill (n * 100, 'v');
    const char *set_names[] = {"first", n == 0 ? NULL : "second", NULL};
    const char *set_values[] = {value, n == 0 ? NULL : "", NULL};

    qfu_attributes_set (attributes, set_names, set_values);
    names = qfu_attributes_get (attributes, TRUE, &values);
    g_assert_cmpstr (names[0], ==, "first");
    g_assert_cmpstr (values[0], ==, value);
    g_assert_cmpstr (names[1], ==, set_names[1]);
    g_assert_cmpstr (values[1], ==, set_values[1]);
    g_assert_null (names[n == 0 ? 1 : 2]);
    g_assert_null (values[n == 0 ? 1 : 2]);
  }
}

static void
test_none (void)
{
  g_autoptr (QfuAttributes) attributes = qfu_attributes_new ();
  const char *names[] = {"name", NULL};
  const char *values[] = {"value", NULL};
  const char **got;

  qfu_attributes_set (attributes, names, values);
  g_assert_null (qfu_attributes_get (attributes, FALSE, &got)[0]);
  g_assert_null (got[0]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/attributes/set", test_set);
  g_test_add_func ("/attributes/none", test_none);
  return g_test_run ();
}
