/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "chip.h"

#include <string.h>

void
test_chip_use (TestChip *chip, const char *programmer)
{
  char *copy = g_strdup (programmer);

  g_free (chip->config->programmer);
  chip->config->programmer = copy;
}

guint8 *
test_chip_pattern (guint32 seed)
{
  guint8 *bytes = g_malloc (TEST_CHIP_SIZE);
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  for (gsize i = 0; i < TEST_CHIP_SIZE; i += 4) {
    guint32 word = g_rand_int (rand);
    memcpy (bytes + i, &word, 4);
  }
  return bytes;
}

void
test_chip_set_up (TestChip *chip, const guint8 *contents)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *programmer = NULL;

  chip->directory = test_directory ();
  chip->path = g_build_filename (chip->directory, "chip.bin", NULL);
  chip->config = test_config (chip->directory, G_STRINGIFY (TEST_WORKER_UID));
  programmer = g_strdup_printf ("dummy:bus=spi,emulate=W25Q128FV,image=%s", chip->path);
  test_chip_use (chip, programmer);
  g_file_set_contents (chip->path, (const char *)contents, TEST_CHIP_SIZE, &error);
  g_assert_no_error (error);
}

void
test_chip_tear_down (TestChip *chip)
{
  qfu_config_free (chip->config);
  test_directory_remove (chip->directory);
  g_free (chip->directory);
  g_free (chip->path);
}

void
test_chip_assert_holds (const TestChip *chip, const guint8 *contents)
{
  g_autofree char *held = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_file_get_contents (chip->path, &held, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (size, ==, TEST_CHIP_SIZE);
  g_assert_cmpint (memcmp (held, contents, size), ==, 0);
}
