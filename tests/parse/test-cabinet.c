/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cab.h"
#include "qfu-error.h"
#include "qfu-parse-cabinet.h"

#include <string.h>

#define FILES 44              /* offset of the first member's record */
#define NEXT (FILES + 16 + 6) /* of the second one's, behind a name of five characters */
#define DATA (NEXT + 16 + 6)  /* of the data block */
#define DATE 10               /* in a member's record */

static GByteArray *
two_files (void)
{
  const CabFile files[] = {{"a.bin", "hello", 5, 0}, {"b.bin", "world!", 6, 0}};

  return cab_build (files, G_N_ELEMENTS (files), NULL);
}

static gboolean
check (const GByteArray *cab, gboolean exact, GError **error)
{
  const QfuParseInput input = {cab->data, cab->len};
  guint n_files;

  if (!qfu_cabinet_check (&input, exact, &n_files, error))
    return FALSE;
  g_assert_cmpuint (n_files, ==, 2);
  return TRUE;
}

static void
test_good (void)
{
  g_autoptr (GByteArray) cab = two_files ();
  g_autoptr (GError) error = NULL;

  g_assert_true (check (cab, FALSE, &error));
  g_assert_true (check (cab, TRUE, &error));
  g_assert_no_error (error);
}

typedef struct {
  gsize at;
  guint8 value;
  const char *reason; /* %NULL: it is let pass */
} Change;

/* What readers of cabinets pass over. */
static const Change changes[] = {
    {32, 1, "number of a set"},
    {34, 1, "number of a set"},
    {36, DATA + 1, "gap before its data"},
    {40, 0, "more or less than its members"},
    {16, FILES + 1, "gap before its table of members"},
    {FILES, 4, "gap between its members"},
    {NEXT, 7, "more or less than its members"},
    {NEXT + 4, 4, "gap between its members"},
    {FILES + 8, 1, "gap between its members"}, /* a folder that is not there */
    {FILES + 8, 2, "out of order"},
    {FILES + DATE, 0x20, "date"},     /* day 0 */
    {FILES + DATE, 0x01, "date"},     /* month 0 */
    {FILES + DATE + 2, 0x1e, "date"}, /* second 60 */
    {FILES + DATE + 3, 0x07, NULL},
    {FILES + DATE + 3, 0xc0, "date"},       /* hour 24 */
    {FILES + DATE + 4, 0x60, "attributes"}, /* to be run after unpacking */
    {FILES + DATE + 4, 0x21, "attributes"}, /* ordinary, but not the other's */
    {DATA + 4, 10, "bytes behind its data"},
    {DATA + 4, 0, "no room"},
    {DATA + 4, 12, "cut short"},
    {DATA + 6, 10, "more or less than its members"},
    {DATA + 7, 0x80, "no room"}, /* more than a block unpacks to */
};

static void
test_changes (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autoptr (GByteArray) cab = two_files ();
    g_autoptr (GError) error = NULL;

    g_test_message ("byte %zu: 0x%02x", changes[i].at, changes[i].value);
    g_assert_cmpuint (cab->data[changes[i].at], !=, changes[i].value);
    cab->data[changes[i].at] = changes[i].value;
    g_assert_true (check (cab, FALSE, NULL));
    g_assert_cmpint (check (cab, TRUE, &error), ==, changes[i].reason == NULL);
    if (changes[i].reason == NULL)
      continue;
    g_assert_true (error->domain == QFU_ERROR);
    g_assert_true (error->code == QFU_ERROR_FORMAT || error->code == QFU_ERROR_UNSUPPORTED);
    g_assert_nonnull (strstr (error->message, changes[i].reason));
  }
}

/* A date of zero is none; a time without a date is nothing. */
static void
test_no_date (void)
{
  g_autoptr (GByteArray) cab = two_files ();

  memset (cab->data + FILES + DATE, 0, 4);
  g_assert_false (check (cab, TRUE, NULL)); /* the other member has one */
  memset (cab->data + NEXT + DATE, 0, 4);
  g_assert_true (check (cab, TRUE, NULL));
  cab->data[FILES + DATE + 2] = 1;
  g_assert_false (check (cab, TRUE, NULL));
}

static void
set_size (GByteArray *cab)
{
  cab->data[8] = (guint8)cab->len;
}

static void
test_behind (void)
{
  g_autoptr (GByteArray) cab = two_files ();

  g_byte_array_append (cab, (const guint8 *)"x", 1);
  g_assert_false (check (cab, FALSE, NULL));
  set_size (cab);
  g_assert_true (check (cab, FALSE, NULL));
  g_assert_false (check (cab, TRUE, NULL));
}

/* A reserve of no bytes at all: header, folders and blocks, four bytes of lengths. */
static void
test_reserve (void)
{
  g_autoptr (GByteArray) cab = two_files ();
  g_autoptr (GByteArray) reserve = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  g_byte_array_append (reserve, cab->data, 36);
  g_byte_array_append (reserve, (const guint8 *)"\0\0\0\0", 4);
  g_byte_array_append (reserve, cab->data + 36, cab->len - 36);
  set_size (reserve);
  reserve->data[16] += 4;
  reserve->data[30] = 4;
  reserve->data[40] += 4;
  g_assert_true (check (reserve, FALSE, &error));
  g_assert_no_error (error);
  g_assert_false (check (reserve, TRUE, &error));
  g_assert_nonnull (strstr (error->message, "reserves room"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cabinet/good", test_good);
  g_test_add_func ("/cabinet/changes", test_changes);
  g_test_add_func ("/cabinet/no-date", test_no_date);
  g_test_add_func ("/cabinet/behind", test_behind);
  g_test_add_func ("/cabinet/reserve", test_reserve);
  return g_test_run ();
}
