/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nor-chip.h"

#include <stdio.h>
#include <string.h>

#define PAGE 256
#define KIB G_GUINT64_CONSTANT (1024)
#define MANUFACTURER 0xef
#define MEMORY_TYPE 0x40
#define ADDRESS_BYTES 3

enum { WRITE_STATUS = 0x01, PROGRAM = 0x02, READ = 0x03, WRITE_DISABLE = 0x04 };
enum { READ_STATUS = 0x05, WRITE_ENABLE = 0x06, FAST_READ = 0x0b, WRITE_STATUS_3 = 0x11 };
enum { READ_STATUS_3 = 0x15, ERASE_4K = 0x20, WRITE_STATUS_2 = 0x31, READ_STATUS_2 = 0x35 };
enum { VOLATILE_WRITE_ENABLE = 0x50, ERASE_32K = 0x52, ERASE_CHIP_2 = 0x60, READ_IDS = 0x90 };
enum { READ_JEDEC_ID = 0x9f, READ_ID = 0xab, ERASE_CHIP = 0xc7, ERASE_64K = 0xd8 };

/* bits of the first status register */
enum {
  BUSY = 0x01,
  LATCH = 0x02,
  BLOCK_SHIFT = 2,
  BLOCK_MASK = 0x07,
  BOTTOM = 0x20,
  SECTORS = 0x40
};
enum { REGISTER_PROTECT = 0x80, WRITABLE_1 = 0xfc };
/* of the second */
enum { LOCK_DOWN = 0x01, COMPLEMENT = 0x40, WRITABLE_2 = 0x7b };
enum { WRITABLE_3 = 0x64 };

struct _NorChip {
  NorCells *cells;
  NorCounts *counts;
  const NorPins *pins;
  guint8 status[3];
  gboolean latch;
  gboolean volatile_latch;
  guint busy; /* readings of the status register that still find an operation under way */
};

typedef struct {
  const guint8 *sent;
  gsize n_sent;
  guint8 *received;
  gsize n_received;
} Transfer;

NorChip *
nor_chip_new (NorCells *cells, NorCounts *counts, const NorPins *pins)
{
  NorChip *chip = g_new0 (NorChip, 1);

  chip->cells = cells;
  chip->counts = counts;
  chip->pins = pins;
  memcpy (chip->status, pins->status, sizeof chip->status);
  return chip;
}

void
nor_chip_free (NorChip *chip)
{
  g_free (chip);
}

const NorCounts *
nor_chip_counts (const NorChip *chip)
{
  return chip->counts;
}

/* What the status registers protect of the chip. */
static void
protected_range (const NorChip *chip, guint64 *offset, guint64 *length)
{
  guint64 size = nor_cells_size (chip->cells);
  guint blocks = (chip->status[0] >> BLOCK_SHIFT) & BLOCK_MASK;
  gboolean bottom = (chip->status[0] & BOTTOM) != 0;

  *length = 0;
  if (blocks == BLOCK_MASK)
    *length = size;
  else if (blocks > 0 && (chip->status[0] & SECTORS) != 0)
    *length = MIN (4 * KIB << (blocks - 1), 32 * KIB);
  else if (blocks > 0)
    *length = MIN (MAX (64 * KIB, size / 64) << (blocks - 1), size);
  if ((chip->status[1] & COMPLEMENT) != 0) {
    *length = size - *length;
    bottom = !bottom;
  }
  *offset = bottom ? 0 : size - *length;
}

static gboolean
meets (guint64 offset, guint64 length, guint64 other, guint64 other_length)
{
  return length > 0 && other_length > 0 && offset < other + other_length && other < offset + length;
}

static gboolean
is_protected (const NorChip *chip, const GArray *areas, guint64 offset, guint64 length)
{
  guint64 first;
  guint64 bytes;

  protected_range (chip, &first, &bytes);
  if (meets (offset, length, first, bytes))
    return TRUE;
  for (guint i = 0; i < areas->len; i++) {
    const NorArea *area = &g_array_index (areas, NorArea, i);

    if (meets (offset, length, area->offset, area->length))
      return TRUE;
  }
  return FALSE;
}

/* Whether an operation on these bytes begins. Uses the write enable latch up. */
static gboolean
may_change (NorChip *chip, const char *what, guint64 offset, guint64 length)
{
  gboolean enabled = chip->latch;

  chip->latch = FALSE;
  if (!enabled || is_protected (chip, nor_cells_protected (chip->cells), offset, length)) {
    chip->counts->refused++;
    return FALSE;
  }
  chip->busy = chip->pins->busy;
  if (chip->pins->log >= 0)
    dprintf (chip->pins->log,
             "%" G_GUINT64_FORMAT " %s %#" G_GINT64_MODIFIER "x %" G_GUINT64_FORMAT "\n",
             chip->counts->operations + 1, what, offset, length);
  return TRUE;
}

static guint64
address (const Transfer *transfer)
{
  return ((guint64)transfer->sent[1] << 16) | ((guint64)transfer->sent[2] << 8) | transfer->sent[3];
}

gboolean
nor_chip_is_closed (const NorChip *chip, const guint8 *sent, gsize n_sent, gsize n_received)
{
  const GArray *areas = chip->pins->closed;
  const Transfer transfer = {.sent = sent, .n_sent = n_sent};

  if (areas == NULL || n_sent <= ADDRESS_BYTES || (sent[0] != READ && sent[0] != FAST_READ))
    return FALSE;
  for (guint i = 0; i < areas->len; i++) {
    const NorArea *area = &g_array_index (areas, NorArea, i);
    guint64 first = address (&transfer);

    if (first < area->offset + area->length && area->offset < first + n_received)
      return TRUE;
  }
  return FALSE;
}

static gboolean
erase (NorChip *chip, const Transfer *transfer, guint64 length)
{
  guint64 size = nor_cells_size (chip->cells);
  guint64 offset = 0;

  if (length < size) {
    /* a command that does not end with its address is no command */
    if (transfer->n_sent != 1 + ADDRESS_BYTES)
      return TRUE;
    offset = address (transfer) % size & ~(length - 1);
  }
  return !may_change (chip, "erase", offset, length) ||
         nor_cells_erase (chip->cells, offset, length);
}

static gboolean
program (NorChip *chip, const Transfer *transfer)
{
  gsize header = 1 + ADDRESS_BYTES;
  const guint8 *data = transfer->sent + header;
  guint64 offset;
  gsize length;

  if (transfer->n_sent <= header)
    return TRUE;
  offset = address (transfer) % nor_cells_size (chip->cells);
  length = transfer->n_sent - header;
  if (length > PAGE) {
    /* what comes later takes the place of what came first */
    gsize lost = length - PAGE;

    offset = (offset & ~(guint64)(PAGE - 1)) | ((offset + lost) & (PAGE - 1));
    data += lost;
    length = PAGE;
  }
  return !may_change (chip, "program", offset, length) ||
         nor_cells_program (chip->cells, offset, PAGE, data, length);
}

/* @first: number of the register that gets the first byte. */
static void
write_status (NorChip *chip, const Transfer *transfer, guint first)
{
  static const guint8 writable[] = {WRITABLE_1, WRITABLE_2, WRITABLE_3};
  gboolean enabled = chip->latch || chip->volatile_latch;
  gboolean locked = (chip->status[1] & LOCK_DOWN) != 0 ||
                    ((chip->status[0] & REGISTER_PROTECT) != 0 && chip->pins->write_protected);

  chip->latch = FALSE;
  chip->volatile_latch = FALSE;
  if (!enabled || locked) {
    chip->counts->refused++;
    return;
  }
  for (gsize i = 1; i < transfer->n_sent && first + i - 1 < G_N_ELEMENTS (writable); i++)
    chip->status[first + i - 1] = transfer->sent[i] & writable[first + i - 1];
}

static void
read_status (NorChip *chip, const Transfer *transfer, guint number)
{
  guint8 value = chip->status[number];

  if (number == 0)
    value |= (guint8)((chip->busy > 0 ? BUSY : 0) | (chip->latch ? LATCH : 0));
  memset (transfer->received, value, transfer->n_received);
  if (chip->busy > 0)
    chip->busy--;
}

static void
answer (const Transfer *transfer, const guint8 *bytes, gsize length)
{
  memcpy (transfer->received, bytes, MIN (length, transfer->n_received));
}

/* The commands that change nothing in the array. */
static void
respond (NorChip *chip, const Transfer *transfer)
{
  guint64 size = nor_cells_size (chip->cells);
  guint8 capacity =
      chip->pins->capacity != 0 ? chip->pins->capacity : (guint8)g_bit_nth_lsf ((gulong)size, -1);
  const guint8 jedec[] = {MANUFACTURER, MEMORY_TYPE, capacity};
  const guint8 ids[] = {MANUFACTURER, (guint8)(capacity - 1)};
  gsize header = 1 + ADDRESS_BYTES + (transfer->sent[0] == FAST_READ ? 1 : 0);

  switch (transfer->sent[0]) {
  case READ:
  case FAST_READ:
    if (transfer->n_sent == header)
      nor_cells_read (chip->cells, address (transfer), transfer->received, transfer->n_received);
    break;
  case READ_JEDEC_ID:
    answer (transfer, jedec, sizeof jedec);
    break;
  case READ_IDS:
    answer (transfer, ids, sizeof ids);
    break;
  case READ_ID:
    answer (transfer, ids + 1, 1);
    break;
  case WRITE_ENABLE:
    chip->latch = TRUE;
    break;
  case VOLATILE_WRITE_ENABLE:
    chip->volatile_latch = TRUE;
    break;
  case WRITE_DISABLE:
    chip->latch = FALSE;
    break;
  case WRITE_STATUS:
    write_status (chip, transfer, 0);
    break;
  case WRITE_STATUS_2:
    write_status (chip, transfer, 1);
    break;
  case WRITE_STATUS_3:
    write_status (chip, transfer, 2);
    break;
  default: /* the chip knows no such command, and its output stays high */
    break;
  }
}

void
nor_chip_rest (NorChip *chip)
{
  chip->busy = 0;
}

gboolean
nor_chip_transfer (
    NorChip *chip, const guint8 *sent, gsize n_sent, guint8 *received, gsize n_received)
{
  const Transfer transfer = {sent, n_sent, received, n_received};
  guint64 size = nor_cells_size (chip->cells);

  if (n_received > 0)
    memset (received, 0xff, n_received);
  if (n_sent == 0)
    return TRUE;
  switch (sent[0]) {
  case READ_STATUS:
    read_status (chip, &transfer, 0);
    return TRUE;
  case READ_STATUS_2:
    read_status (chip, &transfer, 1);
    return TRUE;
  case READ_STATUS_3:
    read_status (chip, &transfer, 2);
    return TRUE;
  default:
    break;
  }
  /* who does not wait is not heard */
  if (chip->busy > 0)
    return TRUE;
  switch (sent[0]) {
  case PROGRAM:
    return program (chip, &transfer);
  case ERASE_4K:
    return erase (chip, &transfer, 4 * KIB);
  case ERASE_32K:
    return erase (chip, &transfer, 32 * KIB);
  case ERASE_64K:
    return erase (chip, &transfer, 64 * KIB);
  case ERASE_CHIP:
  case ERASE_CHIP_2:
    return erase (chip, &transfer, size);
  default:
    respond (chip, &transfer);
    return TRUE;
  }
}

void
nor_chip_settle (NorChip *chip)
{
  chip->busy = 0;
}
