/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"
#include "pki.h"
#include "qfu-error.h"

#include <gnutls/pkcs7.h>

#define USUAL (GNUTLS_PKCS7_INCLUDE_CERT | GNUTLS_PKCS7_INCLUDE_TIME)
#define YEAR (365 * 24 * 3600)

typedef struct {
  GBytes *data;
  Pki *authority;
  Pki *leaf;
  char *keys;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->data = g_bytes_new_static ("firmware", 8);
  f->authority = pki_new ("Authority", NULL, &pki_authority);
  f->leaf = pki_new ("Leaf", f->authority, &pki_leaf);
  f->keys = pki_pem (f->authority);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_bytes_unref (f->data);
  pki_free (f->authority);
  pki_free (f->leaf);
  g_free (f->keys);
}

static QfuCollected *
check_with (GBytes *data, GBytes *pkcs7, const char *keys, guint64 flags)
{
  QfuParseInput inputs[3] = {{NULL, 0}};
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);

  inputs[0].data = g_bytes_get_data (data, &inputs[0].size);
  inputs[1].data = g_bytes_get_data (pkcs7, &inputs[1].size);
  inputs[2].data = (const guint8 *)keys;
  inputs[2].size = strlen (keys);
  qfu_message_add_number (arguments, QFU_FIELD_FLAGS, flags);
  qfu_message_add_number (arguments, QFU_FIELD_TIME,
                          (guint64)(g_get_real_time () / G_USEC_PER_SEC));
  return qfu_collect_inputs ("signature", arguments, inputs, 3);
}

static void
expect_good (Fixture *f, GBytes *pkcs7, guint64 flags)
{
  g_autoptr (QfuCollected) out = check_with (f->data, pkcs7, f->keys, flags);

  g_assert_no_error (out->error);
  g_assert_true (g_str_has_prefix (out->text, "SIGNATURE STATUS=0 "));
  g_assert_nonnull (
      strstr (out->text, " AUTHORITY=\"O=Tests,CN=Authority\" SUBJECT=\"O=Tests,CN=Leaf\""));
  g_assert_null (strchr (strchr (out->text, '\n') + 1, '\n'));
}

/* One verdict; whose signature it is stands there only when that was established. */
static void
expect_flags (Fixture *f, GBytes *pkcs7, guint64 flags, QfuSignatureVerdict verdict)
{
  g_autoptr (QfuCollected) out = check_with (f->data, pkcs7, f->keys, flags);
  g_autofree char *start = g_strdup_printf ("SIGNATURE STATUS=%d%c", (int)verdict,
                                            verdict <= QFU_VERDICT_NOT_YET ? ' ' : '\n');

  g_assert_no_error (out->error);
  if (!g_str_has_prefix (out->text, start))
    g_error ("%s instead of %s", out->text, start);
  g_assert_true ((strstr (out->text, "SUBJECT") != NULL) == (verdict <= QFU_VERDICT_NOT_YET));
  g_assert_null (strchr (strchr (out->text, '\n') + 1, '\n'));
}

static void
expect (Fixture *f, GBytes *pkcs7, QfuSignatureVerdict verdict)
{
  expect_flags (f, pkcs7, 0, verdict);
}

static void
expect_limit (Fixture *f, GBytes *pkcs7)
{
  g_autoptr (QfuCollected) out = check_with (f->data, pkcs7, f->keys, 0);

  g_assert_error (out->error, QFU_ERROR, QFU_ERROR_LIMIT);
  g_assert_cmpstr (out->text, ==, "");
}

static GBytes *
sign_at (const Pki *pki, GBytes *data, gint64 when)
{
  return pki_sign (pki, data, when, GNUTLS_DIG_SHA256, USUAL, GNUTLS_X509_FMT_PEM);
}

static void
test_good (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) pem = sign_at (f->leaf, f->data, PKI_LONG_AGO + YEAR);
  g_autoptr (GBytes) der =
      pki_sign (f->leaf, f->data, PKI_NOW, GNUTLS_DIG_SHA384, USUAL, GNUTLS_X509_FMT_DER);
  g_autoptr (QfuCollected) out = check_with (f->data, pem, f->keys, 0);

  g_assert_no_error (out->error);
  g_assert_nonnull (strstr (out->text, " TIME=1609372800 "));
  expect_good (f, pem, 0);
  expect_good (f, der, 0);
  expect_good (f, pem, QFU_SIGNATURE_AT_SIGNING_TIME);
}

/* The authority that counts may be any in the list. */
static void
test_several_authorities (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) pkcs7 = pki_sign_now (f->leaf, f->data);
  g_autoptr (Pki) other = pki_new ("Other", NULL, &pki_authority);
  g_autofree char *other_pem = pki_pem (other);
  g_autofree char *unknown_pem = pki_pem_ml_dsa (other); /* the LVFS has such an authority */
  char *own = f->keys;

  f->keys = g_strconcat (unknown_pem, "\n", other_pem, "\n", own, "\n", other_pem, NULL);
  expect_good (f, pkcs7, 0);
  g_free (own);
}

static void
test_tampered (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) pkcs7 = pki_sign_now (f->leaf, f->data);

  g_bytes_unref (f->data);
  f->data = g_bytes_new_static ("firmwarf", 8);
  expect (f, pkcs7, QFU_VERDICT_BROKEN);
  g_bytes_unref (f->data);
  f->data = g_bytes_new_static ("firmware", 7);
  expect (f, pkcs7, QFU_VERDICT_BROKEN);
}

/* Neither another authority, nor one that only has the name, nor a leaf in an authority's place. */
static void
test_wrong_authority (Fixture *f, gconstpointer unused)
{
  g_autoptr (Pki) other = pki_new ("Other", NULL, &pki_authority);
  g_autoptr (Pki) same_name = pki_new ("Authority", NULL, &pki_authority);
  g_autoptr (Pki) of_other = pki_new ("Leaf", other, &pki_leaf);
  g_autoptr (Pki) of_same_name = pki_new ("Leaf", same_name, &pki_leaf);
  g_autoptr (Pki) of_leaf = pki_new ("Leaf of leaf", f->leaf, &pki_leaf);
  g_autoptr (Pki) alone = pki_new ("Alone", NULL, &pki_leaf);
  const Pki *const wrong[] = {of_other, of_same_name, of_leaf, alone};

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GBytes) pkcs7 = pki_sign_now (wrong[i], f->data);

    expect (f, pkcs7, QFU_VERDICT_WRONG_AUTHORITY);
  }
}

/* A leaf that may only issue or encrypt does not sign. */
static void
test_wrong_usage (Fixture *f, gconstpointer unused)
{
  PkiValidity validity = pki_leaf;

  validity.usage = GNUTLS_KEY_KEY_ENCIPHERMENT;
  g_autoptr (Pki) leaf = pki_new ("Leaf", f->authority, &validity);
  g_autoptr (GBytes) pkcs7 = pki_sign_now (leaf, f->data);

  expect (f, pkcs7, QFU_VERDICT_WRONG_AUTHORITY);
}

static void
test_time (Fixture *f, gconstpointer unused)
{
  const PkiValidity past = {PKI_LONG_AGO, PKI_LONG_AGO + YEAR, GNUTLS_KEY_DIGITAL_SIGNATURE, FALSE};
  const PkiValidity future = {PKI_FAR_AHEAD - YEAR, PKI_FAR_AHEAD, 0, FALSE};
  g_autoptr (Pki) expired = pki_new ("Leaf", f->authority, &past);
  g_autoptr (Pki) early = pki_new ("Leaf", f->authority, &future);
  g_autoptr (GBytes) in_time = sign_at (expired, f->data, PKI_LONG_AGO + 1000);
  g_autoptr (GBytes) too_late = sign_at (expired, f->data, PKI_NOW);
  g_autoptr (GBytes) too_early = sign_at (early, f->data, PKI_NOW);
  guint64 then = QFU_SIGNATURE_AT_SIGNING_TIME;

  expect (f, in_time, QFU_VERDICT_EXPIRED);
  expect (f, too_late, QFU_VERDICT_EXPIRED);
  expect (f, too_early, QFU_VERDICT_NOT_YET);
  expect_good (f, in_time, then);
  expect_flags (f, too_late, then, QFU_VERDICT_EXPIRED);
  expect_flags (f, too_early, then, QFU_VERDICT_NOT_YET);
  /* out of time and over other bytes: it is not the clock */
  g_bytes_unref (f->data);
  f->data = g_bytes_new_static ("firmwarf", 8);
  expect (f, in_time, QFU_VERDICT_BROKEN);
  expect (f, too_early, QFU_VERDICT_BROKEN);
}

static void
test_no_time (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) pkcs7 = pki_sign (f->leaf, f->data, PKI_NOW, GNUTLS_DIG_SHA256,
                                       GNUTLS_PKCS7_INCLUDE_CERT, GNUTLS_X509_FMT_PEM);
  g_autoptr (QfuCollected) out = check_with (f->data, pkcs7, f->keys, 0);

  g_assert_no_error (out->error);
  g_assert_nonnull (strstr (out->text, " TIME=0 "));
  expect_flags (f, pkcs7, QFU_SIGNATURE_AT_SIGNING_TIME, QFU_VERDICT_NO_TIME);
}

static void
test_weak (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) pkcs7 =
      pki_sign (f->leaf, f->data, PKI_NOW, GNUTLS_DIG_SHA1, USUAL, GNUTLS_X509_FMT_PEM);

  expect (f, pkcs7, QFU_VERDICT_WEAK);
}

static void
test_no_certificate (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) pkcs7 = pki_sign (f->leaf, f->data, PKI_NOW, GNUTLS_DIG_SHA256,
                                       GNUTLS_PKCS7_INCLUDE_TIME, GNUTLS_X509_FMT_PEM);

  expect (f, pkcs7, QFU_VERDICT_NO_CERTIFICATE);
}

/* The certificate that counts is the one that the signer names, not any that would fit: the number
 * that stands in the signer's own part is not signed. */
static void
test_other_certificate (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) pkcs7 =
      pki_sign (f->leaf, f->data, PKI_NOW, GNUTLS_DIG_SHA256, USUAL, GNUTLS_X509_FMT_DER);
  gsize size = g_bytes_get_size (pkcs7);
  g_autofree guint8 *der = g_memdup2 (g_bytes_get_data (pkcs7, NULL), size);
  guint8 number[4] = {0x02, 0x01, 0, 0x30}; /* and the next thing behind it */
  gsize serial_size = 1;
  gsize at = 0;
  g_autoptr (GBytes) renamed = NULL;

  g_assert_cmpint (gnutls_x509_crt_get_serial (f->leaf->crt, &number[2], &serial_size), ==, 0);
  for (gsize i = 0; i + sizeof number <= size; i++) {
    if (memcmp (der + i, number, sizeof number) == 0)
      at = i;
  }
  g_assert_cmpuint (at, >, 0);
  der[at + 2] ^= 0x40;
  renamed = g_bytes_new (der, size);
  expect (f, renamed, QFU_VERDICT_NO_CERTIFICATE);
}

/* A signature over data of its own says nothing about ours, least of all when ours is empty. */
static void
test_embedded (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) other = g_bytes_new_static ("something else", 14);
  g_autoptr (GBytes) pkcs7 = pki_sign (f->leaf, other, PKI_NOW, GNUTLS_DIG_SHA256,
                                       USUAL | GNUTLS_PKCS7_EMBED_DATA, GNUTLS_X509_FMT_PEM);

  expect (f, pkcs7, QFU_VERDICT_BROKEN);
  g_bytes_unref (f->data);
  f->data = g_bytes_new (NULL, 0);
  expect (f, pkcs7, QFU_VERDICT_BROKEN);
}

/* The object identifier of ecdsa-with-SHA256 becomes one that does not exist; the last place where
 * it stands is the signer's. */
static void
test_unknown_algorithm (Fixture *f, gconstpointer unused)
{
  static const guint8 oid[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
  g_autoptr (GBytes) pkcs7 =
      pki_sign (f->leaf, f->data, PKI_NOW, GNUTLS_DIG_SHA256, USUAL, GNUTLS_X509_FMT_DER);
  gsize size;
  g_autofree guint8 *der = g_memdup2 (g_bytes_get_data (pkcs7, NULL), g_bytes_get_size (pkcs7));
  g_autoptr (GBytes) patched = NULL;
  g_autoptr (GBytes) ml_dsa = pki_sign_ml_dsa (f->leaf, f->data);
  gsize at = size = g_bytes_get_size (pkcs7);

  for (gsize i = 0; i + sizeof oid <= size; i++) {
    if (memcmp (der + i, oid, sizeof oid) == 0)
      at = i;
  }
  g_assert_cmpuint (at, <, size);
  der[at + sizeof oid - 1] = 0x7e;
  patched = g_bytes_new (der, size);
  expect (f, patched, QFU_VERDICT_UNKNOWN_ALGORITHM);
  expect (f, ml_dsa, QFU_VERDICT_UNKNOWN_ALGORITHM);
}

/* No cut and no flipped bit makes another signature good; a flip may hit what is not signed. */
static void
test_damage (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) pkcs7 =
      pki_sign (f->leaf, f->data, PKI_NOW, GNUTLS_DIG_SHA256, USUAL, GNUTLS_X509_FMT_DER);
  g_autoptr (GBytes) other = g_bytes_new_static ("firmwarf", 8);
  gsize size = g_bytes_get_size (pkcs7);
  g_autofree guint8 *der = g_memdup2 (g_bytes_get_data (pkcs7, NULL), size);

  for (gsize i = 0; i < size; i++) {
    g_autoptr (GBytes) cut = g_bytes_new (der, i);
    g_autoptr (QfuCollected) cut_out = check_with (f->data, cut, f->keys, 0);

    g_assert_no_error (cut_out->error);
    g_assert_null (strstr (cut_out->text, " STATUS=0 "));
    der[i] ^= 1;
    g_autoptr (GBytes) flipped = g_bytes_new (der, size);
    g_autoptr (QfuCollected) flipped_out = check_with (other, flipped, f->keys, 0);
    if (flipped_out->error == NULL)
      g_assert_null (strstr (flipped_out->text, " STATUS=0 "));
    der[i] ^= 1;
  }
}

static void
test_input (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) pkcs7 = pki_sign_now (f->leaf, f->data);
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) garbage = g_bytes_new_static ("garbage", 7);
  g_autoptr (GBytes) torn = g_bytes_new_static ("-----BEGIN PKCS7-----\nMIIB", 26);
  g_autoptr (GBytes) certificate = g_bytes_new (f->keys, strlen (f->keys));
  g_autofree char *filler = g_strnfill (1024 * 1024, '\n');
  g_autoptr (GBytes) at = g_bytes_new (filler, 64 * 1024);
  g_autoptr (GBytes) past = g_bytes_new (filler, 64 * 1024 + 1);
  g_autofree char *many = g_strconcat (f->keys, filler, NULL);
  g_autoptr (QfuCollected) no_keys = check_with (f->data, pkcs7, "", 0);
  g_autoptr (QfuCollected) bad_keys = check_with (f->data, pkcs7, "garbage", 0);
  g_autoptr (QfuCollected) many_keys = check_with (f->data, pkcs7, many, 0);

  expect (f, empty, QFU_VERDICT_BROKEN);
  expect (f, garbage, QFU_VERDICT_BROKEN);
  expect (f, torn, QFU_VERDICT_BROKEN);
  expect (f, certificate, QFU_VERDICT_BROKEN);
  expect (f, at, QFU_VERDICT_BROKEN);
  expect_limit (f, past);
  g_assert_error (no_keys->error, QFU_ERROR, QFU_ERROR_FORMAT);
  g_assert_error (bad_keys->error, QFU_ERROR, QFU_ERROR_FORMAT);
  g_assert_error (many_keys->error, QFU_ERROR, QFU_ERROR_LIMIT);
}

static void
test_many_authorities (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) pkcs7 = pki_sign_now (f->leaf, f->data);
  g_autoptr (GString) keys = g_string_new (NULL);
  g_autoptr (QfuCollected) past = NULL;

  for (guint i = 0; i < 65; i++) {
    if (i == 64) {
      g_autoptr (QfuCollected) at = check_with (f->data, pkcs7, keys->str, 0);
      g_assert_no_error (at->error);
    }
    g_string_append (keys, f->keys);
  }
  past = check_with (f->data, pkcs7, keys->str, 0);
  g_assert_error (past->error, QFU_ERROR, QFU_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (Fixture *, gconstpointer);
  } tests[] = {
      {"/signature/good", test_good},
      {"/signature/several-authorities", test_several_authorities},
      {"/signature/tampered", test_tampered},
      {"/signature/wrong-authority", test_wrong_authority},
      {"/signature/wrong-usage", test_wrong_usage},
      {"/signature/time", test_time},
      {"/signature/no-time", test_no_time},
      {"/signature/weak", test_weak},
      {"/signature/no-certificate", test_no_certificate},
      {"/signature/other-certificate", test_other_certificate},
      {"/signature/embedded", test_embedded},
      {"/signature/unknown-algorithm", test_unknown_algorithm},
      {"/signature/damage", test_damage},
      {"/signature/input", test_input},
      {"/signature/many-authorities", test_many_authorities},
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].run, tear_down);
  return g_test_run ();
}
