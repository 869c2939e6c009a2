/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-secret.h"

#include "liar.h"
#include "qfu-error.h"
#include "qfu-digest.h"
#include "testconfig.h"

#include <string.h>

typedef struct {
  TestHome home;
  GPtrArray *secrets;
} Fixture;

static void
set_up (Fixture *f, gconstpointer user)
{
  test_home_set_up (&f->home, user);
  f->secrets = qfu_secrets_new ();
}

static void
tear_down (Fixture *f, gconstpointer user)
{
  g_ptr_array_unref (f->secrets);
  test_home_tear_down (&f->home, user);
}

static void
test_luks (Fixture *f, gconstpointer user)
{
  static const char *header =
      "{\"keyslots\":{\"0\":{\"type\":\"luks2\"},\"1\":{\"type\":\"luks2\"}},\"tokens\":{\"3\":"
      "{\"type\":\"systemd-tpm2\",\"keyslots\":[\"1\"],\"tpm2-pcrs\":[7],\"tpm2-pcr-bank\":"
      "\"sha256\",\"tpm2-pin\":true,\"tpm2_pubkey\":\"AA\",\"tpm2_pubkey_pcrs\":[11]}},"
      "\"digests\":{\"0\":{\"keyslots\":[\"0\",\"1\"],\"segments\":[\"0\"]}}}";
  g_autoptr (QfuUntrustedBlob) blob = test_blob (header, strlen (header));
  g_autoptr (GError) error = NULL;
  const QfuSecret *secret;

  g_assert_true (qfu_secrets_read_luks (f->home.config, blob, "/dev/x", f->secrets, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (f->secrets->len, ==, 1);
  secret = g_ptr_array_index (f->secrets, 0);
  g_assert_cmpint (secret->kind, ==, QFU_SECRET_SYSTEMD);
  g_assert_cmpstr (secret->name, ==, "/dev/x token 3");
  g_assert_cmpuint (secret->flags, ==, QFU_SECRET_FLAG_PIN);
  g_assert_cmpuint (secret->n_literal, ==, 1);
  g_assert_cmpuint (secret->literal[0].bank, ==, QFU_HASH_SHA256);
  g_assert_cmphex (secret->literal[0].pcrs, ==, 0x80);
  g_assert_cmphex (secret->by_key.pcrs, ==, 0x800);
  g_assert_cmpint (secret->others, ==, 1);
  g_assert_null (secret->unread);
}

static void
test_aem (Fixture *f, gconstpointer user)
{
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("sha256:13,17,18,19\n", 19);
  g_autoptr (QfuUntrustedBlob) broken = test_blob ("sha256:13,17,18,99\n", 19);
  g_autoptr (GError) error = NULL;
  const QfuSecret *secret;

  g_assert_true (qfu_secrets_read_aem (f->home.config, blob, "aem", f->secrets, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (f->secrets->len, ==, 1);
  secret = g_ptr_array_index (f->secrets, 0);
  g_assert_cmpint (secret->kind, ==, QFU_SECRET_AEM);
  g_assert_cmpstr (secret->name, ==, "aem");
  g_assert_cmphex (secret->literal[0].pcrs, ==, 0xe2000);
  g_assert_cmpuint (secret->flags, ==, 0);
  g_assert_cmpint (secret->others, ==, -1);
  g_assert_false (qfu_secrets_read_aem (f->home.config, broken, "aem", f->secrets, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_FORMAT);
  g_assert_cmpuint (f->secrets->len, ==, 1);
}

static QfuMessage *
volume (guint64 keyslots, guint64 others)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_LUKS);

  qfu_message_add_number (message, QFU_FIELD_KEYSLOTS, keyslots);
  qfu_message_add_number (message, QFU_FIELD_OTHERS, others);
  return message;
}

static QfuMessage *
secret_of (guint64 kind, guint64 number, QfuField field, guint64 value)
{
  QfuMessage *message = qfu_message_new (QFU_FRAME_SECRET);

  qfu_message_add_number (message, QFU_FIELD_KIND, kind);
  if (number != G_MAXUINT64)
    qfu_message_add_number (message, QFU_FIELD_INDEX, number);
  qfu_message_add_number (message, field, value);
  return message;
}

#define SELECTION(bank, pcrs) ((guint64)(bank) << 32 | (pcrs))

/* Whatever an owned worker says, %NULL ends a case. */
static void
test_claims (Fixture *f, gconstpointer user)
{
  QfuMessage *const cases[][4] = {
      {volume (33, 0)},
      {volume (1, 2)},
      {volume (1, 1), volume (1, 1)},
      {secret_of (QFU_SECRET_SYSTEMD, 0, QFU_FIELD_FLAGS, 0)},
      {volume (1, 1), secret_of (0, 0, QFU_FIELD_FLAGS, 0)},
      {volume (1, 1), secret_of (QFU_SECRET_HEADS_TOTP, 0, QFU_FIELD_FLAGS, 0)},
      {volume (1, 1), secret_of (QFU_SECRET_SYSTEMD, 32, QFU_FIELD_FLAGS, 0)},
      {volume (1, 1), secret_of (QFU_SECRET_SYSTEMD, G_MAXUINT64, QFU_FIELD_FLAGS, 0)},
      {volume (1, 1), secret_of (QFU_SECRET_SYSTEMD, 0, QFU_FIELD_SELECTION, 0)},
      {volume (1, 1),
       secret_of (QFU_SECRET_SYSTEMD, 0, QFU_FIELD_SELECTION, SELECTION (11, 1u << 24))},
      {volume (1, 1), secret_of (QFU_SECRET_SYSTEMD, 0, QFU_FIELD_SELECTION, SELECTION (0x12, 1))},
      {volume (1, 1), secret_of (QFU_SECRET_SYSTEMD, 0, QFU_FIELD_SIGNED, SELECTION (99, 1))},
      {volume (1, 1), secret_of (QFU_SECRET_SYSTEMD, 0, QFU_FIELD_FLAGS, 0),
       qfu_message_new (QFU_FRAME_LOG)},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GPtrArray) said = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
    g_autoptr (QfuUntrustedBlob) blob = test_blob ("x", 1);
    g_autoptr (GError) error = NULL;

    for (gsize n = 0; n < G_N_ELEMENTS (cases[i]) && cases[i][n] != NULL; n++)
      g_ptr_array_add (said, cases[i][n]);
    if (qfu_message_type (cases[i][said->len - 1]) == QFU_FRAME_LOG)
      qfu_message_add_number (cases[i][said->len - 1], QFU_FIELD_KIND, 1);
    liar_install (f->home.config, f->home.directory, said, TRUE);
    g_test_message ("case %zu", i);
    g_assert_false (qfu_secrets_read_luks (f->home.config, blob, "v", f->secrets, &error));
    g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
    g_assert_cmpuint (f->secrets->len, ==, 0);
  }
}

/* Of Anti Evil Maid there is one secret, and no volume. */
static void
test_claims_aem (Fixture *f, gconstpointer user)
{
  g_autoptr (GPtrArray) one = g_ptr_array_new_with_free_func ((GDestroyNotify)qfu_message_free);
  g_autoptr (QfuUntrustedBlob) blob = test_blob ("x", 1);
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (one, secret_of (QFU_SECRET_AEM, 0, QFU_FIELD_SELECTION, SELECTION (11, 1)));
  liar_install (f->home.config, f->home.directory, one, TRUE);
  g_assert_true (qfu_secrets_read_aem (f->home.config, blob, "v", f->secrets, &error));
  g_assert_no_error (error);
  g_ptr_array_add (one, secret_of (QFU_SECRET_AEM, 0, QFU_FIELD_SELECTION, SELECTION (11, 1)));
  liar_install (f->home.config, f->home.directory, one, TRUE);
  g_assert_false (qfu_secrets_read_aem (f->home.config, blob, "v", f->secrets, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  g_clear_error (&error);
  g_ptr_array_set_size (one, 0);
  g_ptr_array_add (one, volume (1, 1));
  liar_install (f->home.config, f->home.directory, one, TRUE);
  g_assert_false (qfu_secrets_read_aem (f->home.config, blob, "v", f->secrets, &error));
  g_assert_error (error, QFU_ERROR, QFU_ERROR_PROTOCOL);
  g_assert_cmpuint (f->secrets->len, ==, 1);
}

static void
test_added (Fixture *f, gconstpointer user)
{
  const QfuSecret *secret;

  qfu_secrets_add_heads (f->secrets, FALSE);
  g_assert_cmpuint (f->secrets->len, ==, 1);
  qfu_secrets_add_heads (f->secrets, TRUE);
  g_assert_cmpuint (f->secrets->len, ==, 3);
  secret = g_ptr_array_index (f->secrets, 1);
  g_assert_cmphex (secret->literal[0].pcrs, ==, 0x9f);
  secret = g_ptr_array_index (f->secrets, 2);
  g_assert_cmphex (secret->literal[0].pcrs, ==, 0xff);
  g_assert_cmpstr (qfu_secret_kind_name (secret->kind), ==, "heads-disk-key");
  qfu_secrets_add_unread (f->secrets, QFU_SECRET_AEM, "label", "why");
  secret = g_ptr_array_index (f->secrets, 3);
  g_assert_cmpstr (secret->unread, ==, "why");
  g_assert_cmpuint (secret->n_literal, ==, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  g_test_add ("/secret/luks", Fixture, NULL, set_up, test_luks, tear_down);
  g_test_add ("/secret/aem", Fixture, NULL, set_up, test_aem, tear_down);
  g_test_add ("/secret/claims", Fixture, NULL, set_up, test_claims, tear_down);
  g_test_add ("/secret/claims-aem", Fixture, NULL, set_up, test_claims_aem, tear_down);
  g_test_add ("/secret/added", Fixture, NULL, set_up, test_added, tear_down);
  return g_test_run ();
}
