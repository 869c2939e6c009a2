/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-error.h"
#include "qfu-parse-cbor.h"

#include <string.h>

#define CBOR(bytes)                                                                                \
  {                                                                                                \
    (const guint8 *)(bytes), sizeof (bytes) - 1                                                    \
  }

static void
test_numbers (void)
{
  static const struct {
    QfuCbor cbor;
    guint64 value;
  } rows[] = {{CBOR ("\x00"), 0},
              {CBOR ("\x17"), 23},
              {CBOR ("\x18\x18"), 24},
              {CBOR ("\x18\xff"), 255},
              {CBOR ("\x19\x01\x00"), 256},
              {CBOR ("\x1a\x00\x01\x00\x00"), 65536},
              {CBOR ("\x1b\x00\x00\x00\x01\x00\x00\x00\x00"), G_GUINT64_CONSTANT (4294967296)},
              {CBOR ("\x1b\xff\xff\xff\xff\xff\xff\xff\xff"), G_MAXUINT64}};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    QfuCbor cbor = rows[i].cbor;
    g_autoptr (GError) error = NULL;
    guint64 value;

    g_assert_cmpint (qfu_cbor_peek (&cbor), ==, QFU_CBOR_UINT);
    g_assert_true (qfu_cbor_uint (&cbor, &value, &error));
    g_assert_cmpuint (value, ==, rows[i].value);
    g_assert_true (qfu_cbor_end (&cbor, &error));
  }
}

/* What is no CBOR, is cut, is not in its shortest form, does not state its length, or is of a kind
 * that is not taken. */
static void
test_refused (void)
{
  static const QfuCbor rows[] = {
      CBOR (""),
      CBOR ("\x18"),
      CBOR ("\x18\x17"),
      CBOR ("\x19\x01"),
      CBOR ("\x19\x00\xff"),
      CBOR ("\x1a\x00\x00\xff\xff"),
      CBOR ("\x1c"),
      CBOR ("\x1b\x00\x00\x00\x00\xff\xff\xff\xff"),
      CBOR ("\x20"),
      CBOR ("\x39\x01\x00"),
      CBOR ("\x5f\x41x\xff"),
      CBOR ("\x42x"),
      CBOR ("\x58\x01x"),
      CBOR ("\x7f\x61x\xff"),
      CBOR ("\x62x"),
      CBOR ("\x9f\xff"),
      CBOR ("\xbf\xff"),
      CBOR ("\xdc"),
      CBOR ("\xf4"),
      CBOR ("\xf6"),
      CBOR ("\xf9\x3c\x00"),
      CBOR ("\xfb\x3f\xf0\x00\x00\x00\x00\x00\x00"),
      CBOR ("\xff"),
      CBOR ("\x5b\xff\xff\xff\xff\xff\xff\xff\xffx"),
      CBOR ("\x7b\x7f\xff\xff\xff\xff\xff\xff\xffx"),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    QfuCbor cbor = rows[i];
    g_autoptr (GError) error = NULL;
    guint64 value;

    g_test_message ("case %zu", i);
    g_assert_cmpint (qfu_cbor_peek (&cbor), ==, QFU_CBOR_NOTHING);
    g_assert_false (qfu_cbor_uint (&cbor, &value, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
    g_assert_cmpuint (cbor.size, ==, rows[i].size);
  }
}

static void
test_kinds (void)
{
  static const struct {
    QfuCbor cbor;
    QfuCborKind kind;
  } rows[] = {{CBOR ("\x05"), QFU_CBOR_UINT},        {CBOR ("\x41x"), QFU_CBOR_BYTES},
              {CBOR ("\x61x"), QFU_CBOR_TEXT},       {CBOR ("\x81\x00"), QFU_CBOR_ARRAY},
              {CBOR ("\xa1\x00\x00"), QFU_CBOR_MAP}, {CBOR ("\xd9\x01\xf5\x00"), QFU_CBOR_TAG}};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    QfuCbor others[5];
    guint64 value;
    QfuCbor bytes;
    g_autofree char *text = NULL;

    for (gsize n = 0; n < G_N_ELEMENTS (others); n++)
      others[n] = rows[i].cbor;
    g_assert_cmpint (qfu_cbor_peek (&rows[i].cbor), ==, rows[i].kind);
    g_assert_cmpint (qfu_cbor_uint (&others[0], &value, NULL), ==, rows[i].kind == QFU_CBOR_UINT);
    g_assert_cmpint (qfu_cbor_bytes (&others[1], &bytes, NULL), ==, rows[i].kind == QFU_CBOR_BYTES);
    text = qfu_cbor_text (&others[2], 1, NULL);
    g_assert_cmpint (text != NULL, ==, rows[i].kind == QFU_CBOR_TEXT);
    g_assert_cmpint (qfu_cbor_array (&others[3], 1, &value, NULL), ==,
                     rows[i].kind == QFU_CBOR_ARRAY);
    g_assert_cmpint (qfu_cbor_map (&others[4], 1, &value, NULL), ==, rows[i].kind == QFU_CBOR_MAP);
  }
}

static void
test_expected (void)
{
  QfuCbor cbor = CBOR ("\x03\x04\xd8\x20\x05");
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) other = NULL;

  g_assert_false (qfu_cbor_has_key (&cbor, 4));
  g_assert_true (qfu_cbor_has_key (&cbor, 3));
  g_assert_true (qfu_cbor_key (&cbor, 4, &error));
  g_assert_false (qfu_cbor_has_key (&cbor, 5));
  g_assert_true (qfu_cbor_tag (&cbor, 32, &error));
  g_assert_false (qfu_cbor_end (&cbor, &other));
  g_assert_error (other, QFU_ERROR, QFU_ERROR_FORMAT);
  g_clear_error (&other);
  g_assert_false (qfu_cbor_key (&cbor, 6, &other));
  g_assert_error (other, QFU_ERROR, QFU_ERROR_FORMAT);
  g_clear_error (&other);
  cbor = (QfuCbor)CBOR ("\xd8\x21\x05");
  g_assert_false (qfu_cbor_tag (&cbor, 32, &other));
  g_assert_error (other, QFU_ERROR, QFU_ERROR_FORMAT);
}

/* A head claims more than there is memory: nothing is taken for it. */
static void
test_limits (void)
{
  QfuCbor array = CBOR ("\x9b\xff\xff\xff\xff\xff\xff\xff\xff");
  QfuCbor map = CBOR ("\xbb\x7f\xff\xff\xff\xff\xff\xff\xff");
  QfuCbor text = CBOR ("\x63"
                       "abc");
  QfuCbor same = text;
  g_autoptr (GError) first = NULL;
  g_autoptr (GError) second = NULL;
  g_autoptr (GError) third = NULL;
  g_autofree char *fits = NULL;
  guint64 count;

  g_assert_false (qfu_cbor_array (&array, 1000, &count, &first));
  g_assert_error (first, QFU_ERROR, QFU_ERROR_LIMIT);
  g_assert_false (qfu_cbor_map (&map, 1000, &count, &second));
  g_assert_error (second, QFU_ERROR, QFU_ERROR_LIMIT);
  g_assert_null (qfu_cbor_text (&text, 2, &third));
  g_assert_error (third, QFU_ERROR, QFU_ERROR_LIMIT);
  fits = qfu_cbor_text (&same, 3, NULL);
  g_assert_cmpstr (fits, ==, "abc");
}

static void
test_texts (void)
{
  static const QfuCbor rows[] = {CBOR ("\x62"
                                       "a\0"),
                                 CBOR ("\x62"
                                       "a\n"),
                                 CBOR ("\x61\x7f"), CBOR ("\x62\xc3\xa9"), CBOR ("\x61\x1b")};

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    QfuCbor cbor = rows[i];
    g_autoptr (GError) error = NULL;

    g_assert_null (qfu_cbor_text (&cbor, 10, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cbor-reader/numbers", test_numbers);
  g_test_add_func ("/cbor-reader/refused", test_refused);
  g_test_add_func ("/cbor-reader/kinds", test_kinds);
  g_test_add_func ("/cbor-reader/expected", test_expected);
  g_test_add_func ("/cbor-reader/limits", test_limits);
  g_test_add_func ("/cbor-reader/texts", test_texts);
  return g_test_run ();
}
