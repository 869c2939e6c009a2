/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every limit of op `signature`, and structures that are made to keep a reader busy. */
#include "limit.h"
#include "pki.h"

#include <gnutls/pkcs7.h>
#include <string.h>

#define USUAL (GNUTLS_PKCS7_INCLUDE_CERT | GNUTLS_PKCS7_INCLUDE_TIME)

typedef struct {
  Pki *authority;
  Pki *leaf;
  char *keys;
  GBytes *data;
} Fixture;

static Fixture f;

static LimitOutcome
run (const void *data, gsize n_data, const void *pkcs7, gsize n_pkcs7, const char *keys)
{
  const QfuParseInput inputs[] = {
      {data, n_data}, {pkcs7, n_pkcs7}, {(const guint8 *)keys, strlen (keys)}};

  return limit_run ("signature", QFU_SIGNATURE_AT_SIGNING_TIME, inputs, G_N_ELEMENTS (inputs));
}

/* Whether the op takes the input at all; whether the signature is good is another question. */
static void
assert_taken (GBytes *pkcs7, const char *keys, int code)
{
  gsize n_data;
  gsize n_pkcs7;
  const void *data = g_bytes_get_data (f.data, &n_data);
  const void *bytes = g_bytes_get_data (pkcs7, &n_pkcs7);
  g_auto (LimitOutcome) outcome = run (data, n_data, bytes, n_pkcs7, keys);

  if (code == 0)
    g_assert_no_error (outcome.error);
  else
    g_assert_error (outcome.error, QFU_ERROR, code);
  g_assert_true ((outcome.messages > 0) == (code == 0));
}

/* A structure with @n_signers signers and @n_certificates certificates. */
static GBytes *
structure (guint n_signers, guint n_certificates)
{
  gnutls_pkcs7_t pkcs7;
  gnutls_datum_t out;
  gsize size;
  gnutls_datum_t in = {(guint8 *)g_bytes_get_data (f.data, &size), 0};
  GBytes *bytes;

  in.size = (unsigned)size;
  g_assert_cmpint (gnutls_pkcs7_init (&pkcs7), ==, 0);
  for (guint i = 0; i < n_certificates; i++)
    g_assert_cmpint (gnutls_pkcs7_set_crt (pkcs7, f.leaf->crt), ==, 0);
  for (guint i = 0; i < n_signers; i++)
    g_assert_cmpint (gnutls_pkcs7_sign (pkcs7, f.leaf->crt, f.leaf->key, &in, NULL, NULL,
                                        GNUTLS_DIG_SHA256, GNUTLS_PKCS7_INCLUDE_TIME),
                     ==, 0);
  g_assert_cmpint (gnutls_pkcs7_export2 (pkcs7, GNUTLS_X509_FMT_DER, &out), ==, 0);
  bytes = g_bytes_new (out.data, out.size);
  gnutls_free (out.data);
  gnutls_pkcs7_deinit (pkcs7);
  return bytes;
}

static void
test_signers (void)
{
  g_autoptr (GBytes) at = structure (QFU_SIGNATURE_SIGNERS_MAX, 1);
  g_autoptr (GBytes) past = structure (QFU_SIGNATURE_SIGNERS_MAX + 1, 1);

  assert_taken (at, f.keys, 0);
  assert_taken (past, f.keys, QFU_ERROR_LIMIT);
}

static void
test_certificates (void)
{
  g_autoptr (GBytes) at = structure (1, QFU_SIGNATURE_CERTIFICATES_MAX);
  g_autoptr (GBytes) past = structure (1, QFU_SIGNATURE_CERTIFICATES_MAX + 1);
  g_autoptr (GBytes) many = structure (1, 100);

  assert_taken (at, f.keys, 0);
  assert_taken (past, f.keys, QFU_ERROR_LIMIT);
  assert_taken (many, f.keys, QFU_ERROR_LIMIT);
}

static void
test_pkcs7 (void)
{
  g_autoptr (GBytes) pem = pki_sign_now (f.leaf, f.data);
  gsize size = g_bytes_get_size (pem);
  g_autofree char *padded = g_malloc (QFU_SIGNATURE_PKCS7_MAX + 1);
  g_autoptr (GBytes) at = NULL;
  g_autoptr (GBytes) past = NULL;

  memset (padded, '\n', QFU_SIGNATURE_PKCS7_MAX + 1);
  memcpy (padded, g_bytes_get_data (pem, NULL), size);
  at = g_bytes_new (padded, QFU_SIGNATURE_PKCS7_MAX);
  past = g_bytes_new (padded, QFU_SIGNATURE_PKCS7_MAX + 1);
  assert_taken (at, f.keys, 0);
  assert_taken (past, f.keys, QFU_ERROR_LIMIT);
}

static void
test_keys_size (void)
{
  g_autoptr (GBytes) pem = pki_sign_now (f.leaf, f.data);
  gsize room = QFU_KEYS_SIZE_MAX - strlen (f.keys);
  g_autofree char *at = limit_repeat (f.keys, "\n", "", room, "");
  g_autofree char *past = limit_repeat (f.keys, "\n", "", room + 1, "");

  assert_taken (pem, at, 0);
  assert_taken (pem, past, QFU_ERROR_LIMIT);
}

static void
test_keys_count (void)
{
  g_autoptr (GBytes) pem = pki_sign_now (f.leaf, f.data);
  g_autofree char *at = limit_repeat ("", f.keys, "\n", QFU_KEYS_COUNT_MAX, "");
  g_autofree char *past = limit_repeat ("", f.keys, "\n", QFU_KEYS_COUNT_MAX + 1, "");

  assert_taken (pem, at, 0);
  assert_taken (pem, past, QFU_ERROR_LIMIT);
}

/* As much as a cabinet may hold can be signed. */
static void
test_data (void)
{
  g_autoptr (GBytes) pem = pki_sign_now (f.leaf, f.data);
  gsize n_pem;
  const void *pkcs7 = g_bytes_get_data (pem, &n_pem);

  for (gsize past = 0; past <= 1; past++) {
    gsize size = QFU_SIGNATURE_DATA_MAX + past;
    guint8 *data = limit_sparse (size, NULL, 0, NULL, 0);
    g_auto (LimitOutcome) outcome = run (data, size, pkcs7, n_pem, f.keys);

    limit_sparse_free (data, size);
    if (past)
      g_assert_error (outcome.error, QFU_ERROR, QFU_ERROR_LIMIT);
    else
      g_assert_no_error (outcome.error);
  }
}

/* A serial number at the wire's limit, which no certificate of any authority has. */
static void
test_serial (void)
{
  for (gsize n = QFU_SIGNATURE_SERIAL_MAX; n <= QFU_SIGNATURE_SERIAL_MAX + 1; n++) {
    g_autoptr (Pki) leaf = pki_new ("Leaf", f.authority, &pki_leaf);
    guint8 serial[QFU_SIGNATURE_SERIAL_MAX + 1];
    g_autoptr (GBytes) pem = NULL;
    gsize n_data;
    gsize n_pem;

    memset (serial, 0x11, sizeof serial);
    g_assert_cmpint (gnutls_x509_crt_set_serial (leaf->crt, serial, n), ==, 0);
    g_assert_cmpint (gnutls_x509_crt_sign2 (leaf->crt, f.authority->crt, f.authority->x509_key,
                                            GNUTLS_DIG_SHA256, 0),
                     ==, 0);
    pem = pki_sign_now (leaf, f.data);
    const void *bytes = g_bytes_get_data (pem, &n_pem);
    const void *data = g_bytes_get_data (f.data, &n_data);
    const QfuParseInput inputs[] = {
        {data, n_data}, {bytes, n_pem}, {(const guint8 *)f.keys, strlen (f.keys)}};
    g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
    g_autoptr (QfuCollected) out = NULL;

    qfu_message_add_number (arguments, QFU_FIELD_FLAGS, QFU_SIGNATURE_AT_SIGNING_TIME);
    out = qfu_collect_inputs ("signature", arguments, inputs, 3);
    g_assert_no_error (out->error);
    g_assert_true (g_str_has_prefix (out->text, "SIGNATURE STATUS=0 ") ==
                   (n == QFU_SIGNATURE_SERIAL_MAX));
  }
}

/* Without a time to judge by, nothing is judged: the worker has no clock. */
static void
test_no_time (void)
{
  g_autoptr (GBytes) pem = pki_sign_now (f.leaf, f.data);
  QfuParseInput inputs[] = {{NULL, 0}, {NULL, 0}, {(const guint8 *)f.keys, strlen (f.keys)}};
  g_auto (LimitOutcome) outcome = {0};

  inputs[0].data = g_bytes_get_data (f.data, &inputs[0].size);
  inputs[1].data = g_bytes_get_data (pem, &inputs[1].size);
  outcome = limit_run ("signature", 0, inputs, G_N_ELEMENTS (inputs));
  g_assert_error (outcome.error, QFU_ERROR, QFU_ERROR_FORMAT);
  g_assert_cmpuint (outcome.messages, ==, 0);
}

/* Bytes that are no structure get a verdict, never an accident. */
static void
assert_broken (const void *bytes, gsize size)
{
  gsize n_data;
  const void *data = g_bytes_get_data (f.data, &n_data);
  g_auto (LimitOutcome) outcome = run (data, n_data, bytes, size, f.keys);

  g_assert_no_error (outcome.error);
  g_assert_cmpuint (outcome.messages, ==, 1);
}

/* Sequences in sequences as deep as 64 KiB allow: of stated length, of indefinite length, and
 * lengths of many bytes. */
static void
test_nested (void)
{
  static const char *const units[] = {
      "\x30\x80", "\x30\x82\xff\xff",         "\xa0\x80",
      "\x24\x80", "\x30\x84\x7f\xff\xff\xff", "\x31\x88\xff\xff\xff\xff"};
  g_autofree guint8 *der = g_malloc (QFU_SIGNATURE_PKCS7_MAX);

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++) {
    gsize unit = strlen (units[i]);
    gsize size = QFU_SIGNATURE_PKCS7_MAX / unit * unit;

    for (gsize at = 0; at < size; at += unit)
      memcpy (der + at, units[i], unit);
    assert_broken (der, size);
  }
}

/* The same inside a structure that begins well. */
static void
test_nested_inside (void)
{
  static const guint8 head[] = {0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                0x0d, 0x01, 0x07, 0x02, 0xa0, 0x80, 0x30, 0x80};
  g_autofree guint8 *der = g_malloc (QFU_SIGNATURE_PKCS7_MAX);

  memcpy (der, head, sizeof head);
  for (gsize at = sizeof head; at + 1 < QFU_SIGNATURE_PKCS7_MAX; at += 2)
    memcpy (der + at, head, 2);
  assert_broken (der, QFU_SIGNATURE_PKCS7_MAX - 1);
}

/* Every length in a good structure, turned into indefinite, huge and negative ones. */
static void
test_lengths (void)
{
  static const guint8 values[] = {0x80, 0x84, 0x88, 0xff, 0x7f, 0x00};
  g_autoptr (GBytes) good =
      pki_sign (f.leaf, f.data, PKI_NOW, GNUTLS_DIG_SHA256, USUAL, GNUTLS_X509_FMT_DER);
  gsize size = g_bytes_get_size (good);
  g_autofree guint8 *der = g_memdup2 (g_bytes_get_data (good, NULL), size);
  gsize n_data;
  const void *data = g_bytes_get_data (f.data, &n_data);

  for (gsize at = 0; at < size; at++) {
    guint8 before = der[at];

    for (gsize i = 0; i < G_N_ELEMENTS (values); i++) {
      der[at] = values[i];
      g_auto (LimitOutcome) outcome = run (data, n_data, der, size, f.keys);
      g_assert_true (outcome.error != NULL || outcome.messages > 0);
    }
    der[at] = before;
  }
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (void);
  } tests[] = {
      {"/signature/limit/signers", test_signers},
      {"/signature/limit/certificates", test_certificates},
      {"/signature/limit/pkcs7", test_pkcs7},
      {"/signature/limit/keys-size", test_keys_size},
      {"/signature/limit/keys-count", test_keys_count},
      {"/signature/limit/data", test_data},
      {"/signature/limit/serial", test_serial},
      {"/signature/killer/no-time", test_no_time},
      {"/signature/killer/nested", test_nested},
      {"/signature/killer/nested-inside", test_nested_inside},
      {"/signature/killer/lengths", test_lengths},
  };
  int status;

  g_test_init (&argc, &argv, NULL);
  f.authority = pki_new ("Authority", NULL, &pki_authority);
  f.leaf = pki_new ("Leaf", f.authority, &pki_leaf);
  f.keys = pki_pem (f.authority);
  f.data = g_bytes_new_static ("firmware", 8);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_func (tests[i].path, tests[i].run);
  status = g_test_run ();
  pki_free (f.authority);
  pki_free (f.leaf);
  g_free (f.keys);
  g_bytes_unref (f.data);
  return status;
}
