/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-digest.h"
#include "testconfig.h"

#include <string.h>

static const struct {
  QfuHash hash;
  const char *name;
  gsize size;
  const char *abc; /* FIPS 180: the digest of "abc" */
} known[] = {
    {QFU_HASH_SHA1, "sha1", 20, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {QFU_HASH_SHA256, "sha256", 32,
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {QFU_HASH_SHA384, "sha384", 48,
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
     "8086072ba1e7cc2358baeca134c825a7"},
    {QFU_HASH_SHA512, "sha512", 64,
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

static void
test_known (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++) {
    QfuDigest lower;
    QfuDigest parsed;
    g_autofree char *upper = g_ascii_strup (known[i].abc, -1);
    g_autofree char *hex = NULL;

    g_assert_true (qfu_digest_from_hex (&lower, known[i].hash, known[i].abc));
    g_assert_true (qfu_digest_from_hex (&parsed, known[i].hash, upper));
    g_assert_true (qfu_digest_equal (&lower, &parsed));
    hex = qfu_digest_to_hex (&parsed);
    g_assert_cmpstr (hex, ==, known[i].abc);
    g_assert_cmpuint (qfu_hash_size (known[i].hash), ==, known[i].size);
    g_assert_cmpstr (qfu_hash_name (known[i].hash), ==, known[i].name);
    g_assert_cmpuint (qfu_hash_from_name (known[i].name), ==, known[i].hash);
  }
}

static void
test_refused (void)
{
  const char *abc = known[1].abc;
  g_autofree char *longer = g_strconcat (abc, "0", NULL);
  g_autofree char *odd = g_strdup (abc);
  guint8 bytes[QFU_DIGEST_MAX + 1] = {0};
  QfuDigest digest;

  odd[63] = 'g';
  g_assert_false (qfu_digest_from_hex (&digest, QFU_HASH_SHA256, ""));
  g_assert_false (qfu_digest_from_hex (&digest, QFU_HASH_SHA256, abc + 1));
  g_assert_false (qfu_digest_from_hex (&digest, QFU_HASH_SHA256, longer));
  g_assert_false (qfu_digest_from_hex (&digest, QFU_HASH_SHA256, odd));
  g_assert_false (qfu_digest_from_hex (&digest, QFU_HASH_SHA1, abc));
  g_assert_false (qfu_digest_from_hex (&digest, 0x0012, abc));
  for (gsize size = 0; size <= sizeof bytes; size++)
    g_assert_cmpint (qfu_digest_set (&digest, QFU_HASH_SHA256, bytes, size), ==, size == 32);
  g_assert_false (qfu_digest_set (&digest, 0, bytes, 0));
  g_assert_cmpuint (qfu_hash_size (0x0012), ==, 0);
  g_assert_null (qfu_hash_name (0));
  g_assert_cmpuint (qfu_hash_from_name ("SHA256"), ==, 0);
}

static void
test_equal (void)
{
  QfuDigest a;
  QfuDigest b;

  g_assert_true (qfu_digest_from_hex (&a, QFU_HASH_SHA256, known[1].abc));
  b = a;
  g_assert_true (qfu_digest_equal (&a, &b));
  b.data[31] ^= 1;
  g_assert_false (qfu_digest_equal (&a, &b));
  b = a;
  b.hash = QFU_HASH_SHA384;
  g_assert_false (qfu_digest_equal (&a, &b));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_func ("/digest/known", test_known);
  g_test_add_func ("/digest/refused", test_refused);
  g_test_add_func ("/digest/equal", test_equal);
  return g_test_run ();
}
