/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attester.h"
#include "liar.h"
#include "qfu-enrolment.h"
#include "qfu-error.h"
#include "testconfig.h"

#include <string.h>

typedef struct {
  TestHome home;
  Attester *ak;
  TPMT_PUBLIC ek;
} Fixture;

static void
set_up (Fixture *f, gconstpointer user)
{
  test_home_set_up (&f->home, user);
  f->ak = attester_new (FALSE, ATTESTER_KEY);
  attester_ek (f->ak, &f->ek);
}

static void
tear_down (Fixture *f, gconstpointer user)
{
  attester_free (f->ak);
  test_home_tear_down (&f->home, user);
}

static QfuEnrolment *
read_keys (const Fixture *f, GError **error)
{
  g_autoptr (GBytes) one = attester_public (&f->ak->public);
  g_autoptr (GBytes) two = attester_public (&f->ek);
  g_autoptr (QfuUntrustedBlob) ak =
      test_blob (g_bytes_get_data (one, NULL), g_bytes_get_size (one));
  g_autoptr (QfuUntrustedBlob) ek =
      test_blob (g_bytes_get_data (two, NULL), g_bytes_get_size (two));
  g_autoptr (QfuUntrustedBlob) none = test_blob ("", 0);
  const QfuEnrolmentFiles files = {ak, ek, none, none};

  return qfu_enrolment_read (f->home.config, &files, 1700000000, error);
}

static void
test_read (Fixture *f, gconstpointer user)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (QfuEnrolment) enrolment = read_keys (f, &error);

  g_assert_no_error (error);
  g_assert_cmpint (enrolment->verdict, ==, QFU_ENROLMENT_NO_CERTIFICATE);
  g_assert_cmpint (enrolment->kind, ==, QFU_EK_ECC_P256);
  g_assert_cmpuint (g_bytes_get_size (enrolment->key), ==, 64);
  g_assert_cmpuint (g_bytes_get_size (enrolment->key_name), ==, 34);
  g_assert_null (enrolment->authority);
}

static void
test_refused (Fixture *f, gconstpointer user)
{
  g_autoptr (GError) error = NULL;

  f->ek.objectAttributes |= TPMA_OBJECT_SIGN_ENCRYPT;
  g_assert_null (read_keys (f, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE);
  g_assert_nonnull (strstr (error->message, "templates"));
  g_clear_error (&error);
  f->ak->public.objectAttributes = TPMA_OBJECT_SIGN_ENCRYPT;
  g_assert_null (read_keys (f, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_SIGNATURE);
  g_assert_nonnull (strstr (error->message, "not restricted"));
}

/* Every verdict but the first three is a refusal, with words of its own. */
static void
test_claims (Fixture *f, gconstpointer user)
{
  for (guint status = 0; status <= QFU_ENROLMENT_LAST + 1; status++) {
    g_autoptr (GPtrArray) said = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
    QfuMessage *message = qfu_message_new (QFU_FRAME_ENROLMENT);
    gboolean refusal = status > QFU_ENROLMENT_NO_CERTIFICATE && status <= QFU_ENROLMENT_LAST;
    int code = refusal ? QFU_ERROR_SIGNATURE : QFU_ERROR_PROTOCOL;
    g_autoptr (GError) error = NULL;

    qfu_message_add_number (message, QFU_FIELD_STATUS, status);
    qfu_message_add_number (message, QFU_FIELD_KIND, status == 0 ? QFU_EK_LAST + 1 : 1);
    g_ptr_array_add (said, message);
    liar_install (f->home.config, f->home.directory, said, TRUE);
    g_assert_null (read_keys (f, &error));
    g_assert_error (error, QFU_ERROR, code);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  /* a worker that ends before it reads */
  g_test_add ("/enrolment-read/good", Fixture, NULL, set_up, test_read, tear_down);
  g_test_add ("/enrolment-read/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/enrolment-read/claims", Fixture, NULL, set_up, test_claims, tear_down);
  return g_test_run ();
}
