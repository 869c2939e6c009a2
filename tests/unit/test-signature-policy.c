/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of the signatures of a file count: algorithms, denied certificates, time, mixtures. */
#include "liar.h"
#include "qfu-postquantum.h"
#include "signature-fixture.h"
#include "testconfig.h"

#include <gnutls/pkcs7.h>
#include <string.h>

/* LVFS metadata carries a signature of ML-DSA-87 beside that of RSA. */
static void
test_unknown_algorithm (SignatureFixture *f, gconstpointer unused)
{
  g_autofree char *sum = signature_checksum (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (GBytes) good = pki_sign_now (f->leaf, f->bytes);
  g_autoptr (GBytes) unknown = pki_sign_ml_dsa (f->leaf, f->bytes);
  g_autofree char *good_blob = pki_json_blob (3, good);
  g_autofree char *unknown_blob = pki_json_blob (3, unknown);
  g_autoptr (QfuJcat) first = signature_jcat (f, sum, unknown_blob, good_blob);
  g_autoptr (QfuJcat) last = signature_jcat (f, sum, good_blob, unknown_blob);
  const QfuJcat *const both[] = {first, last};

  if (qfu_postquantum_known ()) {
    g_test_skip ("this GnuTLS knows ML-DSA");
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (both); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuSignature) signature = signature_verify (f, both[i], "a", &error);

    g_assert_no_error (error);
    g_assert_cmpuint (qfu_signature_unknown (signature), ==, 1);
    g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (signature), good));
  }
  signature_expect (f, signature_jcat (f, sum, unknown_blob, NULL), "a", QFU_ERROR_UNSUPPORTED,
                    qfu_postquantum_library ());
}

/* Whatever else lies beside it, a good one counts; alone, none of them does. */
static void
test_garbage (SignatureFixture *f, gconstpointer unused)
{
  static const char *const garbage[] = {
      "",
      "x",
      "-",
      "-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n",
      "-----BEGIN PKCS7-----\n",
      "0\202\377\377",
      "-----BEGIN PKCS7-----\n\033[31m\n-----END PKCS7-----\n",
  };
  g_autofree char *sum = signature_checksum (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (GBytes) good = pki_sign_now (f->leaf, f->bytes);
  g_autofree char *good_blob = pki_json_blob (3, good);

  for (gsize i = 0; i < G_N_ELEMENTS (garbage); i++) {
    g_autofree char *base64 = g_base64_encode ((const guchar *)garbage[i], strlen (garbage[i]));
    g_autofree char *blob = g_strdup_printf ("{\"Kind\":3,\"Flags\":0,\"Data\":\"%s\"}", base64);
    g_autoptr (QfuJcat) before = signature_jcat (f, sum, blob, good_blob);
    g_autoptr (QfuJcat) after = signature_jcat (f, sum, good_blob, blob);
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuSignature) first = signature_verify (f, before, "a", &error);
    g_autoptr (QfuSignature) second = signature_verify (f, after, "a", &error);

    g_assert_no_error (error);
    g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (first), good));
    g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (second), good));
    g_assert_cmpuint (qfu_signature_unknown (first), ==, 0);
    signature_expect (f, signature_jcat (f, sum, blob, NULL), "a", QFU_ERROR_SIGNATURE, "a: ");
  }
}

static void
deny (SignatureFixture *f, const char *serial)
{
  g_strfreev (f->config->denied_serials);
  f->config->denied_serials = g_strsplit (serial, ";", -1);
}

/* The certificate of one of two good signatures is denied, then that of both. */
static void
test_denied (SignatureFixture *f, gconstpointer unused)
{
  g_autofree char *sum = signature_checksum (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (Pki) second = pki_new ("Second", f->authority, &pki_leaf);
  g_autoptr (GBytes) by_first = pki_sign_now (f->leaf, f->bytes);
  g_autoptr (GBytes) by_second = pki_sign_now (second, f->bytes);
  g_autofree char *first_blob = pki_json_blob (3, by_first);
  g_autofree char *second_blob = pki_json_blob (3, by_second);
  g_autoptr (QfuJcat) both = signature_jcat (f, sum, first_blob, second_blob);
  g_autoptr (QfuSignature) signature = signature_verify (f, both, "a", NULL);
  g_autofree char *serial = g_strdup (qfu_signature_serial (signature));
  const char *digits = serial + strspn (serial, "0");
  g_autoptr (QfuSignature) other = NULL;
  g_autofree char *all = NULL;

  deny (f, digits);
  other = signature_verify (f, both, "a", NULL);
  g_assert_nonnull (other);
  g_assert_cmpstr (qfu_signature_serial (other), !=, serial);
  all = g_strconcat (
      digits, ";", qfu_signature_serial (other) + strspn (qfu_signature_serial (other), "0"), NULL);
  deny (f, all);
  signature_expect (f, signature_jcat (f, sum, first_blob, second_blob), "a", QFU_ERROR_SIGNATURE,
                    "DeniedSerials");
}

static void
test_post_quantum (SignatureFixture *f, gconstpointer unused)
{
  g_autofree char *sum = signature_checksum (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (GBytes) good = pki_sign_now (f->leaf, f->bytes);
  g_autofree char *good_blob = pki_json_blob (3, good);

  f->config->require_post_quantum = TRUE;
  if (qfu_postquantum_known ()) {
    signature_expect (f, signature_jcat (f, sum, good_blob, NULL), "a", QFU_ERROR_SIGNATURE,
                      "RequirePostQuantum");
    return;
  }
  signature_expect (f, signature_jcat (f, sum, good_blob, NULL), "a", QFU_ERROR_UNSUPPORTED,
                    "RequirePostQuantum");
  signature_expect (f, signature_jcat (f, sum, good_blob, NULL), "a", QFU_ERROR_UNSUPPORTED,
                    qfu_postquantum_library ());
}

/* The time is the one that is given, and the clock is named where it can be the cause. */
static void
test_time (SignatureFixture *f, gconstpointer unused)
{
  g_autofree char *sum = signature_checksum (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (GBytes) good = pki_sign_now (f->leaf, f->bytes);
  g_autofree char *blob = pki_json_blob (3, good);

  f->now = PKI_LONG_AGO - 1;
  signature_expect (f, signature_jcat (f, sum, blob, NULL), "a", QFU_ERROR_SIGNATURE,
                    "qvm-sync-clock");
  signature_expect (f, signature_jcat (f, sum, blob, NULL), "a", QFU_ERROR_SIGNATURE,
                    "is not valid before 2020-01-01 00:00:00 UTC");
  f->now = PKI_LONG_AGO;
  signature_expect_good (f, signature_jcat (f, sum, blob, NULL));
  f->now = PKI_FAR_AHEAD;
  signature_expect_good (f, signature_jcat (f, sum, blob, NULL));
  f->now = PKI_FAR_AHEAD + 1;
  signature_expect (f, signature_jcat (f, sum, blob, NULL), "a", QFU_ERROR_SIGNATURE,
                    "qvm-sync-clock");
  signature_expect (f, signature_jcat (f, sum, blob, NULL), "a", QFU_ERROR_SIGNATURE,
                    "has expired at 2100-01-01 00:00:00 UTC");
}

/* A checksum from one item and a signature from another are not those of one file. */
static void
test_mixed_items (SignatureFixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) other = g_bytes_new_static ("firmwarf", 8);
  g_autofree char *sum = signature_checksum (1, G_CHECKSUM_SHA256, f->bytes);
  g_autofree char *other_sum = signature_checksum (1, G_CHECKSUM_SHA256, other);
  g_autoptr (GBytes) pkcs7 = pki_sign_now (f->leaf, f->bytes);
  g_autoptr (GBytes) other_pkcs7 = pki_sign_now (f->leaf, other);
  g_autofree char *blob = pki_json_blob (3, pkcs7);
  g_autofree char *other_blob = pki_json_blob (3, other_pkcs7);
  const char *const pairs[][4] = {
      {sum, "", "", blob},                /* torn apart */
      {sum, other_blob, other_sum, blob}, /* crossed */
      {sum, other_blob, sum, other_blob}, /* the signature of another file */
      {other_sum, blob, other_sum, blob}, /* the checksum of another file */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++) {
    const char *const *p = pairs[i];
    g_autofree char *json = g_strdup_printf (
        SIGNATURE_HEAD "{\"Id\":\"a-1\",\"AliasIds\":[\"a\"],\"Blobs\":[%s%s%s]},"
                       "{\"Id\":\"a-2\",\"AliasIds\":[\"a\"],\"Blobs\":[%s%s%s]}" SIGNATURE_TAIL,
        p[0], *p[0] != '\0' && *p[1] != '\0' ? "," : "", p[1], p[2],
        *p[2] != '\0' && *p[3] != '\0' ? "," : "", p[3]);
    g_autoptr (GBytes) gzip = pki_gzip (json, strlen (json));
    g_autoptr (QfuJcat) jcat = signature_read_jcat (f, gzip);
    g_autoptr (GError) error = NULL;

    g_assert_null (signature_verify (f, jcat, "a", &error));
    g_assert_nonnull (error);
    g_assert_true (error->code == QFU_ERROR_SIGNATURE || error->code == QFU_ERROR_MISMATCH);
  }
}

/* Of two good ones that which was made last is kept, so that the order in the file says nothing. */
static void
test_latest (SignatureFixture *f, gconstpointer unused)
{
  g_autofree char *sum = signature_checksum (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (GBytes) early =
      pki_sign (f->leaf, f->bytes, PKI_LONG_AGO + 1, GNUTLS_DIG_SHA256,
                GNUTLS_PKCS7_INCLUDE_CERT | GNUTLS_PKCS7_INCLUDE_TIME, GNUTLS_X509_FMT_PEM);
  g_autoptr (GBytes) late = pki_sign_now (f->leaf, f->bytes);
  g_autofree char *early_blob = pki_json_blob (3, early);
  g_autofree char *late_blob = pki_json_blob (3, late);
  g_autoptr (QfuJcat) early_first = signature_jcat (f, sum, early_blob, late_blob);
  g_autoptr (QfuJcat) late_first = signature_jcat (f, sum, late_blob, early_blob);
  const QfuJcat *const both[] = {early_first, late_first};

  for (gsize i = 0; i < G_N_ELEMENTS (both); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuSignature) signature = signature_verify (f, both[i], "a", &error);

    g_assert_no_error (error);
    g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (signature), late));
  }
}

static QfuMessage *
good_message (gint64 from, gint64 to)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_SIGNATURE);

  qfu_message_add_number (message, QFU_FIELD_STATUS, QFU_VERDICT_GOOD);
  qfu_message_add_text (message, QFU_FIELD_AUTHORITY, "CN=Authority");
  qfu_message_add_text (message, QFU_FIELD_SUBJECT, "CN=Leaf");
  qfu_message_add_bytes (message, QFU_FIELD_SERIAL, "1", 1);
  qfu_message_add_text (message, QFU_FIELD_ALGORITHM, "RSA-SHA256");
  qfu_message_add_number (message, QFU_FIELD_TIME, PKI_LONG_AGO);
  qfu_message_add_number (message, QFU_FIELD_NOT_BEFORE, (guint64)from);
  qfu_message_add_number (message, QFU_FIELD_NOT_AFTER, (guint64)to);
  return message;
}

/* An owned worker can say yes, but not of dates that say no, nor too often, nor not at all. */
static void
test_liar (SignatureFixture *f, gconstpointer unused)
{
  g_autofree char *sum = signature_checksum (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (GBytes) pkcs7 = pki_sign_now (f->leaf, f->bytes);
  g_autofree char *blob = pki_json_blob (3, pkcs7);
  g_autoptr (QfuJcat) jcat = signature_jcat (f, sum, blob, NULL);
  const struct {
    gint64 from;
    gint64 to;
    guint count;
    gboolean taken;
  } cases[] = {
      {f->now, f->now, 1, TRUE},
      {PKI_LONG_AGO, PKI_FAR_AHEAD, 8, TRUE},
      {f->now + 1, f->now + 2, 1, 0},
      {PKI_LONG_AGO, f->now - 1, 1, 0},
      {PKI_FAR_AHEAD, 1, 1, 0},
      {PKI_LONG_AGO, PKI_FAR_AHEAD, 9, 0},
      {0, 0, 0, 0},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GPtrArray) frames =
        g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuSignature) signature = NULL;

    for (guint j = 0; j < cases[i].count; j++)
      g_ptr_array_add (frames, good_message (cases[i].from, cases[i].to));
    liar_install (f->config, f->directory, frames, TRUE);
    signature = signature_verify (f, jcat, "a", &error);
    g_assert_true ((signature != NULL) == cases[i].taken);
    if (!cases[i].taken)
      g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/signature-policy/unknown-algorithm", SignatureFixture, NULL, signature_set_up,
              test_unknown_algorithm, signature_tear_down);
  g_test_add ("/signature-policy/garbage", SignatureFixture, NULL, signature_set_up, test_garbage,
              signature_tear_down);
  g_test_add ("/signature-policy/denied", SignatureFixture, NULL, signature_set_up, test_denied,
              signature_tear_down);
  g_test_add ("/signature-policy/post-quantum", SignatureFixture, NULL, signature_set_up,
              test_post_quantum, signature_tear_down);
  g_test_add ("/signature-policy/time", SignatureFixture, NULL, signature_set_up, test_time,
              signature_tear_down);
  g_test_add ("/signature-policy/mixed-items", SignatureFixture, NULL, signature_set_up,
              test_mixed_items, signature_tear_down);
  g_test_add ("/signature-policy/latest", SignatureFixture, NULL, signature_set_up, test_latest,
              signature_tear_down);
  g_test_add ("/signature-policy/liar", SignatureFixture, NULL, signature_set_up, test_liar,
              signature_tear_down);
  return g_test_run ();
}
