/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Op `enrolment`: two keys of a TPM, and who vouches for the one that its maker put in. */
#include "attester.h"
#include "collect.h"
#include "pki.h"
#include "qfu-error.h"
#include "qfu-tpmkey.h"

#include <string.h>

typedef struct {
  Attester *ak;
  Attester *maker; /* of the endorsement key: its private half, which a test may use */
  TPMT_PUBLIC ek;
  Pki *authority;
  char *authorities;
  GBytes *certificate;
} Fixture;

/* (transfer full): DER of a certificate for the endorsement key, in force from 2020 to 2100. */
static GBytes *
certify (const Fixture *f, gint64 from, gint64 to)
{
  gnutls_pubkey_t key = qfu_tpmkey_new (&f->ek, NULL);
  gnutls_x509_crt_t crt;
  gnutls_datum_t der;
  GBytes *bytes;

  g_assert_nonnull (key);
  g_assert_cmpint (gnutls_x509_crt_init (&crt), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_pubkey (crt, key), ==, 0);
  gnutls_pubkey_deinit (key);
  g_assert_cmpint (gnutls_x509_crt_set_version (crt, 3), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_serial (crt, "\x17", 1), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_activation_time (crt, (time_t)from), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_expiration_time (crt, (time_t)to), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_key_usage (crt, GNUTLS_KEY_KEY_AGREEMENT), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_privkey_sign (crt, f->authority->crt, f->authority->key,
                                                 GNUTLS_DIG_SHA256, 0),
                   ==, 0);
  g_assert_cmpint (gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_DER, &der), ==, 0);
  bytes = g_bytes_new (der.data, der.size);
  gnutls_free (der.data);
  gnutls_x509_crt_deinit (crt);
  return bytes;
}

static void
set_up (Fixture *f, gconstpointer rsa)
{
  f->ak = attester_new (FALSE, ATTESTER_KEY);
  f->maker = attester_new (GPOINTER_TO_INT (rsa), 0);
  attester_ek (f->maker, &f->ek);
  f->authority = pki_new ("maker of TPMs", NULL, &pki_authority);
  f->authorities = pki_pem (f->authority);
  f->certificate = certify (f, PKI_LONG_AGO, PKI_FAR_AHEAD);
}

static void
tear_down (Fixture *f, gconstpointer rsa)
{
  attester_free (f->ak);
  attester_free (f->maker);
  pki_free (f->authority);
  g_free (f->authorities);
  g_bytes_unref (f->certificate);
}

static QfuCollected *
run (GBytes *ak, GBytes *ek, GBytes *certificate, const char *authorities)
{
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  GBytes *const all[] = {ak, ek, certificate};
  QfuParseInput inputs[4] = {{0}};

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    inputs[i].data = all[i] == NULL ? NULL : g_bytes_get_data (all[i], &inputs[i].size);
  inputs[3] = (QfuParseInput){(const guint8 *)authorities, strlen (authorities)};
  qfu_message_add_number (arguments, QFU_FIELD_TIME, 1700000000);
  return qfu_collect_inputs ("enrolment", arguments, inputs, G_N_ELEMENTS (inputs));
}

static char *
judge (const Fixture *f,
       const TPMT_PUBLIC *ak,
       const TPMT_PUBLIC *ek,
       GBytes *certificate,
       const char *authorities)
{
  g_autoptr (GBytes) one = attester_public (ak);
  g_autoptr (GBytes) two = attester_public (ek);
  g_autoptr (QfuCollected) got = run (one, two, certificate, authorities);

  g_assert_no_error (got->error);
  return g_strdup (got->text);
}

static void
assert_verdict (const Fixture *f,
                GBytes *certificate,
                const char *authorities,
                QfuEnrolmentVerdict verdict)
{
  g_autofree char *text = judge (f, &f->ak->public, &f->ek, certificate, authorities);
  g_autofree char *start = g_strdup_printf ("STATUS=%u ", verdict);

  g_test_message ("%s", text);
  g_assert_nonnull (strstr (text, start));
}

static void
test_good (Fixture *f, gconstpointer rsa)
{
  g_autofree char *text = judge (f, &f->ak->public, &f->ek, f->certificate, f->authorities);

  g_assert_nonnull (strstr (text, "STATUS=0"));
  g_assert_nonnull (strstr (text, "CN=maker of TPMs"));
  g_assert_nonnull (strstr (text, "SERIAL=17"));
  g_assert_nonnull (strstr (text, GPOINTER_TO_INT (rsa) ? "KIND=1" : "KIND=2"));
  g_assert_nonnull (strstr (text, "KEY_NAME=000b"));
}

static void
test_certificate (Fixture *f, gconstpointer rsa)
{
  g_autoptr (Pki) other = pki_new ("maker of TPMs", NULL, &pki_authority);
  g_autofree char *others = pki_pem (other);
  g_autofree char *both = g_strconcat (others, f->authorities, NULL);
  g_autoptr (GBytes) early = certify (f, PKI_LONG_AGO, 1600000000);
  g_autoptr (GBytes) late = certify (f, 1800000000, PKI_FAR_AHEAD);
  g_autoptr (GBytes) rubbish = g_bytes_new_static ("rubbish", 7);

  assert_verdict (f, f->certificate, "", QFU_ENROLMENT_UNCHECKED);
  assert_verdict (f, NULL, f->authorities, QFU_ENROLMENT_NO_CERTIFICATE);
  assert_verdict (f, f->certificate, others, QFU_ENROLMENT_AUTHORITY);
  assert_verdict (f, f->certificate, "rubbish", QFU_ENROLMENT_AUTHORITY);
  assert_verdict (f, f->certificate, both, QFU_ENROLMENT_GOOD);
  assert_verdict (f, early, f->authorities, QFU_ENROLMENT_EXPIRED);
  assert_verdict (f, late, f->authorities, QFU_ENROLMENT_EXPIRED);
  assert_verdict (f, rubbish, f->authorities, QFU_ENROLMENT_UNREADABLE);
}

static void
test_padded (Fixture *f, gconstpointer rsa)
{
  gsize size = g_bytes_get_size (f->certificate);
  g_autofree guint8 *bytes = g_malloc (QFU_EK_CERTIFICATE_MAX);
  g_autoptr (GBytes) padded = NULL;

  memset (bytes, 0xff, QFU_EK_CERTIFICATE_MAX);
  memcpy (bytes, g_bytes_get_data (f->certificate, NULL), size);
  padded = g_bytes_new (bytes, QFU_EK_CERTIFICATE_MAX);
  assert_verdict (f, padded, f->authorities, QFU_ENROLMENT_GOOD);
  for (gsize i = 0; i < size; i++) {
    g_autoptr (GBytes) part = g_bytes_new_from_bytes (f->certificate, 0, i);

    assert_verdict (f, part, f->authorities,
                    i == 0 ? QFU_ENROLMENT_NO_CERTIFICATE : QFU_ENROLMENT_UNREADABLE);
  }
}

/* A key that differs from the template in anything is no endorsement key. */
static void
test_keys (Fixture *f, gconstpointer rsa)
{
  g_autoptr (Attester) other = attester_new (GPOINTER_TO_INT (rsa), 0);
  TPMT_PUBLIC ek = f->ek;
  TPMT_PUBLIC ak = f->ak->public;
  g_autofree char *text = NULL;

  ek.unique = other->public.unique;
  text = judge (f, &ak, &ek, f->certificate, f->authorities);
  g_assert_nonnull (strstr (text, "STATUS=5"));
  for (guint i = 0; i < 4; i++) {
    g_autofree char *said = NULL;

    ek = f->ek;
    ek.objectAttributes ^= i == 0 ? TPMA_OBJECT_SIGN_ENCRYPT : 0;
    ek.authPolicy.buffer[3] ^= i == 1 ? 1 : 0;
    ek.authPolicy.size = i == 2 ? 0 : 32;
    if (i == 3)
      ek.parameters.rsaDetail.symmetric.keyBits.aes = 256;
    said = judge (f, &ak, &ek, f->certificate, f->authorities);
    g_assert_nonnull (strstr (said, "STATUS=4"));
  }
  ak.objectAttributes &= ~TPMA_OBJECT_RESTRICTED;
  g_free (text);
  text = judge (f, &ak, &f->ek, f->certificate, f->authorities);
  g_assert_cmpstr (text, ==, "ENROLMENT STATUS=3\n");
}

static void
test_cut (Fixture *f, gconstpointer rsa)
{
  g_autoptr (GBytes) ak = attester_public (&f->ak->public);
  g_autoptr (GBytes) ek = attester_public (&f->ek);

  for (gsize i = 0; i < g_bytes_get_size (ek); i++) {
    g_autoptr (GBytes) part = g_bytes_new_from_bytes (ek, 0, i);
    g_autoptr (QfuCollected) got = run (ak, part, NULL, "");

    g_assert_error (got->error, QFU_ERROR, QFU_ERROR_FORMAT);
  }
}

static void
test_sizes (Fixture *f, gconstpointer rsa)
{
  g_autoptr (GBytes) ak = attester_public (&f->ak->public);
  g_autoptr (GBytes) ek = attester_public (&f->ek);
  g_autofree guint8 *zeros = g_malloc0 (QFU_EK_CERTIFICATE_MAX + 1);
  g_autoptr (GBytes) at = g_bytes_new (zeros, QFU_EK_CERTIFICATE_MAX);
  g_autoptr (GBytes) past = g_bytes_new (zeros, QFU_EK_CERTIFICATE_MAX + 1);
  g_autoptr (QfuCollected) good = run (ak, ek, at, "");
  g_autoptr (QfuCollected) bad = run (ak, ek, past, "");

  g_assert_no_error (good->error);
  g_assert_error (bad->error, QFU_ERROR, QFU_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (Fixture *f, gconstpointer rsa);
    gboolean rsa;
  } tests[] = {
      {"/enrolment/good/ecc", test_good, FALSE},
      {"/enrolment/good/rsa", test_good, TRUE},
      {"/enrolment/certificate", test_certificate, FALSE},
      {"/enrolment/padded", test_padded, FALSE},
      {"/enrolment/keys/ecc", test_keys, FALSE},
      {"/enrolment/keys/rsa", test_keys, TRUE},
      {"/enrolment/cut", test_cut, FALSE},
      {"/enrolment/limit/certificate", test_sizes, FALSE},
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, GINT_TO_POINTER (tests[i].rsa), set_up, tests[i].run,
                tear_down);
  return g_test_run ();
}
