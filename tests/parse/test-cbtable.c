/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cbtable.h"
#include "collect.h"
#include "qfu-error.h"

#include <string.h>

#define AREA "CBMEM KIND=1129270851 SIZE=65536 ADDRESS=2147483648\n"

/* What the op says of memory that has @table at @at, and zeros otherwise. */
static QfuCollected *
parse_at (const GByteArray *table, gsize at, gsize size)
{
  g_autofree guint8 *memory = g_malloc0 (size);

  memcpy (memory + at, table->data, MIN (table->len, size - at));
  return qfu_collect ("cbtable", NULL, memory, size);
}

static void
assert_said (const GByteArray *table, const char *expected)
{
  g_autoptr (QfuCollected) said = parse_at (table, 0, table->len);

  g_assert_no_error (said->error);
  g_assert_cmpstr (said->text, ==, expected);
}

static void
assert_refused (const GByteArray *table, QfuError code)
{
  g_autoptr (QfuCollected) said = parse_at (table, 0, table->len);

  g_assert_error (said->error, QFU_ERROR, (int)code);
}

static GByteArray *
one_area (void)
{
  g_autoptr (GByteArray) records = g_byte_array_new ();

  cbtable_area (records, 0x434f4e43, 0x80000000, 0x10000);
  return cbtable_new (records, 1);
}

static void
test_areas (void)
{
  g_autoptr (GByteArray) records = g_byte_array_new ();
  g_autoptr (GByteArray) table = NULL;
  g_autoptr (GByteArray) empty = NULL;

  empty = cbtable_new (records, 0);
  cbtable_record (records, 0x03, 12);
  g_byte_array_append (records, (const guint8 *)"abcd", 4);
  cbtable_area (records, 0x434f4e43, 0x80000000, 0x10000);
  cbtable_record (records, 0x31, 16); /* too short to have an id */
  g_byte_array_append (records, (const guint8 *)"12345678", 8);
  table = cbtable_new (records, 3);
  assert_said (table, AREA);
  assert_said (empty, "");
}

/* What stands behind a record that forwards, or behind as many as there are, does not count. */
static void
test_forward (void)
{
  g_autoptr (GByteArray) records = g_byte_array_new ();
  g_autoptr (GByteArray) table = NULL;
  g_autoptr (GByteArray) fewer = NULL;

  cbtable_forward (records, 0x7ff00000);
  cbtable_area (records, 1, 2, 3);
  table = cbtable_new (records, 2);
  fewer = cbtable_new (records, 0);
  assert_said (table, "FORWARD ADDRESS=2146435072\n");
  assert_said (fewer, "");
}

static void
test_places (void)
{
  g_autoptr (GByteArray) table = one_area ();
  static const struct {
    gsize at;
    gboolean found;
  } cases[] = {{0, TRUE}, {16, TRUE}, {0x500, TRUE}, {8, FALSE}, {0xfd0, TRUE}, {0xfe0, FALSE}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (QfuCollected) said = parse_at (table, cases[i].at, 0x1000);

    g_test_message ("%#zx", cases[i].at);
    g_assert_cmpstr (said->text, ==, cases[i].found ? AREA : "");
    g_assert_true (cases[i].found == (said->error == NULL));
  }
}

/* The second input counts when the first has none, and not at all when the first begins with one.
 */
static void
test_inputs (void)
{
  g_autoptr (GByteArray) table = one_area ();
  const guint8 zeros[64] = {0};
  const QfuParseInput inputs[] = {{zeros, sizeof zeros}, {table->data, table->len}, {NULL, 0}};
  g_autoptr (QfuMessage) at_start = qfu_message_new (QFU_FRAME_ARGUMENTS);
  g_autoptr (QfuCollected) both = qfu_collect_inputs ("cbtable", NULL, inputs, 3);
  g_autoptr (QfuCollected) first = NULL;
  g_autoptr (QfuCollected) second = NULL;

  qfu_message_add_number (at_start, QFU_FIELD_FLAGS, QFU_CBTABLE_AT_START);
  first = qfu_collect_inputs ("cbtable", at_start, inputs, 2);
  second = qfu_collect_inputs ("cbtable", at_start, inputs + 1, 1);
  g_assert_cmpstr (both->text, ==, AREA);
  g_assert_cmpstr (second->text, ==, AREA);
  g_assert_error (first->error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
}

/* A header or records with another checksum are no table, but what looks like one. */
static void
test_decoy (void)
{
  g_autoptr (GByteArray) table = one_area ();
  g_autoptr (GByteArray) memory = g_byte_array_new ();
  g_autoptr (QfuCollected) said = NULL;

  for (guint i = 0; i < table->len; i++) {
    table->data[i] ^= 0x10;
    assert_refused (table, QFU_ERROR_NOT_FOUND);
    table->data[i] ^= 0x10;
  }
  g_byte_array_append (memory, (const guint8 *)"LBIO\30\0\0\0LBIOLBIO", 16);
  g_byte_array_append (memory, table->data, table->len);
  said = parse_at (memory, 0, memory->len);
  g_assert_cmpstr (said->text, ==, AREA);
}

static void
test_cut (void)
{
  g_autoptr (GByteArray) table = one_area ();

  for (guint size = 0; size < table->len; size++) {
    g_autoptr (QfuCollected) said = qfu_collect ("cbtable", NULL, table->data, size);

    g_assert_error (said->error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cbtable/areas", test_areas);
  g_test_add_func ("/cbtable/forward", test_forward);
  g_test_add_func ("/cbtable/places", test_places);
  g_test_add_func ("/cbtable/inputs", test_inputs);
  g_test_add_func ("/cbtable/decoy", test_decoy);
  g_test_add_func ("/cbtable/cut", test_cut);
  return g_test_run ();
}
