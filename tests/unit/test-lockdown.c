/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-lockdown.h"

#include "testconfig.h"

static const struct {
  const char *text;
  const char *mode;
} cases[] = {
    {NULL, NULL},
    {"", NULL},
    {"[none] integrity confidentiality\n", "none"},
    {"none [integrity] confidentiality\n", "integrity"},
    {"none integrity [confidentiality]\n", "confidentiality"},
    {"none integrity confidentiality [more]\n", "confidentiality"},
};

static void
test_mode (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *root = test_directory ();
  g_autofree char *folder = g_build_filename (root, "sys", "kernel", "security", NULL);
  g_autofree char *path = g_build_filename (folder, "lockdown", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  if (cases[i].text != NULL)
    g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
  g_assert_cmpstr (qfu_lockdown_mode (root), ==, cases[i].mode);
  test_directory_remove (root);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/lockdown/mode/%" G_GSIZE_FORMAT, i);

    g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_mode);
  }
  return g_test_run ();
}
