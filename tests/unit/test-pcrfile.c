/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attester.h"
#include "liar.h"
#include "qfu-error.h"
#include "testconfig.h"

typedef struct {
  TestHome home;
  QfuPcrSet values;
} Fixture;

static void
set_up (Fixture *f, gconstpointer user)
{
  test_home_set_up (&f->home, user);
  attester_values (&f->values);
}

static void
tear_down (Fixture *f, gconstpointer user)
{
  test_home_tear_down (&f->home, user);
}

/* What is written is what is read. */
static void
test_round (Fixture *f, gconstpointer user)
{
  g_autoptr (GBytes) file = qfu_pcrfile_make (&f->values);
  g_autoptr (QfuUntrustedBlob) blob =
      test_blob (g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  g_autoptr (GError) error = NULL;
  QfuPcrSet read;

  g_assert_true (qfu_pcrfile_read (f->home.config, blob, &read, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < QFU_BANK_COUNT * QFU_PCR_COUNT; i++) {
    gsize bank = i / QFU_PCR_COUNT;
    guint pcr = i % QFU_PCR_COUNT;

    g_assert_cmpint (read.known[bank][pcr], ==, f->values.known[bank][pcr]);
    g_assert_true (!read.known[bank][pcr] ||
                   qfu_digest_equal (&read.value[bank][pcr], &f->values.value[bank][pcr]));
  }
}

/* The digest is over the values in the order of the selections. */
static void
test_digest (Fixture *f, gconstpointer user)
{
  QfuSelection selection[QFU_BANK_COUNT];
  guint n = qfu_selection_of (&f->values, selection);
  QfuSelection turned[] = {selection[1], selection[0]};
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  QfuDigest expected;
  QfuDigest digest;

  g_assert_cmpuint (n, ==, 2);
  for (guint i = 0; i < 16; i++) {
    const QfuDigest *value = &f->values.value[i / 8][i % 8];

    g_byte_array_append (bytes, value->data, (guint)value->size);
  }
  qfu_digest_compute (QFU_HASH_SHA384, bytes->data, bytes->len, &expected);
  g_assert_true (qfu_selection_digest (selection, n, &f->values, QFU_HASH_SHA384, &digest));
  g_assert_true (qfu_digest_equal (&digest, &expected));
  g_assert_true (qfu_selection_digest (turned, n, &f->values, QFU_HASH_SHA384, &digest));
  g_assert_false (qfu_digest_equal (&digest, &expected));
  selection[0].pcrs |= 1u << 8;
  g_assert_false (qfu_selection_digest (selection, n, &f->values, QFU_HASH_SHA384, &digest));
}

static void
test_claims (Fixture *f, gconstpointer user)
{
  g_autoptr (GPtrArray) said = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("", 0);
  g_autoptr (GError) error = NULL;
  QfuMessage *message = qfu_message_new (QFU_FRAME_PCR);
  QfuPcrSet read;

  qfu_message_add_number (message, QFU_FIELD_PCR, QFU_PCR_COUNT);
  qfu_message_add_digest (message, QFU_FIELD_DIGEST, &f->values.value[0][0]);
  g_ptr_array_add (said, message);
  liar_install (f->home.config, f->home.directory, said, TRUE);
  g_assert_false (qfu_pcrfile_read (f->home.config, blob, &read, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  /* a worker that ends before it reads */
  g_test_add ("/pcrfile-read/round", Fixture, NULL, set_up, test_round, tear_down);
  g_test_add ("/pcrfile-read/digest", Fixture, NULL, set_up, test_digest, tear_down);
  g_test_add ("/pcrfile-read/claims", Fixture, NULL, set_up, test_claims, tear_down);
  return g_test_run ();
}
