/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attester.h"
#include "liar.h"
#include "qfu-error.h"
#include "qfu-quote.h"
#include "testconfig.h"

#include <string.h>

#define NONCE "01234567"

typedef struct {
  TestHome home;
  Attester *attester;
  TPMS_ATTEST attest;
  QfuPcrSet values;
} Fixture;

static void
set_up (Fixture *f, gconstpointer user)
{
  test_home_set_up (&f->home, user);
  f->attester = attester_new (FALSE, ATTESTER_KEY);
  attester_values (&f->values);
  attester_quote (&f->values, NONCE, &f->attest);
}

static void
tear_down (Fixture *f, gconstpointer user)
{
  attester_free (f->attester);
  test_home_tear_down (&f->home, user);
}

static QfuUntrustedBlob *
blob_of (GBytes *bytes)
{
  return test_blob (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* What the fixture's TPM says, signed by @signer. */
static QfuQuote *
read_quote (const Fixture *f, const Attester *signer, GError **error)
{
  g_autoptr (GBytes) public = attester_public (&f->attester->public);
  g_autoptr (GBytes) bytes = attester_message (&f->attest);
  g_autoptr (GBytes) signed_bytes = attester_sign (signer, bytes);
  g_autoptr (QfuUntrustedBlob) key = blob_of (public);
  g_autoptr (QfuUntrustedBlob) message = blob_of (bytes);
  g_autoptr (QfuUntrustedBlob) signature = blob_of (signed_bytes);

  return qfu_quote_read (f->home.config, key, message, signature, error);
}

static void
assert_refused (const Fixture *f, const Attester *signer, int code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuQuote) quote = read_quote (f, signer, &error);

  g_assert_null (quote);
  g_assert_error (error, QFU_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_read (Fixture *f, gconstpointer user)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuQuote) quote = read_quote (f, f->attester, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (quote->nonce, ==, "3031323334353637");
  g_assert_true (g_str_has_prefix (quote->key_name, "000b"));
  g_assert_cmpuint (strlen (quote->key_name), ==, 68);
  g_assert_cmpuint (quote->n_selections, ==, 2);
  g_assert_cmpuint (quote->selection[1].hash, ==, QFU_HASH_SHA256);
  g_assert_cmpuint (quote->selection[1].pcrs, ==, 0xff);
  g_assert_cmpuint (quote->clock, ==, 1000);
  g_assert_cmpuint (quote->reset_count, ==, 3);
  g_assert_cmpuint (quote->restart_count, ==, 1);
  g_assert_true (quote->safe);
}

static void
test_values (Fixture *f, gconstpointer user)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuQuote) quote = read_quote (f, f->attester, &error);
  QfuPcrSet values = f->values;

  g_assert_no_error (error);
  values.known[1][23] = TRUE; /* beside the quote, but not in it */
  g_assert_true (qfu_quote_check_values (quote, &values, &error));
  g_assert_false (values.known[1][23]);
  g_assert_true (values.known[1][7]);
  values.value[0][3].data[5] ^= 1;
  g_assert_false (qfu_quote_check_values (quote, &values, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_MISMATCH);
  g_clear_error (&error);
  values = f->values;
  values.known[0][3] = FALSE;
  g_assert_false (qfu_quote_check_values (quote, &values, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_MISMATCH);
}

static void
test_refused (Fixture *f, gconstpointer user)
{
  g_autoptr (Attester) other = attester_new (FALSE, ATTESTER_KEY);

  assert_refused (f, other, QFU_ERROR_SIGNATURE, "not signed by the pinned key");
  f->attest.type = TPM2_ST_ATTEST_TIME;
  assert_refused (f, f->attester, QFU_ERROR_SIGNATURE, "no quote");
  f->attester->public.objectAttributes &= ~TPMA_OBJECT_RESTRICTED;
  assert_refused (f, f->attester, QFU_ERROR_SIGNATURE, "not restricted");
}

static QfuMessage *
claim (guint64 status)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_QUOTE);
  QfuDigest digest;

  qfu_digest_compute (QFU_HASH_SHA256, "", 0, &digest);
  qfu_message_add_number (message, QFU_FIELD_STATUS, status);
  qfu_message_add_bytes (message, QFU_FIELD_KEY_NAME, "name", 4);
  qfu_message_add_bytes (message, QFU_FIELD_NONCE, NONCE, 8);
  qfu_message_add_digest (message, QFU_FIELD_DIGEST, &digest);
  qfu_message_add_number (message, QFU_FIELD_RESTART_COUNT, 0);
  qfu_message_add_number (message, QFU_FIELD_RESET_COUNT, 0);
  return message;
}

/* What a worker claims that is no quote, or is out of its range. */
static void
test_claims (Fixture *f, gconstpointer user)
{
  for (guint i = 0; i < 6; i++) {
    g_autoptr (GPtrArray) said = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
    QfuMessage *message = claim (i == 0 ? QFU_QUOTE_LAST + 1 : 0);

    g_ptr_array_add (said, message);
    if (i != 1)
      qfu_message_add_number (message, QFU_FIELD_CLOCK, 0);
    if (i == 2)
      g_ptr_array_add (said, claim (0));
    if (i == 3)
      qfu_message_add_number (message, QFU_FIELD_SELECTION, (guint64)11 << 32 | 1u << 24);
    if (i == 4)
      qfu_message_add_number (message, QFU_FIELD_SELECTION, (guint64)99 << 32 | 1u);
    if (i == 5)
      g_ptr_array_set_size (said, 0);
    liar_install (f->home.config, f->home.directory, said, TRUE);
    g_test_message ("claim %u", i);
    assert_refused (f, f->attester, i == 3 || i == 4 ? QFU_ERROR_UNSUPPORTED : QFU_ERROR_PROTOCOL,
                    "");
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  /* a worker that ends before it reads */
  g_test_add ("/quote-read/good", Fixture, NULL, set_up, test_read, tear_down);
  g_test_add ("/quote-read/values", Fixture, NULL, set_up, test_values, tear_down);
  g_test_add ("/quote-read/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/quote-read/claims", Fixture, NULL, set_up, test_claims, tear_down);
  return g_test_run ();
}
