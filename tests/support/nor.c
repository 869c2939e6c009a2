/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nor.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define KIB 1024

const char *
test_nor_model (gsize size)
{
  static const struct {
    gsize size;
    const char *model;
  } models[] = {{1024 * KIB, "W25Q80.V"},
                {2048 * KIB, "W25Q16.V"},
                {4096 * KIB, "W25Q32.V"},
                {8192 * KIB, "W25Q64BV/W25Q64CV/W25Q64FV"},
                {16384 * KIB, "W25Q128.V"}};

  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    if (models[i].size == size)
      return models[i].model;
  g_assert_not_reached ();
}

/* The port that the emulator says when it serves. */
static int
read_port (int fd)
{
  char text[16] = "";
  gsize n = 0;

  while (n < sizeof text - 1 && strchr (text, '\n') == NULL) {
    gssize got = read (fd, text + n, sizeof text - 1 - n);

    g_assert_cmpint (got, >, 0);
    n += (gsize)got;
  }
  return (int)g_ascii_strtoll (text, NULL, 10);
}

/* In the child: a test that fails leaves no emulator behind. */
static void
die_with_parent (gpointer user)
{
  (void)prctl (PR_SET_PDEATHSIG, SIGKILL);
}

TestNor *
test_nor_start (const char *directory,
                const guint8 *contents,
                gsize size,
                const char *const *options)
{
  g_autofree char *program =
      g_build_filename (g_getenv ("QFU_BUILD_ROOT"), "tests", "chip", "nor-emulator", NULL);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  TestNor *nor = g_new0 (TestNor, 1);
  int ends[2];

  nor->path = g_build_filename (directory, "chip.bin", NULL);
  nor->counts = g_build_filename (directory, "counts.json", NULL);
  g_file_set_contents (nor->path, (const char *)contents, (gssize)size, &error);
  g_assert_no_error (error);
  g_ptr_array_add (words, program);
  for (gsize i = 0; options != NULL && options[i] != NULL; i++)
    g_ptr_array_add (words, (gpointer)options[i]);
  g_ptr_array_add (words, (gpointer) "--ready=3");
  g_ptr_array_add (words, (gpointer) "--counts");
  g_ptr_array_add (words, nor->counts);
  g_ptr_array_add (words, nor->path);
  g_ptr_array_add (words, NULL);
  g_assert_cmpint (pipe (ends), ==, 0);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  g_subprocess_launcher_take_fd (launcher, ends[1], 3);
  nor->process = g_subprocess_launcher_spawnv (launcher, (const char *const *)words->pdata, &error);
  g_assert_no_error (error);
  g_clear_object (&launcher);
  nor->model = test_nor_model (size);
  nor->programmer = g_strdup_printf ("serprog:ip=127.0.0.1:%d", read_port (ends[0]));
  g_assert_cmpint (close (ends[0]), ==, 0);
  return nor;
}

void
test_nor_configure (const TestNor *nor, QfuConfig *config)
{
  g_free (config->programmer);
  g_free (config->chip_model);
  config->programmer = g_strdup (nor->programmer);
  config->chip_model = g_strdup (nor->model);
}

void
test_nor_stop (TestNor *nor)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_send_signal (nor->process, SIGTERM);
  g_assert_true (g_subprocess_wait_check (nor->process, NULL, &error));
  g_assert_no_error (error);
  g_object_unref (nor->process);
  g_free (nor->path);
  g_free (nor->counts);
  g_free (nor->programmer);
  g_free (nor);
}

guint64
test_nor_count (const TestNor *nor, const char *name)
{
  g_autofree char *text = NULL;
  g_autofree char *key = g_strdup_printf ("\"%s\":", name);
  g_autoptr (GError) error = NULL;
  const char *found;

  g_file_get_contents (nor->counts, &text, NULL, &error);
  g_assert_no_error (error);
  found = strstr (text, key);
  g_assert_nonnull (found);
  return g_ascii_strtoull (found + strlen (key), NULL, 10);
}

void
test_nor_assert_holds (const TestNor *nor, const guint8 *contents, gsize size)
{
  g_autofree char *held = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (nor->path, &held, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (length, ==, size);
  g_assert_cmpint (memcmp (held, contents, size), ==, 0);
}
