/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every limit of op `eventlog`, and logs that state more than they have. */
#include "image.h"
#include "limit.h"

#include <string.h>

#define SHA1 "9ae6a7f71e777b67dd677757e6d965845e468ed6"
#define LINE "PCR-2 " SHA1 " SHA1 [x]\n"

/* An event of a log without header: SHA-1 alone. */
static void
add_plain (GByteArray *log, guint32 pcr, guint32 type, const char *data, gsize size)
{
  static const guint8 digest[20] = {7};

  image_u32 (log, pcr);
  image_u32 (log, type);
  g_byte_array_append (log, digest, sizeof digest);
  image_u32 (log, (guint32)size);
  g_byte_array_append (log, (const guint8 *)data, (guint)size);
}

/* The head of a crypto-agile log: SHA-256, and @n - 1 algorithms that nobody knows, of @size bytes
 * a digest. */
static GByteArray *
agile (guint n, guint size)
{
  static const guint8 zeros[20];
  GByteArray *log = g_byte_array_new ();

  image_u32 (log, 0);
  image_u32 (log, 3);
  g_byte_array_append (log, zeros, sizeof zeros);
  image_u32 (log, 28 + 4 * n + 1);
  g_byte_array_append (log, (const guint8 *)"Spec ID Event03\0\0\0\0\0\0\2\0\2", 24);
  image_u32 (log, n);
  image_u16 (log, 0x000b);
  image_u16 (log, 32);
  for (guint i = 1; i < n; i++) {
    image_u16 (log, (guint16)(0x1000 + i));
    image_u16 (log, (guint16)size);
  }
  g_byte_array_append (log, zeros, 1);
  return log;
}

/* An event with a digest of each of the algorithms. */
static void
add_agile (GByteArray *log, guint n, guint size, const char *data, gsize data_size)
{
  static const guint8 digest[256] = {9};

  image_u32 (log, 2);
  image_u32 (log, 5);
  image_u32 (log, n);
  image_u16 (log, 0x000b);
  g_byte_array_append (log, digest, 32);
  for (guint i = 1; i < n; i++) {
    image_u16 (log, (guint16)(0x1000 + i));
    g_byte_array_append (log, digest, size);
  }
  image_u32 (log, (guint32)data_size);
  g_byte_array_append (log, (const guint8 *)data, (guint)data_size);
}

static GBytes *
make_size (guint64 n)
{
  GByteArray *log = g_byte_array_new ();
  guint used;

  add_plain (log, 2, 5, "CBFS: a", 7);
  used = log->len;
  g_byte_array_set_size (log, (guint)n);
  memset (log->data + used, 0, n - used);
  return g_byte_array_free_to_bytes (log);
}

static GBytes *
make_events (guint64 n)
{
  GByteArray *log = g_byte_array_new ();

  for (guint64 i = 0; i < n; i++)
    add_plain (log, 4, 0x0d, "x", 1);
  return g_byte_array_free_to_bytes (log);
}

static GBytes *
make_console_events (guint64 n)
{
  char *text = limit_repeat ("", LINE, "", n, "");

  return g_bytes_new_take (text, strlen (text));
}

static GBytes *
make_banks (guint64 n)
{
  GByteArray *log = agile ((guint)n, 2);

  add_agile (log, (guint)n, 2, "x", 1);
  return g_byte_array_free_to_bytes (log);
}

static GBytes *
make_digest (guint64 n)
{
  GByteArray *log = agile (2, (guint)n);

  add_agile (log, 2, (guint)n, "x", 1);
  return g_byte_array_free_to_bytes (log);
}

static GBytes *
make_locality (guint64 n)
{
  GByteArray *log = g_byte_array_new ();
  char data[] = "StartupLocality\0";

  data[16] = (char)n;
  add_plain (log, 0, 3, data, 17);
  add_plain (log, 2, 5, "x", 1);
  return g_byte_array_free_to_bytes (log);
}

/* A line that is longer is no measurement: then there is none. */
static GBytes *
make_line (guint64 n)
{
  char *text = limit_repeat ("", " ", "", n - strlen (LINE) + 1, LINE);

  return g_bytes_new_take (text, strlen (text));
}

static const LimitCase limits[] = {
    {"/eventlog/limit/size", QFU_EVENTLOG_SIZE_MAX, make_size, QFU_ERROR_LIMIT},
    {"/eventlog/limit/events", QFU_EVENTLOG_EVENTS_MAX, make_events, QFU_ERROR_LIMIT},
    {"/eventlog/limit/console", QFU_EVENTLOG_EVENTS_MAX, make_console_events, QFU_ERROR_LIMIT},
    {"/eventlog/limit/banks", QFU_EVENTLOG_BANKS_MAX, make_banks, QFU_ERROR_FORMAT},
    {"/eventlog/limit/digest", QFU_EVENTLOG_DIGEST_MAX, make_digest, QFU_ERROR_FORMAT},
    {"/eventlog/limit/locality", QFU_EVENTLOG_LOCALITY_MAX, make_locality, QFU_ERROR_FORMAT},
    {"/eventlog/limit/line", QFU_EVENTLOG_LINE_MAX, make_line, QFU_ERROR_NOT_FOUND},
};

static QfuCollected *
parse (GByteArray *log)
{
  return qfu_collect ("eventlog", NULL, log->data, log->len);
}

/* The name of an event is cut: its digest tells what was measured. */
static void
test_name (void)
{
  for (guint n = QFU_EVENTLOG_NAME_MAX; n <= 5 * QFU_EVENTLOG_NAME_MAX; n += 1 + 4 * n / 5) {
    g_autofree char *text = g_strnfill (n, 'n');
    g_autofree char *whole = g_strnfill (QFU_EVENTLOG_NAME_MAX, 'n');
    g_autofree char *expected = g_strdup_printf (" NAME=\"%s\" ", whole);
    g_autoptr (GByteArray) log = g_byte_array_new ();
    g_autoptr (QfuCollected) out = NULL;

    add_plain (log, 2, 5, text, n);
    out = parse (log);
    g_assert_no_error (out->error);
    g_assert_nonnull (strstr (out->text, expected));
  }
}

/* What could be a path, or speak to a terminal, is no name or harmless text. */
static void
test_names (void)
{
  static const struct {
    const char *data;
    gsize size;
    const char *expected; /* %NULL: no name */
  } cases[] = {
      {"../../etc", 9, "../../etc"}, {"/dev/mem", 8, "/dev/mem"}, {"ab\0cd", 5, "ab"},
      {"\x1b[31m", 5, NULL},         {"a\nb", 3, NULL},           {"caf\xc3\xa9", 5, NULL},
      {"a\0b\0\x1b\0", 6, NULL},     {"\0\0\0\0", 4, NULL},       {"", 0, NULL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) log = g_byte_array_new ();
    g_autoptr (QfuCollected) out = NULL;
    g_auto (GStrv) lines = NULL;
    g_autofree char *name = g_strdup_printf (" NAME=\"%s\" ", cases[i].expected);

    add_plain (log, 2, 5, cases[i].data, cases[i].size);
    out = parse (log);
    g_test_message ("case %zu", i);
    g_assert_no_error (out->error);
    lines = g_strsplit (out->text, "\n", -1);
    g_assert_true (g_str_has_prefix (lines[1], "EVENT KIND=5 "));
    g_assert_nonnull (strstr (lines[1], cases[i].expected != NULL ? name : " KIND=5 PCR=2 "));
  }
}

static void
assert_refused (const GByteArray *log, guint at, guint32 value)
{
  static const QfuError codes[] = {QFU_ERROR_FORMAT, QFU_ERROR_NOT_FOUND};
  g_autoptr (GByteArray) changed = g_byte_array_new ();
  g_autoptr (QfuCollected) out = NULL;

  g_byte_array_append (changed, log->data, log->len);
  for (guint i = 0; i < 4; i++)
    changed->data[at + i] = (guint8)(value >> (8 * i));
  out = parse (changed);
  g_test_message ("%#x at %u", value, at);
  g_assert_nonnull (out->error);
  g_assert_true (out->error->code == (int)codes[0] || out->error->code == (int)codes[1]);
  g_assert_cmpstr (out->text, ==, "");
}

/* Counts and lengths up to the last bit, wherever one stands. */
static void
test_lengths (void)
{
  static const guint32 values[] = {0xffffffff, 0xfffffffe, 0x80000000, 0x7fffffff, 0x10000};
  g_autoptr (GByteArray) plain = g_byte_array_new ();
  g_autoptr (GByteArray) log = agile (2, 2);
  guint event = log->len;

  add_plain (plain, 2, 5, "CBFS: a", 7);
  add_agile (log, 2, 2, "CBFS: a", 7);
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++) {
    assert_refused (plain, 28, values[i]);                        /* its data */
    assert_refused (log, 28, values[i]);                          /* the header's data */
    assert_refused (log, 32 + 24, values[i]);                     /* algorithms */
    assert_refused (log, event + 8, values[i]);                   /* digests */
    assert_refused (log, event + 12 + 2 + 32 + 2 + 2, values[i]); /* the event's data */
  }
}

/* 16 MiB of whatever makes a reader look again and again. */
static void
test_large (void)
{
  static const char *const units[] = {
      "\n", "PCR-\n", "PCR-2 ]\n", " measurements:", " measurements:\n", "]", "PCR-2 x y [\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++) {
    guint64 n = QFU_EVENTLOG_SIZE_MAX / strlen (units[i]);
    g_autofree char *text = limit_repeat ("", units[i], "", n, "");
    const QfuParseInput input = {(const guint8 *)text, strlen (text)};
    g_auto (LimitOutcome) outcome = limit_run ("eventlog", 0, &input, 1);

    g_test_message ("%s", units[i]);
    g_assert_error (outcome.error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  }
}

/* Device paths that do not end, go nowhere, or end behind the event. */
static void
test_device_paths (void)
{
  static const char *const nodes[] = {"\4\10\0\0", "\4\10\3\0", "\4\10\377\377", "\1\1\4\0",
                                      "\177\377\4\0"};
  const gsize size = 1024 * 1024;
  g_autofree char *data = g_malloc0 (size);

  for (gsize i = 0; i < G_N_ELEMENTS (nodes); i++) {
    g_autoptr (GByteArray) log = g_byte_array_new ();
    g_autoptr (QfuCollected) out = NULL;

    memset (data + 24, 0xff, 8); /* the path's length */
    for (gsize at = 32; at < size; at += 4)
      memcpy (data + at, nodes[i], 4);
    add_plain (log, 2, 0x80000003, data, size);
    out = parse (log);
    g_test_message ("case %zu", i);
    g_assert_no_error (out->error);
    g_assert_null (strstr (strchr (out->text, '\n'), "FLAGS=1"));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  limit_add ("eventlog", 0, limits, G_N_ELEMENTS (limits));
  g_test_add_func ("/eventlog/limit/name", test_name);
  g_test_add_func ("/eventlog/killer/names", test_names);
  g_test_add_func ("/eventlog/killer/lengths", test_lengths);
  g_test_add_func ("/eventlog/killer/large", test_large);
  g_test_add_func ("/eventlog/killer/device-paths", test_device_paths);
  return g_test_run ();
}
