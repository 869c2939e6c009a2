/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "image.h"
#include "qfu-error.h"

#include <string.h>

#define VENDOR "\17\0\1\0CBT2"

/* A crypto-agile header that declares SHA-256 and one algorithm nobody knows, of 2 bytes. */
static GByteArray *
header (guint entries)
{
  GByteArray *log = g_byte_array_new ();
  guint8 zeros[20] = {0};

  image_u32 (log, 0);
  image_u32 (log, 3);
  g_byte_array_append (log, zeros, sizeof zeros);
  image_u32 (log, 24 + 4 + 8 + 16);
  g_byte_array_append (log, (const guint8 *)"Spec ID Event03\0\0\0\0\0\0\2\0\2", 24);
  image_u32 (log, 2);
  image_u16 (log, 0x000b);
  image_u16 (log, 32);
  image_u16 (log, 0x1234);
  image_u16 (log, 2);
  g_byte_array_append (log, (const guint8 *)VENDOR, 8);
  image_u16 (log, 50);
  image_u16 (log, (guint16)entries);
  image_u32 (log, 100);
  return log;
}

static void
event (GByteArray *log, guint32 pcr, guint32 type, guint16 algorithm, const char *data, gsize size)
{
  guint8 digest[32] = {1};

  image_u32 (log, pcr);
  image_u32 (log, type);
  image_u32 (log, 2);
  image_u16 (log, 0x1234);
  image_u16 (log, 0);
  image_u16 (log, algorithm);
  g_byte_array_append (log, digest, sizeof digest);
  image_u32 (log, (guint32)size);
  g_byte_array_append (log, (const guint8 *)data, (guint)size);
}

static void
assert_error (const GByteArray *log, QfuError code, const char *why)
{
  g_autoptr (QfuCollected) collected = qfu_collect ("eventlog", NULL, log->data, log->len);

  g_assert_error (collected->error, QFU_ERROR, (int)code);
  g_assert_nonnull (strstr (collected->error->message, why));
  g_assert_cmpstr (collected->text, ==, "");
}

static void
test_events (void)
{
  g_autoptr (GByteArray) log = header (4);
  g_autoptr (QfuCollected) collected = NULL;
  guint8 tail[500] = {0};

  event (log, 0, 3, 0x000b, "StartupLocality\0\3", 17);
  event (log, 0xffffffff, 3, 0x000b, "x", 1);
  event (log, 2, 5, 0x000b, "CBFS: a\0\0", 9);
  event (log, 7, 0x80000001, 0x000b, "b\0c\0", 4);
  g_byte_array_append (log, tail, sizeof tail);
  collected = qfu_collect ("eventlog", NULL, log->data, log->len);
  g_assert_no_error (collected->error);
  g_assert_nonnull (strstr (collected->text, "LOG KIND=3 TOTAL=3 FLAGS=3 LOCALITY=3\n"));
  g_assert_nonnull (strstr (collected->text, "EVENT KIND=5 NAME=\"CBFS: a\" PCR=2 DIGEST=0b0001"));
  g_assert_nonnull (strstr (collected->text, "EVENT KIND=2147483649 NAME=\"bc\" PCR=7"));
}

static void
test_hostile (void)
{
  g_autoptr (GByteArray) none = header (51);
  g_autoptr (GByteArray) undeclared = header (1);
  g_autoptr (GByteArray) pcr = header (1);
  g_autoptr (GByteArray) locality = header (1);
  g_autoptr (GByteArray) missing = header (2);

  assert_error (none, QFU_ERROR_FORMAT, "room");
  event (undeclared, 2, 5, 0x000c, "x", 1);
  assert_error (undeclared, QFU_ERROR_FORMAT, "declare");
  event (pcr, 24, 5, 0x000b, "x", 1);
  assert_error (pcr, QFU_ERROR_FORMAT, "does not exist");
  event (locality, 0, 3, 0x000b, "StartupLocality\0\5", 17);
  assert_error (locality, QFU_ERROR_FORMAT, "locality");
  event (missing, 2, 5, 0x000b, "x", 1);
  assert_error (missing, QFU_ERROR_FORMAT, "digests");
}

/* An event in the banks of others: it is there, and extends nothing that we know. What is no action
 * needs no digest at all. */
static void
test_other_banks (void)
{
  g_autoptr (GByteArray) log = header (2);
  g_autoptr (QfuCollected) collected = NULL;

  image_u32 (log, 2);
  image_u32 (log, 5);
  image_u32 (log, 1);
  image_u16 (log, 0x1234);
  image_u16 (log, 0xffff);
  image_u32 (log, 0);
  image_u32 (log, 17);
  image_u32 (log, 3);
  image_u32 (log, 0);
  image_u32 (log, 0);
  collected = qfu_collect ("eventlog", NULL, log->data, log->len);
  g_assert_no_error (collected->error);
  g_assert_cmpstr (collected->text, ==,
                   "LOG KIND=3 TOTAL=2 FLAGS=3 LOCALITY=0\nEVENT KIND=5 PCR=2\n"
                   "EVENT KIND=3 PCR=17\n");
}

/* A bank is extended once an event. */
static void
test_twice (void)
{
  g_autoptr (GByteArray) log = header (1);
  guint8 digest[32] = {1};

  image_u32 (log, 2);
  image_u32 (log, 5);
  image_u32 (log, 2);
  for (guint i = 0; i < 2; i++) {
    image_u16 (log, 0x000b);
    g_byte_array_append (log, digest, sizeof digest);
  }
  image_u32 (log, 0);
  assert_error (log, QFU_ERROR_FORMAT, "two digests");
}

/* Cut anywhere, a log is refused as a whole. */
static void
test_cut (void)
{
  g_autoptr (GByteArray) log = header (2);

  event (log, 2, 5, 0x000b, "one", 3);
  event (log, 2, 5, 0x000b, "two", 3);
  for (guint size = 1; size < log->len; size++) {
    g_autoptr (QfuCollected) collected = qfu_collect ("eventlog", NULL, log->data, size);

    g_assert_nonnull (collected->error);
    g_assert_cmpstr (collected->text, ==, "");
  }
}

static void
test_header (void)
{
  static const struct {
    guint at;
    guint8 value;
    const char *why;
  } cases[] = {
      {56, 0, "number of algorithms"}, {56, 9, "number of algorithms"}, {62, 31, "another length"},
      {66, 129, "impossible length"},  {28, 255, "first event"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) log = header (0);

    log->data[cases[i].at] = cases[i].value;
    assert_error (log, QFU_ERROR_FORMAT, cases[i].why);
  }
}

/* SHA-1 events without any header, and a zero tail. */
static void
test_plain (void)
{
  g_autoptr (GByteArray) log = g_byte_array_new ();
  g_autoptr (QfuCollected) collected = NULL;
  guint8 digest[20] = {7};
  guint8 zeros[64] = {0};

  image_u32 (log, 4);
  image_u32 (log, 0x0d);
  g_byte_array_append (log, digest, sizeof digest);
  image_u32 (log, 2);
  g_byte_array_append (log, (const guint8 *)"\1\2", 2);
  g_byte_array_append (log, zeros, sizeof zeros);
  collected = qfu_collect ("eventlog", NULL, log->data, log->len);
  g_assert_no_error (collected->error);
  g_assert_nonnull (strstr (collected->text, "LOG KIND=2 TOTAL=1 FLAGS=0"));
  g_assert_nonnull (strstr (collected->text, "EVENT KIND=13 PCR=4 DIGEST=0400070000"));
}

static void
test_too_many (void)
{
  g_autoptr (GByteArray) log = g_byte_array_new ();
  guint8 digest[20] = {7};

  for (guint i = 0; i <= QFU_EVENTLOG_EVENTS_MAX; i++) {
    image_u32 (log, 4);
    image_u32 (log, 0x0d);
    g_byte_array_append (log, digest, sizeof digest);
    image_u32 (log, 0);
  }
  assert_error (log, QFU_ERROR_LIMIT, "too many");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eventlog-tcg/events", test_events);
  g_test_add_func ("/eventlog-tcg/hostile", test_hostile);
  g_test_add_func ("/eventlog-tcg/cut", test_cut);
  g_test_add_func ("/eventlog-tcg/header", test_header);
  g_test_add_func ("/eventlog-tcg/plain", test_plain);
  g_test_add_func ("/eventlog-tcg/too-many", test_too_many);
  g_test_add_func ("/eventlog-tcg/other-banks", test_other_banks);
  g_test_add_func ("/eventlog-tcg/twice", test_twice);
  return g_test_run ();
}
