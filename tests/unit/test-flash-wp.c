/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The chip's own write protection, set in the status registers of libflashrom's dummy chip. */

#include "qfu-flash-wp.h"

#include "chip.h"
#include "qfu-error.h"
#include "qfu-flash.h"
#include "testconfig.h"

#include <string.h>

#define KIB 1024

/* spi_status of the dummy programmer, and what it keeps of 16 MiB. */
static const struct {
  const char *name;
  const char *status;
  guint64 first; /* that is kept; all behind it are kept, too */
  const char *part;
} cases[] = {
    {"open", "0x04", 16128 * KIB, "--wp-range=0,0"},
    {"pin", "0x9c", 0, "WP# is low"},
    {"power-cycle", "0x0104", 16128 * KIB, "loses its power"},
    {"permanent", "0x0190", 14336 * KIB, "for good"},
    {"complement", "0x4000", 0, "--wp-range=0,0"},
};

typedef struct {
  TestChip chip;
  QfuFlash *flash;
} Fixture;

static void
set_up (Fixture *f, const char *emulated, const char *status)
{
  g_autofree guint8 *bytes = test_chip_pattern (1);
  g_autofree char *programmer = NULL;
  g_autoptr (GError) error = NULL;

  test_chip_set_up (&f->chip, bytes);
  programmer = g_strdup_printf ("dummy:bus=spi,emulate=%s,image=%s,spi_status=%s", emulated,
                                f->chip.path, status);
  test_chip_use (&f->chip, programmer);
  f->flash = qfu_flash_open (f->chip.config, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f)
{
  qfu_flash_free (f->flash);
  test_chip_tear_down (&f->chip);
}

static gboolean
check (const Fixture *f, guint64 offset, guint64 length, GError **error)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (QfuRange));
  QfuRange range = {offset, length};

  g_array_append_val (ranges, range);
  return qfu_flash_check_writable (f->flash, ranges, error);
}

static void
test_protected (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  Fixture f;
  g_autoptr (GError) error = NULL;

  set_up (&f, "W25Q128FV", cases[i].status);
  g_assert_false (check (&f, TEST_CHIP_SIZE - 4 * KIB, 4 * KIB, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED);
  if (strstr (error->message, cases[i].part) == NULL)
    g_error ("'%s' is not in '%s'", cases[i].part, error->message);
  g_clear_error (&error);
  if (cases[i].first > 0) {
    g_assert_true (check (&f, 0, cases[i].first, &error));
    g_assert_no_error (error);
    g_assert_false (check (&f, cases[i].first - 1, 2, NULL));
  }
  tear_down (&f);
}

static void
test_free (void)
{
  Fixture f;
  g_autoptr (GError) error = NULL;

  set_up (&f, "W25Q128FV", "0");
  g_assert_true (check (&f, 0, TEST_CHIP_SIZE, &error));
  g_assert_no_error (error);
  g_assert_false (check (&f, 4 * KIB, TEST_CHIP_SIZE, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_LIMIT);
  tear_down (&f);
}

/* A chip without status registers: nobody can tell. */
static void
test_silent (void)
{
  Fixture f;
  g_autoptr (GError) error = NULL;

  set_up (&f, "VARIABLE_SIZE,size=16777216", "0x9c");
  g_assert_true (check (&f, 0, TEST_CHIP_SIZE, &error));
  g_assert_no_error (error);
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/flash-wp/%s", cases[i].name);

    g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_protected);
  }
  g_test_add_func ("/flash-wp/free", test_free);
  g_test_add_func ("/flash-wp/silent", test_silent);
  return g_test_run ();
}
