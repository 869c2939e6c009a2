/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every limit of op `jcat`, and the files that are known to kill readers of JSON. */
#include "limit.h"
#include "pki.h"

#include <string.h>

#define HEAD "{\"JcatVersionMajor\":0,\"JcatVersionMinor\":1,\"Items\":["
#define TAIL "]}"
#define ITEM(members) "{\"Id\":\"a\"" members "}"
#define BLOB(data) "{\"Kind\":1,\"Flags\":1,\"Data\":\"" data "\"}"

static GBytes *
pack (char *json)
{
  g_autofree char *text = json;

  return pki_gzip (text, strlen (text));
}

static GBytes *
make_size (guint64 n)
{
  g_autoptr (GBytes) gzip = pki_gzip (HEAD TAIL, strlen (HEAD TAIL));
  guint8 *padded = g_malloc0 (n); /* what follows the gzip data is not looked at */

  memcpy (padded, g_bytes_get_data (gzip, NULL), g_bytes_get_size (gzip));
  return g_bytes_new_take (padded, n);
}

static GBytes *
make_json (guint64 n)
{
  return pack (limit_repeat (HEAD TAIL, " ", "", n - strlen (HEAD TAIL), ""));
}

static GBytes *
make_depth (guint64 n)
{
  g_autofree char *closing = g_strnfill (n - 1, ']');
  g_autofree char *tail = g_strconcat (closing, "}", NULL);

  return pack (limit_repeat ("{\"Items\":[],\"x\":", "[", "", n - 1, tail));
}

static GBytes *
make_values (guint64 n)
{
  return pack (limit_repeat ("{\"Items\":[],\"x\":[0", ",0", "", n - 1, "]}"));
}

static GBytes *
make_items (guint64 n)
{
  return pack (limit_repeat (HEAD, ITEM (""), ",", n, TAIL));
}

static GBytes *
make_blobs (guint64 n)
{
  return pack (limit_repeat (HEAD "{\"Id\":\"a\",\"Blobs\":[", BLOB ("x"), ",", n, "]}" TAIL));
}

static GBytes *
make_aliases (guint64 n)
{
  return pack (limit_repeat (HEAD "{\"Id\":\"a\",\"AliasIds\":[", "\"b\"", ",", n, "]}" TAIL));
}

static GBytes *
make_id (guint64 n)
{
  return pack (limit_repeat (HEAD "{\"Id\":\"", "n", "", n, "\"}" TAIL));
}

static GBytes *
make_alias (guint64 n)
{
  return pack (limit_repeat (HEAD "{\"Id\":\"a\",\"AliasIds\":[\"", "n", "", n, "\"]}" TAIL));
}

static GBytes *
make_blob (guint64 n)
{
  return pack (limit_repeat (HEAD "{\"Id\":\"a\",\"Blobs\":[{\"Kind\":1,\"Flags\":1,\"Data\":\"",
                             "d", "", n, "\"}]}" TAIL));
}

/* The same in base64: what counts are the bytes that come out. */
static GBytes *
make_base64 (guint64 n)
{
  g_autofree guint8 *bytes = g_malloc0 (n);
  g_autofree char *text = g_base64_encode (bytes, n);

  return pack (limit_repeat (HEAD "{\"Id\":\"a\",\"Blobs\":[{\"Kind\":1,\"Flags\":0,\"Data\":\"",
                             text, "", 1, "\"}]}" TAIL));
}

static GBytes *
make_kind (guint64 n)
{
  return pack (g_strdup_printf (HEAD "{\"Id\":\"a\",\"Blobs\":[{\"Kind\":%" G_GUINT64_FORMAT
                                     ",\"Flags\":1,\"Data\":\"x\"}]}" TAIL,
                                n));
}

static const LimitCase limits[] = {
    {"/jcat/limit/size", QFU_JCAT_SIZE_MAX, make_size, QFU_ERROR_LIMIT},
    {"/jcat/limit/json", QFU_JCAT_JSON_MAX, make_json, QFU_ERROR_LIMIT},
    {"/jcat/limit/depth", QFU_JCAT_DEPTH_MAX, make_depth, QFU_ERROR_LIMIT},
    {"/jcat/limit/values", QFU_JCAT_VALUES_MAX, make_values, QFU_ERROR_LIMIT},
    {"/jcat/limit/items", QFU_JCAT_ITEMS_MAX, make_items, QFU_ERROR_LIMIT},
    {"/jcat/limit/blobs", QFU_JCAT_BLOBS_MAX, make_blobs, QFU_ERROR_LIMIT},
    {"/jcat/limit/aliases", QFU_JCAT_ALIASES_MAX, make_aliases, QFU_ERROR_LIMIT},
    {"/jcat/limit/id", QFU_JCAT_NAME_MAX, make_id, QFU_ERROR_LIMIT},
    {"/jcat/limit/alias", QFU_JCAT_NAME_MAX, make_alias, QFU_ERROR_LIMIT},
    {"/jcat/limit/blob", QFU_JCAT_BLOB_MAX, make_blob, QFU_ERROR_LIMIT},
    {"/jcat/limit/base64", QFU_JCAT_BLOB_MAX, make_base64, QFU_ERROR_LIMIT},
    {"/jcat/limit/kind", QFU_JCAT_KIND_MAX, make_kind, QFU_ERROR_FORMAT},
};

static void
assert_refused (GBytes *bytes, QfuError code)
{
  QfuParseInput input;
  g_auto (LimitOutcome) outcome = {0};

  input.data = g_bytes_get_data (bytes, &input.size);
  outcome = limit_run ("jcat", 0, &input, 1);
  g_assert_error (outcome.error, QFU_ERROR, (int)code);
  g_assert_cmpuint (outcome.messages, ==, 0);
}

/* 200 000 nested arrays take json-glib 1.6.6, and fwupd with it, over the end of the stack. */
static void
test_nested_arrays (void)
{
  static const char *const openings[] = {"[", "{\"a\":", "[{\"a\":", "{\"Items\":["};

  for (gsize i = 0; i < G_N_ELEMENTS (openings); i++) {
    g_autoptr (GBytes) bytes = pack (limit_repeat ("", openings[i], "", 200000, ""));

    g_assert_cmpuint (g_bytes_get_size (bytes), <, 8192);
    assert_refused (bytes, QFU_ERROR_LIMIT);
  }
}

/* 306 kB that unpack to 315 MB; only the first 4 MiB come to be. */
static void
test_gzip_bomb (void)
{
  const gsize size = 315 * 1000 * 1000;
  guint8 *spaces = limit_sparse (size, "{", 1, "}", 1);
  g_autoptr (GBytes) bytes = pki_gzip ((const char *)spaces, size);

  limit_sparse_free (spaces, size);
  g_assert_cmpuint (g_bytes_get_size (bytes), <, 400 * 1000);
  assert_refused (bytes, QFU_ERROR_LIMIT);
}

static void
test_roots (void)
{
  static const char *const texts[] = {
      HEAD TAIL HEAD TAIL, HEAD TAIL " {}", HEAD TAIL "[]", HEAD TAIL "1",  HEAD TAIL ",",
      "[]" HEAD TAIL,      "{}" HEAD TAIL,  "null",         "\"" HEAD "\"", "[" HEAD TAIL "]",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GBytes) bytes = pki_gzip (texts[i], strlen (texts[i]));

    g_test_message ("%s", texts[i]);
    assert_refused (bytes, QFU_ERROR_FORMAT);
  }
}

/* A NUL would end a string for one reader and not for another. */
static void
test_bytes (void)
{
  static const struct {
    const char *text;
    gsize size;
  } cases[] = {
#define CASE(text) {(text), sizeof (text) - 1}
      CASE (HEAD "{\"Id\":\"a\0b\"}" TAIL),
      CASE (HEAD "{\"Id\":\"a\\\0b\"}" TAIL),
      CASE (HEAD "\0" TAIL),
      CASE ("\0" HEAD TAIL),
      CASE (HEAD TAIL "\0"),
      CASE ("\xef\xbb\xbf" HEAD TAIL),
      CASE (HEAD "{\"Id\":\"a\xff\"}" TAIL),
      CASE (HEAD "{\"Id\":\"a\xc3\"}" TAIL),
      CASE (HEAD "{\"Id\":\"\xed\xa0\x80\"}" TAIL),
      CASE (HEAD "{\"Id\":\"\xc0\x80\"}" TAIL),
      CASE (HEAD "{\"Id\":\"a\\u0000b\"}" TAIL),
#undef CASE
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GBytes) bytes = pki_gzip (cases[i].text, cases[i].size);

    g_test_message ("case %zu", i);
    assert_refused (bytes, QFU_ERROR_FORMAT);
  }
}

/* Of two members of one name one counts; its signature is checked whichever it is, and what fwupd
 * gets is built anew from it. */
static void
test_duplicate_keys (void)
{
  static const char json[] =
      "{\"Items\":[{\"Id\":\"a\"}],\"Items\":[{\"Id\":\"b\",\"Id\":\"c\","
      "\"Blobs\":[{\"Kind\":1,\"Kind\":3,\"Flags\":1,\"Data\":\"x\",\"Data\":\"y\"}]}]}";
  g_autoptr (GBytes) bytes = pki_gzip (json, strlen (json));
  g_autoptr (QfuCollected) out =
      qfu_collect ("jcat", NULL, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  g_assert_no_error (out->error);
  g_assert_cmpstr (out->text, ==, "JCAT_ITEM ID=\"c\"\nJCAT_BLOB KIND=3 FLAGS=1 BLOB=79\n");
}

/* Names are not paths here; what could be one, or speak to a terminal, is harmless text. */
static void
test_names (void)
{
  static const char json[] =
      HEAD "{\"Id\":\"../../etc/passwd\",\"AliasIds\":[\"\\u001b[31m\",\"a\\nb\","
           "\"\\ud83d\\ude00\",\"/\"]}" TAIL;
  g_autoptr (GBytes) bytes = pki_gzip (json, strlen (json));
  g_autoptr (QfuCollected) out =
      qfu_collect ("jcat", NULL, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  g_assert_no_error (out->error);
  g_assert_cmpstr (out->text, ==,
                   "JCAT_ITEM ID=\"../../etc/passwd\" ALIAS=\"?[31m\" ALIAS=\"a?b\" "
                   "ALIAS=\"????\" ALIAS=\"/\"\n");
}

/* Numbers that no integer holds, and 4 MiB of digits. */
static void
test_numbers (void)
{
  static const char *const kinds[] = {"1e999", "-1",  "1.5",    "99999999999999999999",
                                      "true",  "[1]", "{}",     "",
                                      "0x1",   "--1", "1e1e1e", "-",
                                      "nul",   "1 2"};
  g_autofree char *digits = g_strnfill (4 * 1000 * 1000, '9');

  for (gsize i = 0; i <= G_N_ELEMENTS (kinds); i++) {
    g_autofree char *json = g_strdup_printf (
        HEAD "{\"Id\":\"a\",\"Blobs\":[{\"Kind\":%s,\"Flags\":1,\"Data\":\"x\"}]}" TAIL,
        i == G_N_ELEMENTS (kinds) ? digits : kinds[i]);
    g_autoptr (GBytes) bytes = pki_gzip (json, strlen (json));
    QfuParseInput input;
    g_auto (LimitOutcome) outcome = {0};

    input.data = g_bytes_get_data (bytes, &input.size);
    outcome = limit_run ("jcat", 0, &input, 1);
    g_assert_error (outcome.error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  limit_add ("jcat", 0, limits, G_N_ELEMENTS (limits));
  g_test_add_func ("/jcat/killer/nested-arrays", test_nested_arrays);
  g_test_add_func ("/jcat/killer/gzip-bomb", test_gzip_bomb);
  g_test_add_func ("/jcat/killer/roots", test_roots);
  g_test_add_func ("/jcat/killer/bytes", test_bytes);
  g_test_add_func ("/jcat/killer/duplicate-keys", test_duplicate_keys);
  g_test_add_func ("/jcat/killer/names", test_names);
  g_test_add_func ("/jcat/killer/numbers", test_numbers);
  return g_test_run ();
}
