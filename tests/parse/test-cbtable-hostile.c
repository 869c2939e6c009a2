/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every limit of op `cbtable`, and tables that state more than they have. */
#include "cbtable.h"
#include "limit.h"

#include <string.h>

static GBytes *
make_size (guint64 n)
{
  g_autoptr (GByteArray) records = cbtable_areas (1);
  GByteArray *table = cbtable_new (records, 1);
  guint used = table->len;

  g_byte_array_set_size (table, (guint)n);
  memset (table->data + used, 0, n - used);
  return g_byte_array_free_to_bytes (table);
}

static GBytes *
make_areas (guint64 n)
{
  g_autoptr (GByteArray) records = cbtable_areas ((guint)n);

  return g_byte_array_free_to_bytes (cbtable_new (records, (guint)n));
}

static const LimitCase limits[] = {
    {"/cbtable/limit/size", QFU_CBTABLE_SIZE_MAX, make_size, QFU_ERROR_LIMIT},
    {"/cbtable/limit/areas", QFU_CBTABLE_AREAS_MAX, make_areas, QFU_ERROR_LIMIT},
};

/* Records that leave the table, are shorter than their own head, or are more than there are. */
static void
test_records (void)
{
  static const struct {
    guint32 size;
    guint count;
  } cases[] = {{0, 1},          {7, 1},           {25, 1}, {0xffffffff, 1}, {0x80000000, 1},
               {0xfffffff8, 2}, {24, 0xffffffff}, {24, 2}, {8, 4}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) records = g_byte_array_new ();
    g_autoptr (GByteArray) table = NULL;
    g_auto (LimitOutcome) outcome = {0};
    QfuParseInput input;

    cbtable_record (records, 1, cases[i].size);
    g_byte_array_append (records, (const guint8 *)"0123456789abcdef", 16);
    table = cbtable_new (records, cases[i].count);
    input = (QfuParseInput){table->data, table->len};
    outcome = limit_run ("cbtable", 0, &input, 1);
    g_test_message ("case %zu", i);
    g_assert_error (outcome.error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

/* 64 KiB of what begins like a table and would be summed each time. */
static void
test_signatures (void)
{
  static const guint8 header[16] = {'L', 'B', 'I', 'O', 24, 4, [13] = 4};
  g_autofree guint8 *memory = g_malloc0 (QFU_CBTABLE_SIZE_MAX);
  const QfuParseInput input = {memory, QFU_CBTABLE_SIZE_MAX};
  g_auto (LimitOutcome) outcome = {0};

  for (gsize at = 0; at < QFU_CBTABLE_SIZE_MAX; at += sizeof header)
    memcpy (memory + at, header, sizeof header);
  outcome = limit_run ("cbtable", 0, &input, 1);
  g_assert_error (outcome.error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  limit_add ("cbtable", 0, limits, G_N_ELEMENTS (limits));
  g_test_add_func ("/cbtable/killer/records", test_records);
  g_test_add_func ("/cbtable/killer/signatures", test_signatures);
  return g_test_run ();
}
