/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-quote.h"

#include "qfu-error.h"
#include "qfu-reader.h"
#include "qfu-worker.h"

void
qfu_quote_free (QfuQuote *quote)
{
  if (quote == NULL)
    return;
  g_free (quote->key_name);
  g_free (quote->nonce);
  g_free (quote);
}

/* (transfer full) (nullable): hexadecimal digits of a field. */
static char *
hex_of (const QfuMessage *message, QfuField field)
{
  gsize size;
  const guint8 *bytes = qfu_message_bytes (message, field, 0, &size);
  GString *hex = bytes == NULL ? NULL : g_string_new (NULL);

  for (gsize i = 0; hex != NULL && i < size; i++)
    g_string_append_printf (hex, "%02x", bytes[i]);
  return hex == NULL ? NULL : g_string_free (hex, FALSE);
}

static gboolean
protocol (GError **error)
{
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                       "the worker for quote sent something else than one QUOTE");
  return FALSE;
}

static gboolean
explain (guint64 verdict, GError **error)
{
  static const char *const words[] = {
      [QFU_QUOTE_KEY] =
          "the pinned key is no attestation key: it is not restricted to what the TPM "
          "itself says, so that its signature would prove nothing",
      [QFU_QUOTE_BROKEN] = "the quote is not signed by the pinned key",
      [QFU_QUOTE_OTHER] = "what the key has signed is no quote",
  };

  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_SIGNATURE, words[verdict]);
  return FALSE;
}

static gboolean
take_selection (QfuQuote *quote, const QfuMessage *message, guint nth, GError **error)
{
  gsize size;
  const guint8 *bytes = qfu_message_bytes (message, QFU_FIELD_SELECTION, nth, &size);
  QfuReader r = qfu_reader (bytes, size);
  guint32 untrusted_pcrs = qfu_reader_u32 (&r);
  guint32 untrusted_hash = qfu_reader_u32 (&r);

  if (r.failed || qfu_hash_size (untrusted_hash) == 0 || untrusted_pcrs >> QFU_PCR_COUNT != 0) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_UNSUPPORTED,
                 "the quote is about PCRs of algorithm 0x%04x, which is not known here",
                 untrusted_hash);
    return FALSE;
  }
  quote->selection[quote->n_selections++] = (QfuSelection){(QfuHash)untrusted_hash, untrusted_pcrs};
  return TRUE;
}

static gboolean
take_numbers (QfuQuote *quote, const QfuMessage *message, GError **error)
{
  guint64 resets;
  guint64 restarts;

  if (!qfu_message_number (message, QFU_FIELD_CLOCK, 0, G_MAXUINT64, &quote->clock, error) ||
      !qfu_message_number (message, QFU_FIELD_RESET_COUNT, 0, G_MAXUINT32, &resets, error) ||
      !qfu_message_number (message, QFU_FIELD_RESTART_COUNT, 0, G_MAXUINT32, &restarts, error))
    return FALSE;
  quote->reset_count = (guint32)resets;
  quote->restart_count = (guint32)restarts;
  quote->safe = (qfu_message_number_or (message, QFU_FIELD_FLAGS, 0, QFU_QUOTE_FLAG_SAFE, 0) &
                 QFU_QUOTE_FLAG_SAFE) != 0;
  return TRUE;
}

static QfuQuote *
take_quote (const QfuMessage *message, GError **error)
{
  g_autoptr (QfuQuote) quote = g_new0 (QfuQuote, 1);
  guint64 verdict;

  if (qfu_message_type (message) != QFU_FRAME_QUOTE) {
    protocol (error);
    return NULL;
  }
  if (!qfu_message_number (message, QFU_FIELD_STATUS, 0, QFU_QUOTE_LAST, &verdict, error))
    return NULL;
  if (verdict != QFU_QUOTE_GOOD) {
    explain (verdict, error);
    return NULL;
  }
  quote->key_name = hex_of (message, QFU_FIELD_KEY_NAME);
  quote->nonce = hex_of (message, QFU_FIELD_NONCE);
  if (quote->key_name == NULL || quote->nonce == NULL ||
      !qfu_message_digest (message, QFU_FIELD_DIGEST, 0, &quote->digest)) {
    protocol (error);
    return NULL;
  }
  for (guint i = 0; i < qfu_message_count (message, QFU_FIELD_SELECTION); i++) {
    if (!take_selection (quote, message, i, error))
      return NULL;
  }
  return take_numbers (quote, message, error) ? g_steal_pointer (&quote) : NULL;
}

QfuQuote *
qfu_quote_read (const QfuConfig *config,
                const QfuUntrustedBlob *key,
                const QfuUntrustedBlob *message,
                const QfuUntrustedBlob *signature,
                GError **error)
{
  const QfuUntrustedBlob *inputs[] = {key, message, signature};
  g_autoptr (QfuProcess) worker =
      qfu_worker_start (config, QFU_OP_QUOTE, NULL, inputs, G_N_ELEMENTS (inputs), error);
  g_autoptr (QfuMessage) frame = NULL;
  g_autoptr (QfuMessage) end = NULL;
  g_autoptr (QfuQuote) quote = NULL;

  if (worker == NULL || !qfu_process_next (worker, &frame, error))
    return NULL;
  if (frame == NULL) {
    protocol (error);
    return NULL;
  }
  quote = take_quote (frame, error);
  if (quote == NULL || !qfu_process_next (worker, &end, error))
    return NULL;
  if (end != NULL) {
    protocol (error);
    return NULL;
  }
  return g_steal_pointer (&quote);
}

static gboolean
is_quoted (const QfuQuote *quote, QfuHash hash, guint pcr)
{
  for (guint i = 0; i < quote->n_selections; i++) {
    if (quote->selection[i].hash == hash && (quote->selection[i].pcrs & 1u << pcr) != 0)
      return TRUE;
  }
  return FALSE;
}

gboolean
qfu_quote_check_values (const QfuQuote *quote, QfuPcrSet *values, GError **error)
{
  QfuDigest digest;

  if (quote->n_selections == 0 ||
      !qfu_selection_digest (quote->selection, quote->n_selections, values, quote->digest.hash,
                             &digest) ||
      !qfu_digest_equal (&digest, &quote->digest)) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_MISMATCH,
                         "the PCR values beside the quote are not those that the TPM has signed");
    return FALSE;
  }
  for (gsize bank = 0; bank < QFU_BANK_COUNT; bank++) {
    for (guint pcr = 0; pcr < QFU_PCR_COUNT; pcr++) {
      if (!is_quoted (quote, qfu_bank_hash (bank), pcr))
        values->known[bank][pcr] = FALSE;
    }
  }
  return TRUE;
}
