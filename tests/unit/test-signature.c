/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checksums and signatures of one file, through real workers; also the LVFS's own. */
#include "pki.h"
#include "qfu-error.h"
#include "qfu-keys.h"
#include "qfu-postquantum.h"
#include "qfu-signature.h"
#include "testconfig.h"

#include <string.h>

#define HEAD "{\"JcatVersionMajor\":0,\"JcatVersionMinor\":1,\"Items\":["
#define TAIL "]}"
#define FAKEDEVICE "/usr/share/installed-tests/fwupd/fakedevice124"
#define LVFS_KEYS "/etc/pki/fwupd"

typedef struct {
  char *directory;
  QfuConfig *config;
  Pki *authority;
  Pki *leaf;
  GBytes *bytes;
  QfuUntrustedBlob *data;
  QfuUntrustedBlob *keys;
  gint64 now;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_autofree char *pem = NULL;

  f->directory = test_directory ();
  f->config = test_config (f->directory, G_STRINGIFY (TEST_WORKER_UID));
  f->authority = pki_new ("Authority", NULL, &pki_authority);
  f->leaf = pki_new ("Leaf", f->authority, &pki_leaf);
  f->bytes = g_bytes_new_static ("firmware", 8);
  f->data = test_blob ("firmware", 8);
  f->now = g_get_real_time () / G_USEC_PER_SEC;
  pem = pki_pem (f->authority);
  f->keys = test_blob (pem, strlen (pem));
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  qfu_config_free (f->config);
  pki_free (f->authority);
  pki_free (f->leaf);
  g_bytes_unref (f->bytes);
  qfu_untrusted_blob_free (f->data);
  qfu_untrusted_blob_free (f->keys);
  test_directory_remove (f->directory);
  g_free (f->directory);
}

static char *
checksum_blob (guint kind, GChecksumType type, GBytes *bytes)
{
  g_autofree char *hex = g_compute_checksum_for_bytes (type, bytes);
  g_autoptr (GBytes) text = g_bytes_new (hex, strlen (hex));

  return pki_json_blob (kind, text);
}

static QfuJcat *
read_jcat (const Fixture *f, GBytes *gzip)
{
  gsize size;
  const void *data = g_bytes_get_data (gzip, &size);
  g_autoptr (QfuUntrustedBlob) blob = test_blob (data, size);
  g_autoptr (GError) error = NULL;
  QfuJcat *jcat = qfu_jcat_read (f->config, blob, &error);

  g_assert_no_error (error);
  return jcat;
}

/* A jcat file with one item "a-1", alias "a", and these blobs. */
static QfuJcat *
jcat_of (const Fixture *f, const char *first, const char *second, const char *third)
{
  g_autofree char *json = g_strdup_printf (
      HEAD "{\"Id\":\"a-1\",\"AliasIds\":[\"a\"],\"Blobs\":[%s%s%s%s%s]}" TAIL,
      first != NULL ? first : "", second != NULL ? "," : "", second != NULL ? second : "",
      third != NULL ? "," : "", third != NULL ? third : "");
  g_autoptr (GBytes) gzip = pki_gzip (json, strlen (json));

  return read_jcat (f, gzip);
}

static QfuSignature *
verify (const Fixture *f, const QfuJcat *jcat, const char *name, GError **error)
{
  const QfuSignaturePolicy policy = {f->keys, QFU_SIGNATURE_VALID_NOW, f->now};

  return qfu_signature_verify (f->config, jcat, name, f->data, &policy, error);
}

static void
expect_error (const Fixture *f, QfuJcat *jcat, const char *name, QfuError code, const char *why)
{
  g_autoptr (QfuJcat) owned = jcat;
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuSignature) signature = verify (f, owned, name, &error);

  g_assert_null (signature);
  g_assert_error (error, QFU_ERROR, (int)code);
  if (strstr (error->message, why) == NULL)
    g_error ("%s: no \"%s\" in it", error->message, why);
}

static void
expect_good (const Fixture *f, QfuJcat *jcat)
{
  g_autoptr (QfuJcat) owned = jcat;
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuSignature) signature = verify (f, owned, "a", &error);

  g_assert_no_error (error);
  g_assert_nonnull (signature);
}

static void
test_good (Fixture *f, gconstpointer unused)
{
  g_autofree char *sum = checksum_blob (1, G_CHECKSUM_SHA256, f->bytes);
  g_autofree char *sum512 = checksum_blob (10, G_CHECKSUM_SHA512, f->bytes);
  g_autoptr (GBytes) pkcs7 = pki_sign_now (f->leaf, f->bytes);
  g_autofree char *signature_blob = pki_json_blob (3, pkcs7);
  g_autoptr (QfuJcat) jcat = jcat_of (f, sum, signature_blob, sum512);
  static const char *const names[] = {"a", "a-1"};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuSignature) signature = verify (f, jcat, names[i], &error);
    gint64 age;

    g_assert_no_error (error);
    age = g_get_real_time () / G_USEC_PER_SEC - qfu_signature_time (signature);
    g_assert_cmpint (age, >=, 0);
    g_assert_cmpint (age, <, 600);
    g_assert_cmpstr (qfu_signature_authority (signature), ==, "O=Tests,CN=Authority");
    g_assert_cmpstr (qfu_signature_subject (signature), ==, "O=Tests,CN=Leaf");
    g_assert_cmpuint (strlen (qfu_signature_serial (signature)), ==, 2);
    g_assert_cmpstr (qfu_signature_item_id (signature), ==, "a-1");
    g_assert_cmpstr (qfu_signature_aliases (signature)[0], ==, "a");
    g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (signature), pkcs7));
    g_assert_true (
        qfu_digest_equal (qfu_signature_sha256 (signature), qfu_untrusted_blob_sha256 (f->data)));
    g_assert_cmpuint (qfu_signature_unknown (signature), ==, 0);
  }
  expect_error (f, g_steal_pointer (&jcat), "b", QFU_ERROR_NOT_FOUND, "b: ");
}

/* libjcat would keep the last one of the two. */
static void
test_two_signatures (Fixture *f, gconstpointer unused)
{
  g_autofree char *sum = checksum_blob (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (Pki) other = pki_new ("Other", NULL, &pki_authority);
  g_autoptr (Pki) of_other = pki_new ("Leaf", other, &pki_leaf);
  g_autoptr (GBytes) good = pki_sign_now (f->leaf, f->bytes);
  g_autoptr (GBytes) bad = pki_sign_now (of_other, f->bytes);
  g_autofree char *good_blob = pki_json_blob (3, good);
  g_autofree char *bad_blob = pki_json_blob (3, bad);
  g_autoptr (QfuJcat) good_first = jcat_of (f, sum, good_blob, bad_blob);
  g_autoptr (QfuJcat) good_last = jcat_of (f, sum, bad_blob, good_blob);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuSignature) first = verify (f, good_first, "a", &error);
  g_autoptr (QfuSignature) last = verify (f, good_last, "a", &error);

  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (first), good));
  g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (last), good));
  expect_error (f, jcat_of (f, sum, bad_blob, bad_blob), "a", QFU_ERROR_SIGNATURE, "authority");
}

/* LVFS metadata carries a signature of ML-DSA-87 beside that of RSA. */
static void
test_unknown_algorithm (Fixture *f, gconstpointer unused)
{
  g_autofree char *sum = checksum_blob (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (GBytes) good = pki_sign_now (f->leaf, f->bytes);
  g_autoptr (GBytes) unknown = pki_sign_ml_dsa (f->leaf, f->bytes);
  g_autofree char *good_blob = pki_json_blob (3, good);
  g_autofree char *unknown_blob = pki_json_blob (3, unknown);
  g_autoptr (QfuJcat) first = jcat_of (f, sum, unknown_blob, good_blob);
  g_autoptr (QfuJcat) last = jcat_of (f, sum, good_blob, unknown_blob);
  const QfuJcat *const both[] = {first, last};

  if (qfu_postquantum_known ()) {
    g_test_skip ("this GnuTLS knows ML-DSA");
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (both); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuSignature) signature = verify (f, both[i], "a", &error);

    g_assert_no_error (error);
    g_assert_cmpuint (qfu_signature_unknown (signature), ==, 1);
    g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (signature), good));
  }
  expect_error (f, jcat_of (f, sum, unknown_blob, NULL), "a", QFU_ERROR_UNSUPPORTED,
                qfu_postquantum_library ());
}

/* Whatever else lies beside it, a good one counts; alone, none of them does. */
static void
test_garbage (Fixture *f, gconstpointer unused)
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
  g_autofree char *sum = checksum_blob (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (GBytes) good = pki_sign_now (f->leaf, f->bytes);
  g_autofree char *good_blob = pki_json_blob (3, good);

  for (gsize i = 0; i < G_N_ELEMENTS (garbage); i++) {
    g_autofree char *base64 = g_base64_encode ((const guchar *)garbage[i], strlen (garbage[i]));
    g_autofree char *blob = g_strdup_printf ("{\"Kind\":3,\"Flags\":0,\"Data\":\"%s\"}", base64);
    g_autoptr (QfuJcat) before = jcat_of (f, sum, blob, good_blob);
    g_autoptr (QfuJcat) after = jcat_of (f, sum, good_blob, blob);
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuSignature) first = verify (f, before, "a", &error);
    g_autoptr (QfuSignature) second = verify (f, after, "a", &error);

    g_assert_no_error (error);
    g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (first), good));
    g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (second), good));
    g_assert_cmpuint (qfu_signature_unknown (first), ==, 0);
    expect_error (f, jcat_of (f, sum, blob, NULL), "a", QFU_ERROR_SIGNATURE, "a: ");
  }
}

static void
deny (Fixture *f, const char *serial)
{
  g_strfreev (f->config->denied_serials);
  f->config->denied_serials = g_strsplit (serial, ";", -1);
}

/* The certificate of one of two good signatures is denied, then that of both. */
static void
test_denied (Fixture *f, gconstpointer unused)
{
  g_autofree char *sum = checksum_blob (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (Pki) second = pki_new ("Second", f->authority, &pki_leaf);
  g_autoptr (GBytes) by_first = pki_sign_now (f->leaf, f->bytes);
  g_autoptr (GBytes) by_second = pki_sign_now (second, f->bytes);
  g_autofree char *first_blob = pki_json_blob (3, by_first);
  g_autofree char *second_blob = pki_json_blob (3, by_second);
  g_autoptr (QfuJcat) both = jcat_of (f, sum, first_blob, second_blob);
  g_autoptr (QfuSignature) signature = verify (f, both, "a", NULL);
  g_autofree char *serial = g_strdup (qfu_signature_serial (signature));
  const char *digits = serial + strspn (serial, "0");
  g_autoptr (QfuSignature) other = NULL;
  g_autofree char *all = NULL;

  deny (f, digits);
  other = verify (f, both, "a", NULL);
  g_assert_nonnull (other);
  g_assert_cmpstr (qfu_signature_serial (other), !=, serial);
  all = g_strconcat (
      digits, ";", qfu_signature_serial (other) + strspn (qfu_signature_serial (other), "0"), NULL);
  deny (f, all);
  expect_error (f, jcat_of (f, sum, first_blob, second_blob), "a", QFU_ERROR_SIGNATURE,
                "DeniedSerials");
}

static void
test_post_quantum (Fixture *f, gconstpointer unused)
{
  g_autofree char *sum = checksum_blob (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (GBytes) good = pki_sign_now (f->leaf, f->bytes);
  g_autofree char *good_blob = pki_json_blob (3, good);

  f->config->require_post_quantum = TRUE;
  if (qfu_postquantum_known ()) {
    expect_error (f, jcat_of (f, sum, good_blob, NULL), "a", QFU_ERROR_SIGNATURE,
                  "RequirePostQuantum");
    return;
  }
  expect_error (f, jcat_of (f, sum, good_blob, NULL), "a", QFU_ERROR_UNSUPPORTED,
                "RequirePostQuantum");
  expect_error (f, jcat_of (f, sum, good_blob, NULL), "a", QFU_ERROR_UNSUPPORTED,
                qfu_postquantum_library ());
}

/* The time is the one that is given, and the clock is named where it can be the cause. */
static void
test_time (Fixture *f, gconstpointer unused)
{
  g_autofree char *sum = checksum_blob (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (GBytes) good = pki_sign_now (f->leaf, f->bytes);
  g_autofree char *blob = pki_json_blob (3, good);

  f->now = PKI_LONG_AGO - 1;
  expect_error (f, jcat_of (f, sum, blob, NULL), "a", QFU_ERROR_SIGNATURE, "qvm-sync-clock");
  expect_error (f, jcat_of (f, sum, blob, NULL), "a", QFU_ERROR_SIGNATURE,
                "is not valid before 2020-01-01 00:00:00 UTC");
  f->now = PKI_LONG_AGO;
  expect_good (f, jcat_of (f, sum, blob, NULL));
  f->now = PKI_FAR_AHEAD;
  expect_good (f, jcat_of (f, sum, blob, NULL));
  f->now = PKI_FAR_AHEAD + 1;
  expect_error (f, jcat_of (f, sum, blob, NULL), "a", QFU_ERROR_SIGNATURE, "qvm-sync-clock");
  expect_error (f, jcat_of (f, sum, blob, NULL), "a", QFU_ERROR_SIGNATURE,
                "has expired at 2100-01-01 00:00:00 UTC");
}

/* A checksum from one item and a signature from another are not those of one file. */
static void
test_mixed_items (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) other = g_bytes_new_static ("firmwarf", 8);
  g_autofree char *sum = checksum_blob (1, G_CHECKSUM_SHA256, f->bytes);
  g_autofree char *other_sum = checksum_blob (1, G_CHECKSUM_SHA256, other);
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
    g_autofree char *json =
        g_strdup_printf (HEAD "{\"Id\":\"a-1\",\"AliasIds\":[\"a\"],\"Blobs\":[%s%s%s]},"
                              "{\"Id\":\"a-2\",\"AliasIds\":[\"a\"],\"Blobs\":[%s%s%s]}" TAIL,
                         p[0], *p[0] != '\0' && *p[1] != '\0' ? "," : "", p[1], p[2],
                         *p[2] != '\0' && *p[3] != '\0' ? "," : "", p[3]);
    g_autoptr (GBytes) gzip = pki_gzip (json, strlen (json));
    g_autoptr (QfuJcat) jcat = read_jcat (f, gzip);
    g_autoptr (GError) error = NULL;

    g_assert_null (verify (f, jcat, "a", &error));
    g_assert_nonnull (error);
    g_assert_true (error->code == QFU_ERROR_SIGNATURE || error->code == QFU_ERROR_MISMATCH);
  }
}

static void
test_checksums (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) other = g_bytes_new_static ("firmwarf", 8);
  g_autoptr (GBytes) pkcs7 = pki_sign_now (f->leaf, f->bytes);
  g_autofree char *signature = pki_json_blob (3, pkcs7);
  g_autofree char *good = checksum_blob (1, G_CHECKSUM_SHA256, f->bytes);
  g_autofree char *wrong = checksum_blob (1, G_CHECKSUM_SHA256, other);
  g_autofree char *wrong512 = checksum_blob (10, G_CHECKSUM_SHA512, other);
  g_autofree char *sha1 = checksum_blob (4, G_CHECKSUM_SHA1, f->bytes);
  g_autofree char *garbage = checksum_blob (1, G_CHECKSUM_SHA1, f->bytes);
  g_autofree char *nothing = pki_json_blob (1, empty);

  expect_error (f, jcat_of (f, signature, NULL, NULL), "a", QFU_ERROR_SIGNATURE, "no sha256");
  expect_error (f, jcat_of (f, sha1, signature, NULL), "a", QFU_ERROR_SIGNATURE, "no sha256");
  expect_error (f, jcat_of (f, wrong, signature, NULL), "a", QFU_ERROR_MISMATCH, "sha256");
  expect_error (f, jcat_of (f, good, wrong, signature), "a", QFU_ERROR_MISMATCH, "sha256");
  expect_error (f, jcat_of (f, good, wrong512, signature), "a", QFU_ERROR_MISMATCH, "sha512");
  expect_error (f, jcat_of (f, garbage, signature, NULL), "a", QFU_ERROR_FORMAT, "no checksum");
  expect_error (f, jcat_of (f, nothing, signature, NULL), "a", QFU_ERROR_FORMAT, "no checksum");
  expect_error (f, jcat_of (f, good, NULL, NULL), "a", QFU_ERROR_SIGNATURE, "no PKCS#7");
  expect_error (f, jcat_of (f, NULL, NULL, NULL), "a", QFU_ERROR_SIGNATURE, "no sha256");
}

static void
test_no_items (Fixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) gzip = pki_gzip (HEAD TAIL, strlen (HEAD TAIL));

  expect_error (f, read_jcat (f, gzip), "a", QFU_ERROR_NOT_FOUND, "does not list");
}

/* fwupd's own test firmware, signed by the LVFS in 2024; one byte more or less is another file. */
static void
test_lvfs (Fixture *f, gconstpointer unused)
{
  static const char *const names[] = {"fakedevice124.bin", "fakedevice124.metainfo.xml"};
  const QfuSignaturePolicy ours = {f->keys, QFU_SIGNATURE_VALID_WHEN_SIGNED, f->now};
  QfuSignaturePolicy policy = ours;
  g_autofree char *jcat_bytes = NULL;
  gsize size;
  g_autoptr (GBytes) gzip = NULL;
  g_autoptr (QfuJcat) jcat = NULL;
  g_autoptr (QfuUntrustedBlob) keys = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_get_contents (FAKEDEVICE ".jcat", &jcat_bytes, &size, NULL) ||
      !g_file_test (LVFS_KEYS "/LVFS-CA.pem", G_FILE_TEST_EXISTS)) {
    g_test_skip ("no " FAKEDEVICE ".jcat or no " LVFS_KEYS "/LVFS-CA.pem");
    return;
  }
  gzip = g_bytes_new_static (jcat_bytes, size);
  jcat = read_jcat (f, gzip);
  keys = qfu_keys_load (LVFS_KEYS, &error);
  g_assert_no_error (error);
  policy.keys = keys;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename ("/usr/share/installed-tests/fwupd", names[i], NULL);
    g_autoptr (QfuUntrustedBlob) data = qfu_untrusted_blob_load (path, 1 << 20, FALSE, &error);
    g_autoptr (QfuSignature) signature = NULL;
    g_autoptr (GError) not_ours = NULL;

    g_assert_no_error (error);
    signature = qfu_signature_verify (f->config, jcat, names[i], data, &policy, &error);
    g_assert_no_error (error);
    g_assert_nonnull (strstr (qfu_signature_authority (signature), "CN=LVFS CA"));
    g_assert_cmpstr (qfu_signature_serial (signature), ==, "5a6b862b226cff3c90fd3b62");
    g_assert_cmpint (qfu_signature_time (signature), ==, 1705829736 + (gint64)i);
    g_assert_null (qfu_signature_verify (f->config, jcat, names[i], data, &ours, &not_ours));
    g_assert_error (not_ours, QFU_ERROR, QFU_ERROR_SIGNATURE);
    g_clear_error (&not_ours);
    g_assert_null (qfu_signature_verify (f->config, jcat, names[i], f->data, &policy, &not_ours));
    g_assert_error (not_ours, QFU_ERROR, QFU_ERROR_MISMATCH);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/signature/good", Fixture, NULL, set_up, test_good, tear_down);
  g_test_add ("/signature/two", Fixture, NULL, set_up, test_two_signatures, tear_down);
  g_test_add ("/signature/unknown-algorithm", Fixture, NULL, set_up, test_unknown_algorithm,
              tear_down);
  g_test_add ("/signature/garbage", Fixture, NULL, set_up, test_garbage, tear_down);
  g_test_add ("/signature/denied", Fixture, NULL, set_up, test_denied, tear_down);
  g_test_add ("/signature/post-quantum", Fixture, NULL, set_up, test_post_quantum, tear_down);
  g_test_add ("/signature/time", Fixture, NULL, set_up, test_time, tear_down);
  g_test_add ("/signature/mixed-items", Fixture, NULL, set_up, test_mixed_items, tear_down);
  g_test_add ("/signature/checksums", Fixture, NULL, set_up, test_checksums, tear_down);
  g_test_add ("/signature/no-items", Fixture, NULL, set_up, test_no_items, tear_down);
  g_test_add ("/signature/lvfs", Fixture, NULL, set_up, test_lvfs, tear_down);
  return g_test_run ();
}
