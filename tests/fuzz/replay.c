/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* usage: fuzz-OP PATH…: without libFuzzer, gives a fuzz target each file that is named and each
 * file of each directory that is named. */
#include "fuzz.h"

static guint
replay_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  g_autofree guint8 *exact = NULL;
  gsize size;

  if (!g_file_get_contents (path, &contents, &size, &error))
    g_error ("%s", error->message);
  /* without the byte that GLib adds */
  exact = g_memdup2 (contents, size);
  g_printerr ("%s\n", path);
  LLVMFuzzerTestOneInput (exact, size);
  return 1;
}

static guint
replay_directory (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) directory = g_dir_open (path, 0, &error);
  guint count = 0;

  if (directory == NULL)
    g_error ("%s", error->message);
  for (const char *name; (name = g_dir_read_name (directory)) != NULL;) {
    g_autofree char *file = g_build_filename (path, name, NULL);

    count += replay_file (file);
  }
  return count;
}

int
main (int argc, char **argv)
{
  guint count = 0;

  for (int i = 1; i < argc; i++) {
    if (g_file_test (argv[i], G_FILE_TEST_IS_DIR))
      count += replay_directory (argv[i]);
    else
      count += replay_file (argv[i]);
  }
  g_print ("%u inputs\n", count);
  return count == 0;
}
