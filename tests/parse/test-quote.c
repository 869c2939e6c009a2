/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Op `quote`: what counts as a TPM's quote by a key, and everything that does not. */
#include "attester.h"
#include "collect.h"
#include "qfu-error.h"

#include <string.h>

#define NONCE "0123456789abcdef"

typedef struct {
  Attester *attester;
  TPMS_ATTEST attest;
  QfuPcrSet values;
} Fixture;

static void
set_up (Fixture *f, gconstpointer rsa)
{
  f->attester = attester_new (GPOINTER_TO_INT (rsa), ATTESTER_KEY);
  attester_values (&f->values);
  attester_quote (&f->values, NONCE, &f->attest);
}

static void
tear_down (Fixture *f, gconstpointer rsa)
{
  attester_free (f->attester);
}

static QfuCollected *
run (GBytes *key, GBytes *message, GBytes *signature)
{
  GBytes *const all[] = {key, message, signature};
  QfuParseInput inputs[G_N_ELEMENTS (all)];

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    inputs[i].data = g_bytes_get_data (all[i], &inputs[i].size);
  return qfu_collect_inputs ("quote", NULL, inputs, G_N_ELEMENTS (inputs));
}

/* The verdict on what the fixture's TPM says, signed by @signer, for @key. */
static void
assert_verdict (const Fixture *f,
                const Attester *signer,
                const TPMT_PUBLIC *key,
                QfuQuoteVerdict verdict)
{
  g_autoptr (GBytes) public = attester_public (key);
  g_autoptr (GBytes) message = attester_message (&f->attest);
  g_autoptr (GBytes) signature = attester_sign (signer, message);
  g_autoptr (QfuCollected) got = run (public, message, signature);
  g_autofree char *start = g_strdup_printf ("QUOTE STATUS=%u ", verdict);

  g_assert_no_error (got->error);
  g_assert_true (g_str_has_prefix (got->text, start));
  g_assert_nonnull (strstr (got->text, "KEY_NAME=000b"));
  g_assert_true ((strstr (got->text, "NONCE=") != NULL) == (verdict == QFU_QUOTE_GOOD));
}

static void
assert_refused (GBytes *key, GBytes *message, GBytes *signature, int code)
{
  g_autoptr (QfuCollected) got = run (key, message, signature);

  g_assert_error (got->error, QFU_ERROR, code);
  g_assert_cmpstr (got->text, ==, "");
}

static void
test_good (Fixture *f, gconstpointer rsa)
{
  /* signatures whose halves begin with a bit or with zeros are rare */
  for (guint i = 0; i < 64; i++) {
    f->attest.clockInfo.clock = i;
    assert_verdict (f, f->attester, &f->attester->public, QFU_QUOTE_GOOD);
  }
}

static void
test_said (Fixture *f, gconstpointer rsa)
{
  g_autoptr (GBytes) public = attester_public (&f->attester->public);
  g_autoptr (GBytes) message = attester_message (&f->attest);
  g_autoptr (GBytes) signature = attester_sign (f->attester, message);
  g_autoptr (QfuCollected) got = run (public, message, signature);

  g_assert_nonnull (strstr (got->text, "NONCE=30313233343536373839616263646566"));
  g_assert_nonnull (strstr (got->text, "SELECTION=17179869439")); /* 4 << 32 | 0xff */
  g_assert_nonnull (strstr (got->text, "SELECTION=47244640511")); /* 11 << 32 | 0xff */
  g_assert_nonnull (strstr (got->text, "CLOCK=1000"));
  g_assert_nonnull (strstr (got->text, "RESET_COUNT=3"));
  g_assert_nonnull (strstr (got->text, "RESTART_COUNT=1"));
  g_assert_nonnull (strstr (got->text, "FLAGS=1"));
}

static void
test_other_signer (Fixture *f, gconstpointer rsa)
{
  g_autoptr (Attester) other = attester_new (GPOINTER_TO_INT (rsa), ATTESTER_KEY);
  g_autoptr (Attester) kind = attester_new (!GPOINTER_TO_INT (rsa), ATTESTER_KEY);
  TPMT_PUBLIC scheme = f->attester->public;

  assert_verdict (f, other, &f->attester->public, QFU_QUOTE_BROKEN);
  assert_verdict (f, kind, &f->attester->public, QFU_QUOTE_BROKEN);
  assert_verdict (f, f->attester, &other->public, QFU_QUOTE_BROKEN);
  /* the key is not for this kind of signature */
  if (GPOINTER_TO_INT (rsa))
    scheme.parameters.rsaDetail.scheme.scheme = TPM2_ALG_RSAPSS;
  else
    scheme.parameters.eccDetail.curveID = TPM2_ECC_NIST_P384;
  assert_verdict (f, f->attester, &scheme, QFU_QUOTE_BROKEN);
}

/* Each attribute that makes a key one that signs the TPM's own words alone. */
static void
test_attributes (Fixture *f, gconstpointer rsa)
{
  static const TPMA_OBJECT must[] = {TPMA_OBJECT_FIXEDTPM, TPMA_OBJECT_FIXEDPARENT,
                                     TPMA_OBJECT_SENSITIVEDATAORIGIN, TPMA_OBJECT_RESTRICTED,
                                     TPMA_OBJECT_SIGN_ENCRYPT};
  TPMT_PUBLIC key = f->attester->public;

  for (gsize i = 0; i < G_N_ELEMENTS (must); i++) {
    key.objectAttributes = ATTESTER_KEY & ~must[i];
    assert_verdict (f, f->attester, &key, QFU_QUOTE_KEY);
  }
  key.objectAttributes = ATTESTER_KEY | TPMA_OBJECT_DECRYPT;
  assert_verdict (f, f->attester, &key, QFU_QUOTE_KEY);
  key.objectAttributes = ATTESTER_KEY | TPMA_OBJECT_NODA;
  assert_verdict (f, f->attester, &key, QFU_QUOTE_GOOD);
}

static void
test_other_statements (Fixture *f, gconstpointer rsa)
{
  f->attest.magic = 0x12345678;
  assert_verdict (f, f->attester, &f->attester->public, QFU_QUOTE_OTHER);
  f->attest.magic = TPM2_GENERATED_VALUE;
  f->attest.type = TPM2_ST_ATTEST_TIME;
  assert_verdict (f, f->attester, &f->attester->public, QFU_QUOTE_OTHER);
  f->attest.type = TPM2_ST_ATTEST_CERTIFY;
  assert_verdict (f, f->attester, &f->attester->public, QFU_QUOTE_OTHER);
}

/* Bytes behind the quote were signed with it, but are no quote. */
static void
test_left_over (Fixture *f, gconstpointer rsa)
{
  g_autoptr (GBytes) public = attester_public (&f->attester->public);
  g_autoptr (GBytes) exact = attester_message (&f->attest);
  gsize size = g_bytes_get_size (exact);
  g_autofree guint8 *bytes = g_malloc0 (size + 1);
  g_autoptr (GBytes) longer = NULL;
  g_autoptr (GBytes) signature = NULL;
  g_autoptr (QfuCollected) got = NULL;

  memcpy (bytes, g_bytes_get_data (exact, NULL), size);
  longer = g_bytes_new (bytes, size + 1);
  signature = attester_sign (f->attester, longer);
  got = run (public, longer, signature);
  g_assert_true (g_str_has_prefix (got->text, "QUOTE STATUS=3"));
}

static void
test_cut (Fixture *f, gconstpointer rsa)
{
  g_autoptr (GBytes) public = attester_public (&f->attester->public);
  g_autoptr (GBytes) message = attester_message (&f->attest);
  g_autoptr (GBytes) signature = attester_sign (f->attester, message);

  for (gsize i = 0; i < g_bytes_get_size (public); i++) {
    g_autoptr (GBytes) part = g_bytes_new_from_bytes (public, 0, i);

    assert_refused (part, message, signature, QFU_ERROR_FORMAT);
  }
  for (gsize i = 0; i < g_bytes_get_size (signature); i++) {
    g_autoptr (GBytes) part = g_bytes_new_from_bytes (signature, 0, i);

    assert_refused (public, message, part, QFU_ERROR_FORMAT);
  }
  for (gsize i = 0; i < g_bytes_get_size (message); i++) {
    g_autoptr (GBytes) part = g_bytes_new_from_bytes (message, 0, i);
    g_autoptr (QfuCollected) got = run (public, part, signature);

    g_assert_true (g_str_has_prefix (got->text, "QUOTE STATUS=2"));
  }
}

/* A signed message that says too much. */
static void
test_unfit (Fixture *f, gconstpointer rsa)
{
  g_autoptr (GBytes) public = attester_public (&f->attester->public);
  TPMS_QUOTE_INFO *quote = &f->attest.attested.quote;
  TPMS_ATTEST saved;

  for (guint i = 2; i <= QFU_QUOTE_SELECTIONS_MAX; i++)
    quote->pcrSelect.pcrSelections[i] = quote->pcrSelect.pcrSelections[1];
  saved = f->attest;
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GBytes) message = NULL;
    g_autoptr (GBytes) signature = NULL;

    f->attest = saved;
    if (i == 0)
      quote->pcrSelect.count = QFU_QUOTE_SELECTIONS_MAX + 1;
    else
      quote->pcrDigest.size = 20;
    message = attester_message (&f->attest);
    signature = attester_sign (f->attester, message);
    assert_refused (public, message, signature, i == 1 ? QFU_ERROR_FORMAT : QFU_ERROR_LIMIT);
  }
  f->attest = saved;
  f->attest.extraData.size = QFU_NONCE_MAX;
  quote->pcrSelect.count = QFU_QUOTE_SELECTIONS_MAX;
  assert_verdict (f, f->attester, &f->attester->public, QFU_QUOTE_GOOD);
}

static void
assert_size (Fixture *f, gsize which, gsize size, int code)
{
  g_autoptr (GBytes) public = attester_public (&f->attester->public);
  g_autoptr (GBytes) message = attester_message (&f->attest);
  g_autoptr (GBytes) signature = attester_sign (f->attester, message);
  g_autofree guint8 *zeros = g_malloc0 (size);
  g_autoptr (GBytes) padded = g_bytes_new (zeros, size);
  g_autoptr (QfuCollected) got = run (which == 0 ? padded : public, which == 1 ? padded : message,
                                      which == 2 ? padded : signature);

  if (code == 0)
    g_assert_no_error (got->error);
  else
    g_assert_error (got->error, QFU_ERROR, code);
}

static void
test_sizes (Fixture *f, gconstpointer rsa)
{
  assert_size (f, 0, QFU_TPM_PUBLIC_MAX, QFU_ERROR_FORMAT);
  assert_size (f, 0, QFU_TPM_PUBLIC_MAX + 1, QFU_ERROR_LIMIT);
  assert_size (f, 1, QFU_QUOTE_MESSAGE_MAX, 0);
  assert_size (f, 1, QFU_QUOTE_MESSAGE_MAX + 1, QFU_ERROR_LIMIT);
  assert_size (f, 2, QFU_QUOTE_SIGNATURE_MAX, QFU_ERROR_FORMAT);
  assert_size (f, 2, QFU_QUOTE_SIGNATURE_MAX + 1, QFU_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *path;
    void (*run) (Fixture *f, gconstpointer rsa);
    gboolean rsa;
  } tests[] = {
      {"/quote/good/ecc", test_good, FALSE},
      {"/quote/good/rsa", test_good, TRUE},
      {"/quote/said", test_said, FALSE},
      {"/quote/other-signer/ecc", test_other_signer, FALSE},
      {"/quote/other-signer/rsa", test_other_signer, TRUE},
      {"/quote/attributes", test_attributes, FALSE},
      {"/quote/other-statements", test_other_statements, FALSE},
      {"/quote/left-over", test_left_over, FALSE},
      {"/quote/cut/ecc", test_cut, FALSE},
      {"/quote/cut/rsa", test_cut, TRUE},
      {"/quote/limit/said", test_unfit, FALSE},
      {"/quote/limit/sizes", test_sizes, FALSE},
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, GINT_TO_POINTER (tests[i].rsa), set_up, tests[i].run,
                tear_down);
  return g_test_run ();
}
