/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nor-chip.h"

#include <string.h>
#include <unistd.h>

#define SIZE NOR_CHIP_MIN
#define BLOCK 4096
#define PAGE 256

/* A chip that holds 0x5a everywhere. */
typedef struct {
  guint8 *bytes;
  NorFaults faults;
  NorCounts counts;
  NorPins pins;
  NorCells *cells;
  NorChip *chip;
} Fixture;

static GArray *
areas_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (NorArea));
}

static void
power_on (Fixture *f)
{
  g_clear_pointer (&f->chip, nor_chip_free);
  g_clear_pointer (&f->cells, nor_cells_free);
  f->counts = (NorCounts){0};
  f->cells = nor_cells_new (f->bytes, SIZE, &f->faults, &f->counts);
  f->chip = nor_chip_new (f->cells, &f->counts, &f->pins);
}

static void
set_up (Fixture *f, gconstpointer more)
{
  f->bytes = g_malloc (SIZE);
  memset (f->bytes, 0x5a, SIZE);
  f->faults = (NorFaults){.protected = areas_new (),
                          .unerasable = areas_new (),
                          .unprogrammable = areas_new (),
                          .unsteady = areas_new ()};
  f->pins = (NorPins){.log = -1};
  power_on (f);
}

static void
tear_down (Fixture *f, gconstpointer more)
{
  nor_chip_free (f->chip);
  nor_cells_free (f->cells);
  g_array_unref (f->faults.protected);
  g_array_unref (f->faults.unerasable);
  g_array_unref (f->faults.unprogrammable);
  g_array_unref (f->faults.unsteady);
  g_free (f->bytes);
}

static gboolean
send_bytes (Fixture *f, const guint8 *bytes, gsize length)
{
  return nor_chip_transfer (f->chip, bytes, length, NULL, 0);
}

static void
command (Fixture *f, guint8 byte)
{
  g_assert_true (send_bytes (f, &byte, 1));
}

static guint8
ask (Fixture *f, guint8 byte)
{
  guint8 value = 0;

  g_assert_true (nor_chip_transfer (f->chip, &byte, 1, &value, 1));
  return value;
}

static gboolean
erase (Fixture *f, guint8 how, guint offset)
{
  const guint8 words[] = {how, (guint8)(offset >> 16), (guint8)(offset >> 8), (guint8)offset};

  command (f, 0x06);
  return send_bytes (f, words, sizeof words);
}

static gboolean
program (Fixture *f, guint offset, guint8 value, gsize length)
{
  g_autofree guint8 *words = g_malloc (4 + length);

  words[0] = 0x02;
  words[1] = (guint8)(offset >> 16);
  words[2] = (guint8)(offset >> 8);
  words[3] = (guint8)offset;
  memset (words + 4, value, length);
  command (f, 0x06);
  return send_bytes (f, words, 4 + length);
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
test_identification (Fixture *f, gconstpointer more)
{
  const guint8 words[] = {0x9f};
  guint8 id[3];

  g_assert_true (nor_chip_transfer (f->chip, words, 1, id, sizeof id));
  g_assert_cmpmem (id, sizeof id, "\xef\x40\x14", 3);
  f->pins.capacity = 0x18;
  g_assert_true (nor_chip_transfer (f->chip, words, 1, id, sizeof id));
  g_assert_cmpmem (id, sizeof id, "\xef\x40\x18", 3);
  g_assert_cmpuint (ask (f, 0xab), ==, 0x17);
  g_assert_cmpuint (ask (f, 0x42), ==, 0xff);
}

static void
test_erase (Fixture *f, gconstpointer more)
{
  g_assert_true (erase (f, 0x20, BLOCK + 17));
  g_assert_cmpuint (count (f, 0, SIZE, 0xff), ==, BLOCK);
  g_assert_cmpuint (count (f, BLOCK, BLOCK, 0xff), ==, BLOCK);
  g_assert_true (erase (f, 0xd8, 0x20000));
  g_assert_cmpuint (count (f, 0, SIZE, 0xff), ==, BLOCK + 0x10000);
  g_assert_cmpuint (f->counts.erases, ==, 2);
  g_assert_cmpuint (f->counts.erased, ==, BLOCK + 0x10000);
  command (f, 0x06);
  command (f, 0xc7);
  g_assert_cmpuint (count (f, 0, SIZE, 0xff), ==, SIZE);
}

/* Bits are only cleared, and a page comes round to its beginning. */
static void
test_program (Fixture *f, gconstpointer more)
{
  g_assert_true (program (f, 0x10f0, 0xf0, 32));
  g_assert_cmpuint (count (f, 0, SIZE, 0x50), ==, 32);
  g_assert_cmpuint (count (f, 0x10f0, 16, 0x50), ==, 16);
  g_assert_cmpuint (count (f, 0x1000, 16, 0x50), ==, 16);
  g_assert_true (program (f, 0x2010, 0x0f, PAGE + 8));
  g_assert_cmpuint (count (f, 0x2000, PAGE, 0x0a), ==, PAGE);
  g_assert_cmpuint (f->counts.programmed, ==, 32 + PAGE);
}

static void
test_not_enabled (Fixture *f, gconstpointer more)
{
  const guint8 words[] = {0x20, 0, 0, 0};

  g_assert_true (send_bytes (f, words, sizeof words));
  command (f, 0x06);
  command (f, 0x04);
  g_assert_true (send_bytes (f, words, sizeof words));
  g_assert_cmpuint (count (f, 0, SIZE, 0x5a), ==, SIZE);
  g_assert_cmpuint (f->counts.refused, ==, 2);
  g_assert_cmpuint (f->counts.operations, ==, 0);
  /* one enable serves one operation */
  g_assert_true (erase (f, 0x20, 0));
  g_assert_cmpuint (ask (f, 0x05), ==, 0);
  command (f, 0x06);
  g_assert_cmpuint (ask (f, 0x05), ==, 0x02);
}

static void
test_busy (Fixture *f, gconstpointer more)
{
  f->pins.busy = 2;
  g_assert_true (erase (f, 0x20, 0));
  g_assert_true (erase (f, 0x20, BLOCK)); /* not heard */
  g_assert_cmpuint (ask (f, 0x05), ==, 0x01);
  g_assert_cmpuint (ask (f, 0x05), ==, 0x01);
  g_assert_cmpuint (ask (f, 0x05), ==, 0x00);
  g_assert_cmpuint (count (f, 0, SIZE, 0xff), ==, BLOCK);
  g_assert_true (erase (f, 0x20, BLOCK));
  nor_chip_rest (f->chip);
  g_assert_cmpuint (ask (f, 0x05), ==, 0x00);
}

static void
test_read (Fixture *f, gconstpointer more)
{
  const guint8 words[] = {0x03, 0x0f, 0xff, 0xfe};
  const guint8 fast[] = {0x0b, 0x0f, 0xff, 0xfe, 0x00};
  guint8 got[4];

  f->bytes[SIZE - 1] = 1;
  f->bytes[0] = 2;
  g_assert_true (nor_chip_transfer (f->chip, words, sizeof words, got, sizeof got));
  g_assert_cmpmem (got, sizeof got, "\x5a\x01\x02\x5a", 4);
  g_assert_true (nor_chip_transfer (f->chip, fast, sizeof fast, got, sizeof got));
  g_assert_cmpmem (got, sizeof got, "\x5a\x01\x02\x5a", 4);
}

static void
add (GArray *areas, guint64 offset, guint64 length, guint64 times)
{
  NorArea area = {offset, length, times};

  g_array_append_val (areas, area);
}

static void
test_protected (Fixture *f, gconstpointer more)
{
  add (f->faults.protected, BLOCK + 5, 1, 0);
  g_assert_true (erase (f, 0x20, BLOCK));
  g_assert_true (program (f, BLOCK + 5, 0, 1));
  g_assert_cmpuint (count (f, 0, SIZE, 0x5a), ==, SIZE);
  g_assert_cmpuint (f->counts.refused, ==, 2);
  g_assert_true (erase (f, 0x20, 0));
  g_assert_true (erase (f, 0x20, 2 * BLOCK));
  g_assert_cmpuint (count (f, 0, 3 * BLOCK, 0xff), ==, 2 * BLOCK);
}

/* The ranges that the data sheet lists for some values of the status registers. */
static void
test_block_protection (Fixture *f, gconstpointer more)
{
  static const struct {
    guint8 status[2];
    guint first;
    guint last; /* of the blocks that can be erased */
  } rows[] = {
      {{0x00, 0x00}, 0, 255},  {{0x04, 0x00}, 0, 239},   {{0x0c, 0x00}, 0, 191},
      {{0x24, 0x00}, 16, 255}, {{0x44, 0x00}, 0, 254},   {{0x64, 0x00}, 1, 255},
      {{0x50, 0x00}, 0, 247},  {{0x04, 0x40}, 240, 255}, {{0x24, 0x40}, 0, 15},
      {{0x1c, 0x40}, 0, 255},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    memset (f->bytes, 0x5a, SIZE);
    memcpy (f->pins.status, rows[i].status, 2);
    power_on (f);
    for (guint block = 0; block < SIZE / BLOCK; block++)
      g_assert_true (erase (f, 0x20, block * BLOCK));
    g_assert_cmpuint (count (f, 0, SIZE, 0xff), ==, (rows[i].last - rows[i].first + 1) * BLOCK);
    g_assert_cmpuint (count (f, rows[i].first * BLOCK, BLOCK, 0xff), ==, BLOCK);
    g_assert_cmpuint (count (f, rows[i].last * BLOCK, BLOCK, 0xff), ==, BLOCK);
  }
  f->pins.status[0] = 0x1c;
  f->pins.status[1] = 0;
  power_on (f);
  g_assert_true (erase (f, 0x20, 0));
  g_assert_cmpuint (f->counts.refused, ==, 1);
}

static void
test_registers (Fixture *f, gconstpointer more)
{
  const guint8 words[] = {0x01, 0x87, 0x42};
  const guint8 open[] = {0x01, 0x00};

  g_assert_true (send_bytes (f, words, sizeof words)); /* not enabled */
  g_assert_cmpuint (ask (f, 0x05), ==, 0);
  command (f, 0x06);
  g_assert_true (send_bytes (f, words, sizeof words));
  g_assert_cmpuint (ask (f, 0x05), ==, 0x84);
  g_assert_cmpuint (ask (f, 0x35), ==, 0x42);
  command (f, 0x50);
  g_assert_true (send_bytes (f, open, sizeof open));
  g_assert_cmpuint (ask (f, 0x05), ==, 0);
  f->pins.status[0] = 0x84;
  f->pins.write_protected = TRUE;
  power_on (f);
  command (f, 0x06);
  g_assert_true (send_bytes (f, open, sizeof open));
  g_assert_cmpuint (ask (f, 0x05), ==, 0x84);
}

static void
test_log (Fixture *f, gconstpointer more)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  f->pins.log = g_file_open_tmp ("qfu-test-XXXXXX", &path, &error);
  g_assert_no_error (error);
  g_assert_true (erase (f, 0x52, 0x8001));
  g_assert_true (program (f, 0x8010, 0, 4));
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, "1 erase 0x8000 32768\n2 program 0x8010 4\n");
  g_assert_cmpint (close (f->pins.log), ==, 0);
  g_assert_cmpint (unlink (path), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/nor-chip/identification", test_identification);
  ADD ("/nor-chip/erase", test_erase);
  ADD ("/nor-chip/program", test_program);
  ADD ("/nor-chip/not-enabled", test_not_enabled);
  ADD ("/nor-chip/busy", test_busy);
  ADD ("/nor-chip/read", test_read);
  ADD ("/nor-chip/protected", test_protected);
  ADD ("/nor-chip/block-protection", test_block_protection);
  ADD ("/nor-chip/registers", test_registers);
  ADD ("/nor-chip/log", test_log);
  return g_test_run ();
}
