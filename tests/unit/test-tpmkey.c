/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attester.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-tpmkey.h"
#include "testconfig.h"

#include <string.h>

static void
test_pem (gconstpointer rsa)
{
  g_autoptr (Attester) attester = attester_new (GPOINTER_TO_INT (rsa), ATTESTER_KEY);
  g_autoptr (GError) error = NULL;
  g_autofree char *pem = qfu_tpmkey_pem (&attester->public, &error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (pem, "-----BEGIN PUBLIC KEY-----\n"));
  g_assert_true (g_str_has_suffix (pem, "-----END PUBLIC KEY-----\n"));
}

static void
test_unsupported (void)
{
  g_autoptr (Attester) ecc = attester_new (FALSE, ATTESTER_KEY);
  g_autoptr (Attester) rsa = attester_new (TRUE, ATTESTER_KEY);

  ecc->public.parameters.eccDetail.curveID = TPM2_ECC_NIST_P224;
  rsa->public.parameters.rsaDetail.keyBits = 1024;
  for (guint i = 0; i < 4; i++) {
    g_autoptr (GError) error = NULL;
    TPMT_PUBLIC key = i < 2 ? ecc->public : rsa->public;

    if (i == 1)
      key.type = TPM2_ALG_KEYEDHASH;
    if (i == 3) {
      key.parameters.rsaDetail.keyBits = 2048;
      key.unique.rsa.size = 128;
    }
    g_assert_null (qfu_tpmkey_new (&key, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED);
  }
}

/* The name changes with every attribute. */
static void
test_name (void)
{
  g_autoptr (Attester) attester = attester_new (FALSE, ATTESTER_KEY);
  guint8 name[QFU_KEY_NAME_MAX];
  guint8 other[QFU_KEY_NAME_MAX];

  g_assert_cmpuint (qfu_tpmkey_name (&attester->public, name), ==, 34);
  g_assert_cmpuint (name[0] << 8 | name[1], ==, TPM2_ALG_SHA256);
  attester->public.objectAttributes ^= TPMA_OBJECT_NODA;
  g_assert_cmpuint (qfu_tpmkey_name (&attester->public, other), ==, 34);
  g_assert_cmpint (memcmp (name, other, 34), !=, 0);
  attester->public.nameAlg = TPM2_ALG_SHA512;
  g_assert_cmpuint (qfu_tpmkey_name (&attester->public, other), ==, 66);
  attester->public.nameAlg = TPM2_ALG_NULL;
  g_assert_cmpuint (qfu_tpmkey_name (&attester->public, other), ==, 0);
}

/* What a template leaves open goes out and comes back. */
static void
test_ek (gconstpointer rsa)
{
  g_autoptr (Attester) attester = attester_new (GPOINTER_TO_INT (rsa), 0);
  QfuEkTemplate kind = GPOINTER_TO_INT (rsa) ? QFU_EK_RSA_2048 : QFU_EK_ECC_P256;
  guint8 bytes[QFU_TPM_PUBLIC_MAX];
  TPMT_PUBLIC ek;
  TPMT_PUBLIC again;
  gsize size;

  attester_ek (attester, &ek);
  g_assert_cmpuint (qfu_tpmkey_ek_kind (&ek), ==, kind);
  g_assert_true (qfu_tpmkey_ek_bytes (&ek, bytes, sizeof bytes, &size));
  g_assert_cmpuint (size, ==, kind == QFU_EK_RSA_2048 ? 256 : 64);
  g_assert_true (qfu_tpmkey_ek_from_bytes (kind, bytes, size, &again));
  g_assert_cmpuint (qfu_tpmkey_ek_kind (&again), ==, kind);
  g_assert_false (qfu_tpmkey_ek_from_bytes (kind, bytes, size - 1, &again));
  g_assert_false (qfu_tpmkey_ek_bytes (&ek, bytes, size - 1, &size));
  g_assert_cmpuint (qfu_tpmkey_ek_kind (&attester->public), ==, 0);
}

static void
test_attests (void)
{
  g_autoptr (Attester) attester = attester_new (FALSE, ATTESTER_KEY);
  TPMT_PUBLIC ek;

  g_assert_true (qfu_tpmkey_attests (&attester->public));
  attester_ek (attester, &ek);
  g_assert_false (qfu_tpmkey_attests (&ek));
  attester->public.objectAttributes &= ~TPMA_OBJECT_FIXEDTPM;
  g_assert_false (qfu_tpmkey_attests (&attester->public));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add_data_func ("/tpmkey/pem/ecc", GINT_TO_POINTER (FALSE), test_pem);
  g_test_add_data_func ("/tpmkey/pem/rsa", GINT_TO_POINTER (TRUE), test_pem);
  g_test_add_func ("/tpmkey/unsupported", test_unsupported);
  g_test_add_func ("/tpmkey/name", test_name);
  g_test_add_data_func ("/tpmkey/ek/ecc", GINT_TO_POINTER (FALSE), test_ek);
  g_test_add_data_func ("/tpmkey/ek/rsa", GINT_TO_POINTER (TRUE), test_ek);
  g_test_add_func ("/tpmkey/attests", test_attests);
  return g_test_run ();
}
