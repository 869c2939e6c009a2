/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-cbor.h"
#include "qfu-digest.h"
#include "qfu-error.h"
#include "qfu-parse-comid.h"

#include <string.h>

static QfuCbor
reader (const GByteArray *bytes)
{
  return (QfuCbor){bytes->data, bytes->len};
}

/* {0: @key, 1: {2: [[@algorithm, 32 zero bytes]]}} */
static GByteArray *
measurement (const char *key, guint64 algorithm)
{
  GByteArray *out = g_byte_array_new ();
  guint8 zeros[QFU_SHA256_SIZE] = {0};

  qfu_cbor_put_map (out, 2);
  qfu_cbor_put_uint (out, 0);
  qfu_cbor_put_text (out, key);
  qfu_cbor_put_uint (out, 1);
  qfu_cbor_put_map (out, 1);
  qfu_cbor_put_uint (out, 2);
  qfu_cbor_put_array (out, 1);
  qfu_cbor_put_array (out, 2);
  qfu_cbor_put_uint (out, algorithm);
  qfu_cbor_put_bytes (out, zeros, sizeof zeros);
  return out;
}

static void
test_measurement (void)
{
  g_autoptr (GByteArray) bytes = measurement ("a/b", 1);
  QfuCbor cbor = reader (bytes);
  g_auto (QfuMeasurement) m = {0};
  g_autoptr (GError) error = NULL;

  g_assert_true (qfu_comid_measurement (&cbor, &m, &error));
  g_assert_true (qfu_cbor_end (&cbor, &error));
  g_assert_cmpstr (m.file, ==, "a/b");
  g_assert_false (m.has_pcr);
  g_assert_null (m.version);
  g_assert_null (m.raw.data);
  g_assert_cmpuint (m.digests->len, ==, 1);
  g_assert_cmpint (g_array_index (m.digests, QfuDigest, 0).hash, ==, QFU_HASH_SHA256);
}

/* An algorithm that is unknown, or of another length. */
static void
test_algorithms (void)
{
  static const guint64 others[] = {0, 2, 7, 8, 100};

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++) {
    g_autoptr (GByteArray) bytes = measurement ("a", others[i]);
    QfuCbor cbor = reader (bytes);
    g_auto (QfuMeasurement) m = {0};
    g_autoptr (GError) error = NULL;

    g_assert_false (qfu_comid_measurement (&cbor, &m, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

/* What CoMID has besides, what has members in another order, and nothing at all. */
static void
test_others (void)
{
  static const char *const rows[] = {
      "\xa0",                          /* {} */
      "\xa1\x00\x61x",                 /* no value */
      "\xa1\x01\xa1\x01\x05",          /* svn */
      "\xa1\x01\xa1\x08\x61s",         /* serial-number */
      "\xa2\x01\xa0\x00\x61x",         /* value before key */
      "\xa2\x00\xf5\x01\xa0",          /* a key that is true */
      "\xa3\x00\x61x\x01\xa0\x02\x80", /* authorized-by */
      "\xa1\x01\xa2\x0b\x61n\x02\x80", /* name before digests */
      "\xa1\x01\xa1\x00\x61v",         /* a version that is a text */
      "\xa1\x01\xa1\x04\x41r",         /* a raw value without its tag */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    QfuCbor cbor = {(const guint8 *)rows[i], i == 0 ? 1 : 0};
    g_auto (QfuMeasurement) m = {0};
    g_autoptr (GError) error = NULL;
    static const gsize sizes[] = {1, 4, 5, 6, 6, 5, 8, 8, 6, 6};

    cbor.size = sizes[i];
    g_assert_false (qfu_comid_measurement (&cbor, &m, &error));
    g_assert_nonnull (error);
  }
}

static void
test_triple (void)
{
  static const guint8 good[] = "\x82\xa1\x00\xa1\x02\x64"
                               "boot"
                               "\x81";
  static const guint8 vendor[] = "\x82\xa1\x00\xa1\x01\x64"
                                 "boot"
                                 "\x81";
  QfuCbor cbor = {good, sizeof good - 1};
  QfuCbor other = {vendor, sizeof vendor - 1};
  QfuCbor again = cbor;
  g_autofree char *model = NULL;
  g_autofree char *none = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second = NULL;
  guint64 count;

  g_assert_true (qfu_comid_triple (&cbor, 1, &model, &count, &error));
  g_assert_cmpstr (model, ==, "boot");
  g_assert_cmpuint (count, ==, 1);
  g_assert_false (qfu_comid_triple (&other, 1, &none, &count, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  g_clear_pointer (&model, g_free);
  g_assert_false (qfu_comid_triple (&again, 0, &model, &count, &second));
  g_assert_error (second, QFU_ERROR, QFU_ERROR_LIMIT);
}

static void
test_heads (void)
{
  QfuCbor map = {(const guint8 *)"\xa1", 1};
  QfuCbor array = {(const guint8 *)"\x81", 1};
  QfuCbor text = {(const guint8 *)"\x63"
                                  "abc",
                  4};
  QfuCbor same = text;

  g_assert_false (qfu_comid_map (&map, 2, NULL));
  map = (QfuCbor){(const guint8 *)"\xa1", 1};
  g_assert_true (qfu_comid_map (&map, 1, NULL));
  g_assert_false (qfu_comid_array (&array, 2, NULL));
  array = (QfuCbor){(const guint8 *)"\x81", 1};
  g_assert_true (qfu_comid_array (&array, 1, NULL));
  g_assert_false (qfu_comid_text (&text, "abd", NULL));
  g_assert_true (qfu_comid_text (&same, "abc", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/comid/measurement", test_measurement);
  g_test_add_func ("/comid/algorithms", test_algorithms);
  g_test_add_func ("/comid/others", test_others);
  g_test_add_func ("/comid/triple", test_triple);
  g_test_add_func ("/comid/heads", test_heads);
  return g_test_run ();
}
