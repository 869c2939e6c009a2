/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checksums and signatures of one file, through real workers; also the LVFS's own. */
#include "qfu-keys.h"
#include "signature-fixture.h"
#include "testconfig.h"

#include <string.h>

#define FAKEDEVICE "/usr/share/installed-tests/fwupd/fakedevice124"
#define LVFS_KEYS "/etc/pki/fwupd"

static void
test_good (SignatureFixture *f, gconstpointer unused)
{
  g_autofree char *sum = signature_checksum (1, G_CHECKSUM_SHA256, f->bytes);
  g_autofree char *sum512 = signature_checksum (10, G_CHECKSUM_SHA512, f->bytes);
  g_autoptr (GBytes) pkcs7 = pki_sign_now (f->leaf, f->bytes);
  g_autofree char *signature_blob = pki_json_blob (3, pkcs7);
  g_autoptr (QfuJcat) jcat = signature_jcat (f, sum, signature_blob, sum512);
  static const char *const names[] = {"a", "a-1"};

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (QfuSignature) signature = signature_verify (f, jcat, names[i], &error);
    gint64 age;

    g_assert_no_error (error);
    age = g_get_real_time () / G_USEC_PER_SEC - qfu_signature_time (signature);
    g_assert_cmpint (age, >=, 0);
    g_assert_cmpint (age, <, 600);
    g_assert_cmpstr (qfu_signature_authority (signature), ==, "O=Tests,CN=Authority");
    g_assert_cmpstr (qfu_signature_subject (signature), ==, "O=Tests,CN=Leaf");
    g_assert_cmpuint (strlen (qfu_signature_serial (signature)), ==, 2);
    g_assert_cmpstr (qfu_signature_item_id (signature), ==, "a-1");
    g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (signature), pkcs7));
    g_assert_true (
        qfu_digest_equal (qfu_signature_sha256 (signature), qfu_untrusted_blob_sha256 (f->data)));
    g_assert_cmpuint (qfu_signature_unknown (signature), ==, 0);
  }
  signature_expect (f, g_steal_pointer (&jcat), "b", QFU_ERROR_NOT_FOUND, "b: ");
}

/* libjcat would keep the last one of the two. */
static void
test_two_signatures (SignatureFixture *f, gconstpointer unused)
{
  g_autofree char *sum = signature_checksum (1, G_CHECKSUM_SHA256, f->bytes);
  g_autoptr (Pki) other = pki_new ("Other", NULL, &pki_authority);
  g_autoptr (Pki) of_other = pki_new ("Leaf", other, &pki_leaf);
  g_autoptr (GBytes) good = pki_sign_now (f->leaf, f->bytes);
  g_autoptr (GBytes) bad = pki_sign_now (of_other, f->bytes);
  g_autofree char *good_blob = pki_json_blob (3, good);
  g_autofree char *bad_blob = pki_json_blob (3, bad);
  g_autoptr (QfuJcat) good_first = signature_jcat (f, sum, good_blob, bad_blob);
  g_autoptr (QfuJcat) good_last = signature_jcat (f, sum, bad_blob, good_blob);
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuSignature) first = signature_verify (f, good_first, "a", &error);
  g_autoptr (QfuSignature) last = signature_verify (f, good_last, "a", &error);

  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (first), good));
  g_assert_true (g_bytes_equal (qfu_signature_pkcs7 (last), good));
  signature_expect (f, signature_jcat (f, sum, bad_blob, bad_blob), "a", QFU_ERROR_SIGNATURE,
                    "authority");
}

static void
test_checksums (SignatureFixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) other = g_bytes_new_static ("firmwarf", 8);
  g_autoptr (GBytes) pkcs7 = pki_sign_now (f->leaf, f->bytes);
  g_autofree char *signature = pki_json_blob (3, pkcs7);
  g_autofree char *good = signature_checksum (1, G_CHECKSUM_SHA256, f->bytes);
  g_autofree char *wrong = signature_checksum (1, G_CHECKSUM_SHA256, other);
  g_autofree char *wrong512 = signature_checksum (10, G_CHECKSUM_SHA512, other);
  g_autofree char *sha1 = signature_checksum (4, G_CHECKSUM_SHA1, f->bytes);
  g_autofree char *garbage = signature_checksum (1, G_CHECKSUM_SHA1, f->bytes);
  g_autofree char *nothing = pki_json_blob (1, empty);

  signature_expect (f, signature_jcat (f, signature, NULL, NULL), "a", QFU_ERROR_SIGNATURE,
                    "no sha256");
  signature_expect (f, signature_jcat (f, sha1, signature, NULL), "a", QFU_ERROR_SIGNATURE,
                    "no sha256");
  signature_expect (f, signature_jcat (f, wrong, signature, NULL), "a", QFU_ERROR_MISMATCH,
                    "sha256");
  signature_expect (f, signature_jcat (f, good, wrong, signature), "a", QFU_ERROR_MISMATCH,
                    "sha256");
  signature_expect (f, signature_jcat (f, good, wrong512, signature), "a", QFU_ERROR_MISMATCH,
                    "sha512");
  signature_expect (f, signature_jcat (f, garbage, signature, NULL), "a", QFU_ERROR_FORMAT,
                    "no checksum");
  signature_expect (f, signature_jcat (f, nothing, signature, NULL), "a", QFU_ERROR_FORMAT,
                    "no checksum");
  signature_expect (f, signature_jcat (f, good, NULL, NULL), "a", QFU_ERROR_SIGNATURE, "no PKCS#7");
  signature_expect (f, signature_jcat (f, NULL, NULL, NULL), "a", QFU_ERROR_SIGNATURE, "no sha256");
}

static void
test_no_items (SignatureFixture *f, gconstpointer unused)
{
  g_autoptr (GBytes) gzip =
      pki_gzip (SIGNATURE_HEAD SIGNATURE_TAIL, strlen (SIGNATURE_HEAD SIGNATURE_TAIL));

  signature_expect (f, signature_read_jcat (f, gzip), "a", QFU_ERROR_NOT_FOUND, "does not list");
}

/* fwupd's own test firmware, signed by the LVFS in 2024; one byte more or less is another file. */
static void
test_lvfs (SignatureFixture *f, gconstpointer unused)
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
  jcat = signature_read_jcat (f, gzip);
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
  test_init (&argc, &argv);
  g_test_add ("/signature/good", SignatureFixture, NULL, signature_set_up, test_good,
              signature_tear_down);
  g_test_add ("/signature/two", SignatureFixture, NULL, signature_set_up, test_two_signatures,
              signature_tear_down);
  g_test_add ("/signature/checksums", SignatureFixture, NULL, signature_set_up, test_checksums,
              signature_tear_down);
  g_test_add ("/signature/no-items", SignatureFixture, NULL, signature_set_up, test_no_items,
              signature_tear_down);
  g_test_add ("/signature/lvfs", SignatureFixture, NULL, signature_set_up, test_lvfs,
              signature_tear_down);
  return g_test_run ();
}
