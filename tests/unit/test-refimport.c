/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "liar.h"
#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-refimport.h"
#include "testconfig.h"

#include <string.h>

typedef TestHome Fixture;

static GPtrArray *
read_text (const Fixture *f, const char *text, GError **error)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob (text, strlen (text));

  return qfu_refimport_read (f->config, blob, error);
}

static void
test_read (Fixture *f, gconstpointer user)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = read_text (
      f,
      "{\"records\":[{\"record\":3,\"state\":\"current\",\"versionTo\":\"1.2\",\"pcrs\":["
      "{\"pcr\":2,\"bank\":\"sha1\",\"status\":\"unchanged\",\"source\":\"measured\","
      "\"value\":\"0123456789abcdef0123456789abcdef01234567\"}]},"
      "{\"record\":4,\"state\":\"written\",\"pcrs\":[]}]}",
      &error);
  const QfuRefRecord *record;
  const QfuForecast *value;

  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, 2);
  record = g_ptr_array_index (records, 0);
  g_assert_cmpuint (record->id, ==, 3);
  g_assert_cmpint (record->state, ==, QFU_REF_CURRENT);
  g_assert_cmpstr (record->version_to, ==, "1.2");
  g_assert_cmpuint (record->forecasts->len, ==, 1);
  value = &g_array_index (record->forecasts, QfuForecast, 0);
  g_assert_cmpuint (value->pcr, ==, 2);
  g_assert_cmpint (value->bank, ==, QFU_HASH_SHA1);
  g_assert_cmpint (value->source, ==, QFU_SOURCE_MEASURED);
  record = g_ptr_array_index (records, 1);
  g_assert_cmpint (record->state, ==, QFU_REF_WRITTEN);
}

static void
test_nothing (Fixture *f, gconstpointer user)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (read_text (f, "{\"records\":[]}", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (read_text (f, "rubbish", &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
}

static QfuMessage *
claim (guint64 id, guint64 state)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_REFERENCE);

  qfu_message_add_number (message, QFU_FIELD_INDEX, id);
  qfu_message_add_number (message, QFU_FIELD_STATUS, state);
  return message;
}

static QfuMessage *
value_claim (guint64 pcr, guint64 status, guint64 source)
{
  QfuMessage *message = claim (1, QFU_REF_CURRENT);
  QfuDigest digest;

  qfu_digest_compute (QFU_HASH_SHA1, "", 0, &digest);
  qfu_message_add_number (message, QFU_FIELD_PCR, pcr);
  qfu_message_add_number (message, QFU_FIELD_KIND, status);
  qfu_message_add_number (message, QFU_FIELD_FLAGS, source);
  qfu_message_add_digest (message, QFU_FIELD_DIGEST, &digest);
  return message;
}

static void
assert_claim (Fixture *f, GPtrArray *said, int code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = NULL;

  liar_install (f->config, f->directory, said, TRUE);
  records = read_text (f, "", &error);
  g_assert_true ((records != NULL) == (code == 0));
  if (code == 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, QFU_ERROR, code);
  g_ptr_array_unref (said);
}

static GPtrArray *
said_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
}

static void
test_claims (Fixture *f, gconstpointer user)
{
  QfuMessage *const wrong[] = {claim (0, QFU_REF_CURRENT), claim (1, QFU_REF_FAILED),
                               claim (1, QFU_REF_PENDING), value_claim (24, 1, 1),
                               value_claim (0, 4, 1),      value_claim (0, 1, 4),
                               value_claim (0, 0, 1),      qfu_message_new (QFU_FRAME_PCR)};

  for (gsize i = 0; i + 1 < G_N_ELEMENTS (wrong); i++) {
    GPtrArray *said = said_new ();

    g_ptr_array_add (said, wrong[i]);
    assert_claim (f, said, QFU_ERROR_PROTOCOL);
  }
  qfu_message_free (wrong[G_N_ELEMENTS (wrong) - 1]);
}

/* More than QFU_REFVALS_RECORDS_MAX and QFU_REFVALS_VALUES_MAX is not taken from a worker either.
 */
static void
test_limits (Fixture *f, gconstpointer user)
{
  for (guint past = 0; past <= 1; past++) {
    GPtrArray *records = said_new ();
    GPtrArray *values = said_new ();

    for (guint i = 0; i < QFU_REFVALS_RECORDS_MAX + past; i++)
      g_ptr_array_add (records, claim (i + 1, QFU_REF_CURRENT));
    for (guint i = 0; i < QFU_REFVALS_VALUES_MAX + past; i++)
      g_ptr_array_add (values, value_claim (i % 24, 1, 1));
    assert_claim (f, records, past ? QFU_ERROR_PROTOCOL : 0);
    assert_claim (f, values, past ? QFU_ERROR_PROTOCOL : 0);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  /* a worker that ends before it reads */
  test_home_add ("/refimport/good", test_read);
  test_home_add ("/refimport/nothing", test_nothing);
  test_home_add ("/refimport/claims", test_claims);
  test_home_add ("/refimport/limits", test_limits);
  return g_test_run ();
}
