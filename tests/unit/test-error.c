/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "testconfig.h"

#include <errno.h>

static void
test_names (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int code = 1; code <= QFU_ERROR_LAST; code++) {
    const char *name = qfu_error_name (code);

    g_assert_nonnull (name);
    g_assert_true (g_hash_table_add (seen, (gpointer)name));
  }
  g_assert_cmpstr (qfu_error_name (0), ==, "internal");
  g_assert_cmpstr (qfu_error_name (-1), ==, "internal");
  g_assert_cmpstr (qfu_error_name (QFU_ERROR_LAST + 1), ==, "internal");
  g_assert_cmpstr (g_quark_to_string (QFU_ERROR), ==, "qfu-error-quark");
}

static void
test_set (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_error_set (&error, QFU_ERROR_LIMIT, "100 % too much"));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_assert_cmpstr (error->message, ==, "100 % too much");
  g_assert_false (qfu_error_set (NULL, QFU_ERROR_LIMIT, "nobody listens"));
}

static void
test_refuse (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_error_refuse (&error, "%s is %u %% too much", "x", 100u));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_REFUSED);
  g_assert_cmpstr (error->message, ==, "x is 100 % too much");
  g_assert_false (qfu_error_refuse (NULL, "nobody listens"));
}

static void
test_errno (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (qfu_error_errno (&error, ENOENT, "opening %s", "x"));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_IO);
  g_assert_cmpstr (error->message, ==, "opening x: No such file or directory");
  g_assert_false (qfu_error_errno (NULL, ENOENT, "nobody listens"));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/error/names", test_names);
  g_test_add_func ("/error/set", test_set);
  g_test_add_func ("/error/refuse", test_refuse);
  g_test_add_func ("/error/errno", test_errno);
  return g_test_run ();
}
