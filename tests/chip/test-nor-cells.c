/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nor-cells.h"

#include <string.h>

#define SIZE (64 * 1024)
#define BLOCK 4096
#define PAGE 256

/* Cells that hold 0x5a everywhere. */
typedef struct {
  guint8 bytes[SIZE];
  NorFaults faults;
  NorCounts counts;
  NorCells *cells;
} Fixture;

static GArray *
areas_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (NorArea));
}

static void
power_on (Fixture *f)
{
  g_clear_pointer (&f->cells, nor_cells_free);
  memset (f->bytes, 0x5a, SIZE);
  f->counts = (NorCounts){0};
  f->cells = nor_cells_new (f->bytes, SIZE, &f->faults, &f->counts);
}

static void
set_up (Fixture *f, gconstpointer more)
{
  f->faults = (NorFaults){.protected = areas_new (),
                          .unerasable = areas_new (),
                          .unprogrammable = areas_new (),
                          .unsteady = areas_new ()};
  power_on (f);
}

static void
tear_down (Fixture *f, gconstpointer more)
{
  nor_cells_free (f->cells);
  g_array_unref (f->faults.protected);
  g_array_unref (f->faults.unerasable);
  g_array_unref (f->faults.unprogrammable);
  g_array_unref (f->faults.unsteady);
}

static void
add (GArray *areas, guint64 offset, guint64 length, guint64 times)
{
  NorArea area = {offset, length, times};

  g_array_append_val (areas, area);
}

static gboolean
clear (Fixture *f, guint offset, gsize length)
{
  static const guint8 zeros[PAGE];

  return nor_cells_program (f->cells, offset, PAGE, zeros, length);
}

/* How many of the bytes have this value. */
static gsize
count (const Fixture *f, guint offset, gsize length, guint8 value)
{
  gsize n = 0;

  for (gsize i = 0; i < length; i++)
    n += f->bytes[offset + i] == value;
  return n;
}

static void
test_fail_erase (Fixture *f, gconstpointer more)
{
  add (f->faults.unerasable, 100, 50, 1);
  power_on (f);
  g_assert_true (nor_cells_erase (f->cells, 0, BLOCK));
  g_assert_cmpuint (count (f, 100, 50, 0x5a), ==, 50);
  g_assert_cmpuint (count (f, 0, BLOCK, 0xff), ==, BLOCK - 50);
  g_assert_true (nor_cells_erase (f->cells, 0, BLOCK));
  g_assert_cmpuint (count (f, 0, SIZE, 0xff), ==, BLOCK);
}

static void
test_fail_program (Fixture *f, gconstpointer more)
{
  add (f->faults.unprogrammable, BLOCK, 10, 0);
  power_on (f);
  for (guint i = 0; i < 2; i++)
    g_assert_true (clear (f, BLOCK, 16));
  g_assert_cmpuint (count (f, BLOCK, 10, 0x5a), ==, 10);
  g_assert_cmpuint (count (f, 0, SIZE, 0), ==, 6);
}

static void
test_unsteady (Fixture *f, gconstpointer more)
{
  guint8 got[PAGE];

  add (f->faults.unsteady, 10, 1, 1);
  power_on (f);
  nor_cells_read (f->cells, 0, got, 10);
  g_assert_cmpmem (got, 10, f->bytes, 10);
  nor_cells_read (f->cells, 0, got, PAGE);
  g_assert_cmpmem (got, 10, f->bytes, 10);
  g_assert_cmpuint (got[10], !=, f->bytes[10]);
  g_assert_cmpmem (got + 11, PAGE - 11, f->bytes + 11, PAGE - 11);
  nor_cells_read (f->cells, 0, got, PAGE);
  g_assert_cmpmem (got, PAGE, f->bytes, PAGE);
  g_assert_cmpuint (f->counts.read, ==, 10 + 2 * PAGE);
}

static void
test_short (Fixture *f, gconstpointer more)
{
  f->faults.shortened = 2;
  f->faults.shortened_to = 7;
  power_on (f);
  g_assert_true (clear (f, 0, 16));
  g_assert_true (clear (f, PAGE, 16));
  g_assert_true (clear (f, 2 * PAGE, 16));
  g_assert_cmpuint (count (f, 0, PAGE, 0), ==, 16);
  g_assert_cmpuint (count (f, PAGE, PAGE, 0), ==, 7);
  g_assert_cmpuint (count (f, 2 * PAGE, PAGE, 0), ==, 16);
}

/* The power goes in the second operation; the first is an erase of the second block. */
static void
cut (Fixture *f, guint64 at, gboolean scattered)
{
  f->faults.cut = 2;
  f->faults.cut_at = at;
  f->faults.scattered = scattered;
  power_on (f);
  g_assert_true (nor_cells_erase (f->cells, BLOCK, BLOCK));
}

static void
test_cut_program (Fixture *f, gconstpointer more)
{
  cut (f, 100, FALSE);
  g_assert_false (clear (f, BLOCK, PAGE));
  g_assert_cmpuint (count (f, BLOCK, 100, 0), ==, 100);
  g_assert_cmpuint (count (f, BLOCK + 116, BLOCK - 116, 0xff), ==, BLOCK - 116);
  /* bytes that are neither: so many that chance alone cannot make none of them */
  g_assert_cmpuint (count (f, BLOCK + 100, 16, 0) + count (f, BLOCK + 100, 16, 0xff), <, 16);
  g_assert_cmpuint (f->counts.cut, ==, 1);
  cut (f, PAGE, FALSE);
  g_assert_false (clear (f, BLOCK, PAGE));
  g_assert_cmpuint (count (f, BLOCK, BLOCK, 0), ==, PAGE);
}

static void
test_cut_erase (Fixture *f, gconstpointer more)
{
  cut (f, 1000, FALSE);
  g_assert_false (nor_cells_erase (f->cells, 0, BLOCK));
  g_assert_cmpuint (count (f, 0, 1000, 0), ==, 1000);
  g_assert_cmpuint (count (f, 1016, BLOCK - 1016, 0x5a), ==, BLOCK - 1016);
  cut (f, BLOCK + 1000, FALSE);
  g_assert_false (nor_cells_erase (f->cells, 0, BLOCK));
  g_assert_cmpuint (count (f, 0, 1000, 0xff), ==, 1000);
  g_assert_cmpuint (count (f, 1016, BLOCK - 1016, 0), ==, BLOCK - 1016);
  cut (f, 2 * BLOCK, FALSE);
  g_assert_false (nor_cells_erase (f->cells, 0, BLOCK));
  g_assert_cmpuint (count (f, 0, BLOCK, 0xff), ==, BLOCK);
}

static void
test_cut_scattered (Fixture *f, gconstpointer more)
{
  gsize set = 0;

  cut (f, BLOCK + BLOCK / 2, TRUE);
  g_assert_false (nor_cells_erase (f->cells, 0, BLOCK));
  for (gsize i = 0; i < BLOCK; i++)
    set += (gsize)__builtin_popcount (f->bytes[i]);
  /* half of the bits, give or take more than ten deviations */
  g_assert_cmpuint (set, >, BLOCK * 3);
  g_assert_cmpuint (set, <, BLOCK * 5);
}

/* Each seed is another cut. */
static void
test_seed (Fixture *f, gconstpointer more)
{
  guint8 first[16];

  cut (f, 0, FALSE);
  g_assert_false (clear (f, BLOCK, PAGE));
  memcpy (first, f->bytes + BLOCK, sizeof first);
  f->faults.seed++;
  cut (f, 0, FALSE);
  g_assert_false (clear (f, BLOCK, PAGE));
  g_assert_cmpint (memcmp (first, f->bytes + BLOCK, sizeof first), !=, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/nor-cells/fail-erase", test_fail_erase);
  ADD ("/nor-cells/fail-program", test_fail_program);
  ADD ("/nor-cells/unsteady", test_unsteady);
  ADD ("/nor-cells/short", test_short);
  ADD ("/nor-cells/cut-program", test_cut_program);
  ADD ("/nor-cells/cut-erase", test_cut_erase);
  ADD ("/nor-cells/cut-scattered", test_cut_scattered);
  ADD ("/nor-cells/seed", test_seed);
  return g_test_run ();
}
