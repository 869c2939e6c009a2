/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qfu-signature.h"

#include "qfu-error.h"
#include "qfu-limits.h"
#include "qfu-worker.h"

#include <string.h>

struct _QfuSignature {
  char *authority;
  char *subject;
  char *serial;
  gint64 time;
  char *item_id;
  char **aliases;
  GBytes *pkcs7;
  QfuDigest sha256;
  guint unknown;
};

/* One question to qfu_signature_verify(), as it goes down to the worker. */
typedef struct {
  const QfuConfig *config;
  const QfuUntrustedBlob *data;
  const QfuSignaturePolicy *policy;
} Question;

void
qfu_signature_free (QfuSignature *signature)
{
  if (signature == NULL)
    return;
  g_free (signature->authority);
  g_free (signature->subject);
  g_free (signature->serial);
  g_free (signature->item_id);
  g_strfreev (signature->aliases);
  g_clear_pointer (&signature->pkcs7, g_bytes_unref);
  g_free (signature);
}

const char *
qfu_signature_authority (const QfuSignature *signature)
{
  return signature->authority;
}

const char *
qfu_signature_subject (const QfuSignature *signature)
{
  return signature->subject;
}

const char *
qfu_signature_serial (const QfuSignature *signature)
{
  return signature->serial;
}

gint64
qfu_signature_time (const QfuSignature *signature)
{
  return signature->time;
}

const char *
qfu_signature_item_id (const QfuSignature *signature)
{
  return signature->item_id;
}

const char *const *
qfu_signature_aliases (const QfuSignature *signature)
{
  return (const char *const *)signature->aliases;
}

GBytes *
qfu_signature_pkcs7 (const QfuSignature *signature)
{
  return signature->pkcs7;
}

const QfuDigest *
qfu_signature_sha256 (const QfuSignature *signature)
{
  return &signature->sha256;
}

guint
qfu_signature_unknown (const QfuSignature *signature)
{
  return signature->unknown;
}

static char *
hex_of (const guint8 *data, gsize size)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
  return g_string_free (text, FALSE);
}

static QfuSignature *
signature_new (const QfuMessage *message, GError **error)
{
  g_autoptr (QfuSignature) signature = g_new0 (QfuSignature, 1);
  guint64 status;
  guint64 time;
  gsize serial_size;
  const guint8 *serial = qfu_message_bytes (message, QFU_FIELD_SERIAL, 0, &serial_size);

  if (!qfu_message_number (message, QFU_FIELD_STATUS, 0, 0, &status, error) ||
      !qfu_message_number (message, QFU_FIELD_TIME, 0, QFU_SIGNATURE_TIME_MAX, &time, error))
    return NULL;
  signature->authority = g_strdup (qfu_message_text (message, QFU_FIELD_AUTHORITY, 0));
  signature->subject = g_strdup (qfu_message_text (message, QFU_FIELD_SUBJECT, 0));
  signature->serial = hex_of (serial, serial_size);
  signature->time = (gint64)time;
  if (signature->authority == NULL || signature->subject == NULL || serial == NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "SIGNATURE without AUTHORITY, SUBJECT or SERIAL");
    return NULL;
  }
  return g_steal_pointer (&signature);
}

static QfuUntrustedBlob *
blob_of_bytes (GBytes *bytes, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  QfuBlobBuilder *builder = qfu_blob_builder_new (size, error);

  if (builder == NULL)
    return NULL;
  if (!qfu_blob_builder_append (builder, data, size, error)) {
    qfu_blob_builder_free (builder);
    return NULL;
  }
  return qfu_blob_builder_finish (builder, error);
}

/* Asks a worker of its own about one PKCS#7 blob. */
static QfuSignature *
ask_worker (const Question *question, GBytes *pkcs7, GError **error)
{
  g_autoptr (QfuUntrustedBlob) blob = blob_of_bytes (pkcs7, error);
  g_autoptr (QfuMessage) arguments = qfu_message_new (QFU_FRAME_ARGUMENTS);
  g_autoptr (QfuMessage) answer = NULL;
  g_autoptr (QfuMessage) end = NULL;
  const QfuUntrustedBlob *inputs[] = {question->data, blob, question->policy->keys};
  g_autoptr (QfuProcess) worker = NULL;

  if (blob == NULL)
    return NULL;
  qfu_message_add_number (arguments, QFU_FIELD_TIME, (guint64)question->policy->now);
  if (question->policy->when == QFU_SIGNATURE_VALID_WHEN_SIGNED)
    qfu_message_add_number (arguments, QFU_FIELD_FLAGS, QFU_SIGNATURE_AT_SIGNING_TIME);
  worker = qfu_worker_start (question->config, QFU_OP_SIGNATURE, arguments, inputs,
                             G_N_ELEMENTS (inputs), error);
  if (worker == NULL || !qfu_process_next (worker, &answer, error) ||
      (answer != NULL && !qfu_process_next (worker, &end, error)))
    return NULL;
  if (answer == NULL || qfu_message_type (answer) != QFU_FRAME_SIGNATURE || end != NULL) {
    g_set_error_literal (error, QFU_ERROR, QFU_ERROR_PROTOCOL,
                         "the worker for signature did not send one SIGNATURE");
    return NULL;
  }
  return signature_new (answer, error);
}

static gboolean
checksum_matches (const Question *question, const QfuJcatBlob *blob, GError **error)
{
  QfuHash hash = blob->kind == QFU_JCAT_SHA256 ? QFU_HASH_SHA256 : QFU_HASH_SHA512;
  gsize size;
  const char *untrusted_hex = g_bytes_get_data (blob->data, &size);
  /* of no bytes there is no address */
  g_autofree char *hex = g_strndup (size == 0 ? "" : untrusted_hex, size);
  QfuDigest claimed;
  QfuDigest actual;

  if (!qfu_digest_from_hex (&claimed, hash, hex)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_FORMAT, "its %s in the jcat file is no checksum",
                 qfu_hash_name (hash));
    return FALSE;
  }
  if (!qfu_untrusted_blob_hash_range (question->data, hash, 0,
                                      qfu_untrusted_blob_size (question->data), &actual, error))
    return FALSE;
  if (!qfu_digest_equal (&claimed, &actual)) {
    g_set_error (error, QFU_ERROR, QFU_ERROR_MISMATCH, "its %s is not the one in the jcat file",
                 qfu_hash_name (hash));
    return FALSE;
  }
  return TRUE;
}

/* At least one checksum that is strong enough, and none that is wrong. */
static gboolean
check_checksums (const Question *question, const QfuJcatItem *item, GError **error)
{
  guint good = 0;

  for (guint i = 0; i < item->blobs->len; i++) {
    const QfuJcatBlob *blob = &g_array_index (item->blobs, QfuJcatBlob, i);

    if (blob->kind != QFU_JCAT_SHA256 && blob->kind != QFU_JCAT_SHA512)
      continue;
    if (!checksum_matches (question, blob, error))
      return FALSE;
    good++;
  }
  if (good > 0)
    return TRUE;
  g_set_error_literal (error, QFU_ERROR, QFU_ERROR_SIGNATURE,
                       "the jcat file has no sha256 or sha512 for it");
  return FALSE;
}

/* Keeps the first reason, unless a later one says more than that an algorithm is unknown. */
static void
keep_reason (GError **reason, GError *later)
{
  if (*reason == NULL || g_error_matches (*reason, QFU_ERROR, QFU_ERROR_UNSUPPORTED)) {
    g_clear_error (reason);
    *reason = later;
    return;
  }
  g_error_free (later);
}

/* PEM is text: bytes that a text does not have would be carried on to fwupd. DER starts otherwise.
 */
static gboolean
check_shape (const QfuJcatBlob *blob, GError **error)
{
  gsize size;
  const char *untrusted_data = g_bytes_get_data (blob->data, &size);

  for (gsize i = 0; i < size && untrusted_data[0] == '-'; i++) {
    if (!g_ascii_isprint (untrusted_data[i]) && !g_ascii_isspace (untrusted_data[i])) {
      g_set_error_literal (error, QFU_ERROR, QFU_ERROR_SIGNATURE, "the signature is no PEM text");
      return FALSE;
    }
  }
  return TRUE;
}

static QfuSignature *
find_signature (const Question *question, const QfuJcatItem *item, GError **error)
{
  g_autoptr (GError) reason = NULL;
  guint unknown = 0;

  for (guint i = 0; i < item->blobs->len; i++) {
    const QfuJcatBlob *blob = &g_array_index (item->blobs, QfuJcatBlob, i);
    g_autoptr (QfuSignature) signature = NULL;
    GError *local = NULL;

    if (blob->kind != QFU_JCAT_PKCS7)
      continue;
    if (check_shape (blob, &local))
      signature = ask_worker (question, blob->data, &local);
    if (signature != NULL) {
      signature->unknown = unknown;
      signature->pkcs7 = g_bytes_ref (blob->data);
      return g_steal_pointer (&signature);
    }
    unknown += g_error_matches (local, QFU_ERROR, QFU_ERROR_UNSUPPORTED);
    keep_reason (&reason, local);
  }
  if (reason == NULL)
    g_set_error_literal (&reason, QFU_ERROR, QFU_ERROR_SIGNATURE,
                         "the jcat file has no PKCS#7 signature for it");
  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}

static QfuSignature *
verify_item (const Question *question, const QfuJcatItem *item, GError **error)
{
  g_autoptr (QfuSignature) signature = NULL;

  if (!check_checksums (question, item, error))
    return NULL;
  signature = find_signature (question, item, error);
  if (signature == NULL)
    return NULL;
  signature->item_id = g_strdup (item->id);
  signature->aliases = g_strdupv (item->aliases);
  signature->sha256 = *qfu_untrusted_blob_sha256 (question->data);
  return g_steal_pointer (&signature);
}

QfuSignature *
qfu_signature_verify (const QfuConfig *config,
                      const QfuJcat *jcat,
                      const char *name,
                      const QfuUntrustedBlob *data,
                      const QfuSignaturePolicy *policy,
                      GError **error)
{
  Question question = {config, data, policy};
  g_autoptr (GError) reason = NULL;

  for (guint i = 0; i < qfu_jcat_size (jcat); i++) {
    const QfuJcatItem *item = qfu_jcat_item (jcat, i);
    QfuSignature *signature;

    if (!qfu_jcat_item_is (item, name))
      continue;
    g_clear_error (&reason);
    signature = verify_item (&question, item, &reason);
    if (signature != NULL)
      return signature;
  }
  if (reason == NULL)
    g_set_error_literal (&reason, QFU_ERROR, QFU_ERROR_NOT_FOUND, "the jcat file does not list it");
  g_prefix_error (&reason, "%s: ", name);
  g_propagate_error (error, g_steal_pointer (&reason));
  return NULL;
}
